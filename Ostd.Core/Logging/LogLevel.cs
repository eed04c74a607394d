// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Logging;

/// <summary>Severity, with syslog's numbers (man 3 syslog).</summary>
public enum LogLevel
{
    /// <summary>The system is unusable: a panic.</summary>
    Emergency,
    /// <summary>Somebody has to act at once: a lockup.</summary>
    Alert,
    /// <summary>A part of the kernel or of the hardware has failed for good.</summary>
    Critical,
    /// <summary>Something did not work that should have: an oops, a device that does not answer.</summary>
    Error,
    /// <summary>Something is odd; the kernel goes on without loss.</summary>
    Warning,
    /// <summary>Normal, and worth to be noticed.</summary>
    Notice,
    /// <summary>What was found and set up.</summary>
    Info,
    /// <summary>For the developers of the part that writes it.</summary>
    Debug,
}
