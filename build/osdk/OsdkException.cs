// SPDX-License-Identifier: MPL-2.0

using System;

namespace Asterion.Osdk;

/// <summary>A failure that the user is told about in one sentence, without a stack trace.</summary>
internal sealed class OsdkException(string message, string? logFile = null, int exitCode = ExitCodes.ToolFailure) : Exception(message)
{
    /// <summary>The file with the details, if one was written.</summary>
    public string? LogFile { get; } = logFile;

    /// <summary>The status that osdk leaves with.</summary>
    public int ExitCode { get; } = exitCode;
}

/// <summary>Exit statuses of osdk itself. A guest command's own status is passed through, so these follow timeout(1) and env(1).</summary>
internal static class ExitCodes
{
    /// <summary>Something that was tested or built is not good.</summary>
    public const int Failed = 1;

    /// <summary>The kernel panicked, or the machine stopped without reporting a status.</summary>
    public const int KernelPanic = 121;

    /// <summary><c>--timeout</c> ran out.</summary>
    public const int TimedOut = 124;

    /// <summary>osdk could not do its work (a package, the build or QEMU failed).</summary>
    public const int ToolFailure = 125;

    /// <summary>Nobody reads standard output any more; what a shell reports for SIGPIPE.</summary>
    public const int OutputClosed = 141;

    /// <summary>The guest command does not exist.</summary>
    public const int CommandNotFound = 127;

    /// <summary>What a shell adds to the number of the signal that ended a program.</summary>
    public const int Interrupted = 128;
}
