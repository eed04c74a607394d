// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions.Composition;

namespace Kernel.Abstractions.Processes;

/// <summary>Options of wait4(2) and waitid(2).</summary>
[Flags]
[AllowUndefinedFlags]
public enum WaitOptions
{
    None = 0,
    WNOHANG = 1,
    WUNTRACED = 2,
    WSTOPPED = 2,
    WEXITED = 4,
    WCONTINUED = 8,
    WNOWAIT = 0x01000000,
    __WNOTHREAD = 0x20000000,
    __WALL = 0x40000000,
    __WCLONE = unchecked((int)0x80000000),
}

/// <summary>Which children are waited for (<c>idtype_t</c>).</summary>
public enum WaitTarget
{
    P_ALL = 0,
    P_PID = 1,
    P_PGID = 2,
    P_PIDFD = 3,
}

/// <summary>What happened to a child.</summary>
/// <param name="Pid">0 when WNOHANG found nothing.</param>
/// <param name="Code">CLD_EXITED 1, KILLED 2, DUMPED 3, STOPPED 5, CONTINUED 6.</param>
/// <param name="Status">Exit code or signal number.</param>
/// <param name="WaitStatus">The status word of waitpid(2).</param>
public readonly record struct WaitOutcome(int Pid, uint Uid, int Code, int Status, int WaitStatus, ProcessUsage Usage);

/// <summary>Resources a process used (man 2 getrusage). Times in nanoseconds, the peak in bytes.</summary>
public readonly record struct ProcessUsage(long UserNs, long KernelNs, long PeakResidentBytes, long MinorFaults, long MajorFaults, long VoluntarySwitches, long InvoluntarySwitches)
{
    public static ProcessUsage operator +(ProcessUsage left, ProcessUsage right) => new(
        left.UserNs + right.UserNs,
        left.KernelNs + right.KernelNs,
        Math.Max(left.PeakResidentBytes, right.PeakResidentBytes),
        left.MinorFaults + right.MinorFaults,
        left.MajorFaults + right.MajorFaults,
        left.VoluntarySwitches + right.VoluntarySwitches,
        left.InvoluntarySwitches + right.InvoluntarySwitches);
}

/// <summary>Waits for children and accounts for them.</summary>
public interface IWaitService
{
    /// <summary>Waits for a change of a child of the caller's process.</summary>
    /// <returns>ECHILD; or the restart error when a signal came first.</returns>
    Result<WaitOutcome> Wait(IThread caller, WaitTarget target, int id, WaitOptions options);

    /// <summary>RUSAGE_SELF, and RUSAGE_CHILDREN.</summary>
    ProcessUsage GetUsage(IProcess process, bool ofChildren);

    /// <summary>RUSAGE_THREAD.</summary>
    ProcessUsage GetUsage(IThread thread);
}
