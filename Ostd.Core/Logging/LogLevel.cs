// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Logging;

/// <summary>Severity, with syslog's numbers (man 3 syslog).</summary>
public enum LogLevel
{
    /// <summary>The system is unusable.</summary>
    Emergency,

    /// <summary>Somebody has to act at once.</summary>
    Alert,

    /// <summary>A critical condition.</summary>
    Critical,

    /// <summary>Something failed.</summary>
    Error,

    /// <summary>Something may fail.</summary>
    Warning,

    /// <summary>Normal, but of significance.</summary>
    Notice,

    /// <summary>What happens.</summary>
    Info,

    /// <summary>How it happens.</summary>
    Debug,
}
