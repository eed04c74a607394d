// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions.Processes;

namespace Kernel.Syscalls;

/// <summary><c>struct rusage</c> (man 2 getrusage); fields that Linux does not maintain are zero.</summary>
public struct ResourceUsage
{
    public long UserSeconds;
    public long UserMicroseconds;
    public long SystemSeconds;
    public long SystemMicroseconds;

    /// <summary>In KiB.</summary>
    public long MaximumResidentSet;
    public long SharedText;
    public long UnsharedData;
    public long UnsharedStack;
    public long MinorFaults;
    public long MajorFaults;
    public long Swaps;
    public long BlocksRead;
    public long BlocksWritten;
    public long MessagesSent;
    public long MessagesReceived;
    public long SignalsReceived;
    public long VoluntarySwitches;
    public long InvoluntarySwitches;

    /// <summary>From the kernel's own account.</summary>
    public static ResourceUsage From(in ProcessUsage usage) => new()
    {
        UserSeconds = usage.UserNs / 1_000_000_000,
        UserMicroseconds = usage.UserNs % 1_000_000_000 / 1000,
        SystemSeconds = usage.KernelNs / 1_000_000_000,
        SystemMicroseconds = usage.KernelNs % 1_000_000_000 / 1000,
        MaximumResidentSet = usage.PeakResidentBytes / 1024,
        MinorFaults = usage.MinorFaults,
        MajorFaults = usage.MajorFaults,
        VoluntarySwitches = usage.VoluntarySwitches,
        InvoluntarySwitches = usage.InvoluntarySwitches,
    };
}
