// SPDX-License-Identifier: MPL-2.0
using System;

namespace Ostd.Logging;

/// <summary>Severity, with syslog's numbers (man 3 syslog).</summary>
public enum LogLevel
{
    Emergency,
    Alert,
    Critical,
    Error,
    Warning,
    Notice,
    Info,
    Debug,
}

/// <summary>The kernel's log: a ring buffer, and the early console for what passes <see cref="ConsoleLevel"/>. Callable in any context.</summary>
public static class Log
{
    /// <summary>Messages more severe than this go to the console too (Linux's <c>loglevel=</c>).</summary>
    public static LogLevel ConsoleLevel { get; set; }

    public static void Write(LogLevel level, string message) => throw new NotSupportedException();

    public static void Error(string message) => Write(LogLevel.Error, message);

    public static void Warn(string message) => Write(LogLevel.Warning, message);

    public static void Info(string message) => Write(LogLevel.Info, message);

    public static void Debug(string message) => Write(LogLevel.Debug, message);

    /// <summary>Copies the ring buffer's newest bytes (for syslog(2) and /dev/kmsg).</summary>
    /// <returns>Bytes copied.</returns>
    public static int CopyRecent(Span<byte> destination) => throw new NotSupportedException();

    /// <summary>Bytes in the ring buffer.</summary>
    public static int Length => throw new NotSupportedException();
}
