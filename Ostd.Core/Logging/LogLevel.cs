// SPDX-License-Identifier: MPL-2.0
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
