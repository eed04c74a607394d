// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Memory;
using Kernel.Abstractions.Signals;
using Kernel.Abstractions.Terminals;
using Ostd.Sync;

namespace Kernel.Abstractions.Processes;

/// <summary>The state letter of <c>/proc/pid/stat</c>.</summary>
public enum ProcessState
{
    Running,
    Sleeping,
    Stopped,
    Zombie,
    Dead,
}

/// <summary>A process: a thread group.</summary>
public interface IProcess
{
    int Pid { get; }

    /// <summary>Pid of the parent; 0 for init.</summary>
    int ParentPid { get; }

    IProcess? Parent { get; }

    /// <summary>The address space; null once exited.</summary>
    IAddressSpace? AddressSpace { get; }

    ResourceLimits Limits { get; }

    /// <summary>Process group and session ids.</summary>
    int ProcessGroupId { get; }

    int SessionId { get; }

    /// <summary>The session's controlling terminal, or null.</summary>
    ITerminal? ControllingTerminal { get; }

    bool IsSessionLeader { get; }

    ProcessState State { get; }

    /// <summary>The first thread (it may have exited while others go on).</summary>
    IThread MainThread { get; }

    /// <summary>A snapshot of the threads that live.</summary>
    IReadOnlyList<IThread> Threads { get; }

    /// <summary>A snapshot of the children, zombies included.</summary>
    IReadOnlyList<IProcess> Children { get; }

    /// <summary>The executable (for <c>/proc/pid/exe</c> and AT_EXECFN); null for none.</summary>
    OpenFile? Executable { get; }

    /// <summary>Monotonic time of its start, in nanoseconds.</summary>
    long StartTimeNs { get; }

    /// <summary>CPU time of its threads, and of its waited-for children, in nanoseconds.</summary>
    ProcessTimes Times { get; }

    /// <summary>The wait status once it is a zombie (man 2 waitpid).</summary>
    int ExitStatus { get; }

    /// <summary>Signals with the disposition SIG_IGN, and those with a handler (SigIgn and SigCgt of <c>/proc/pid/status</c>).</summary>
    SignalSet IgnoredSignals { get; }

    SignalSet CaughtSignals { get; }

    /// <summary>Signals pending for the process as a whole (ShdPnd).</summary>
    SignalSet PendingSignals { get; }

    /// <summary>PR_SET_DUMPABLE: false after a change of identity.</summary>
    bool IsDumpable { get; set; }

    /// <summary>PR_SET_CHILD_SUBREAPER: orphaned descendants become its children.</summary>
    bool IsChildSubreaper { get; set; }
}

/// <summary>CPU times in nanoseconds (man 2 times, getrusage), and page-fault counts.</summary>
public readonly record struct ProcessTimes(long UserNs, long KernelNs, long ChildrenUserNs, long ChildrenKernelNs, long VoluntarySwitches, long InvoluntarySwitches);

/// <summary>All processes.</summary>
public interface IProcessTable
{
    IProcess? FindProcess(int pid);

    IThread? FindThread(int tid);

    /// <summary>A snapshot in the order of pids.</summary>
    IReadOnlyList<IProcess> Processes { get; }

    int Count { get; }

    /// <summary>The pid handed out last (for <c>/proc/loadavg</c>).</summary>
    int LastPid { get; }

    /// <summary>Processes and threads forked since boot.</summary>
    long ForkCount { get; }
}

/// <summary>Starts the first process; called by the composition root when all is built.</summary>
public interface IInitProcess
{
    /// <summary>Starts it as pid 1. Panics, naming where it looked, when no init can be executed.</summary>
    void Start();
}

/// <summary>Resource limits (man 2 getrlimit), one pair each. Single values are read without a lock; pairs are read and changed as one.</summary>
public sealed class ResourceLimits
{
    public const ulong Infinity = ulong.MaxValue;

    private readonly SpinLock _lock = new();
    private readonly ulong[] _soft = new ulong[16];
    private readonly ulong[] _hard = new ulong[16];

    public ResourceLimits()
    {
        Array.Fill(_soft, Infinity);
        Array.Fill(_hard, Infinity);
        Set(ResourceKind.Stack, 8 << 20, Infinity);
        Set(ResourceKind.Core, 0, Infinity);
        Set(ResourceKind.OpenFiles, 1024, 4096);
        Set(ResourceKind.Processes, 7800, 7800);
        Set(ResourceKind.LockedMemory, 8 << 20, 8 << 20);
        Set(ResourceKind.PendingSignals, 7800, 7800);
        Set(ResourceKind.MessageQueue, 819200, 819200);
        Set(ResourceKind.Nice, 0, 0);
        Set(ResourceKind.RealTimePriority, 0, 0);
    }

    public ulong Soft(ResourceKind kind) => _soft[(int)kind];

    public ulong Hard(ResourceKind kind) => _hard[(int)kind];

    /// <summary>Both values of a limit, as they were set together.</summary>
    public (ulong Soft, ulong Hard) Get(ResourceKind kind)
    {
        using var guard = _lock.Acquire();
        return (_soft[(int)kind], _hard[(int)kind]);
    }

    public void Set(ResourceKind kind, ulong soft, ulong hard) => TrySet(kind, soft, hard, mayRaise: true, out _);

    /// <summary>Sets a limit.</summary>
    /// <param name="mayRaise">The hard limit may become larger (CAP_SYS_RESOURCE).</param>
    /// <param name="old">What it was.</param>
    /// <returns>False when it may not; nothing is changed then.</returns>
    public bool TrySet(ResourceKind kind, ulong soft, ulong hard, bool mayRaise, out (ulong Soft, ulong Hard) old)
    {
        using var guard = _lock.Acquire();
        old = (_soft[(int)kind], _hard[(int)kind]);
        if (!mayRaise && hard > old.Hard)
            return false;
        _soft[(int)kind] = soft;
        _hard[(int)kind] = hard;
        return true;
    }

    /// <summary>A copy, for fork.</summary>
    public ResourceLimits Clone()
    {
        var copy = new ResourceLimits();
        using var guard = _lock.Acquire();
        _soft.CopyTo(copy._soft, 0);
        _hard.CopyTo(copy._hard, 0);
        return copy;
    }
}

/// <summary>RLIMIT_* with Linux's generic numbers.</summary>
public enum ResourceKind
{
    CpuTime = 0,
    FileSize = 1,
    Data = 2,
    Stack = 3,
    Core = 4,
    ResidentSet = 5,
    Processes = 6,
    OpenFiles = 7,
    LockedMemory = 8,
    AddressSpace = 9,
    FileLocks = 10,
    PendingSignals = 11,
    MessageQueue = 12,
    Nice = 13,
    RealTimePriority = 14,
    RealTimeTimeout = 15,
}
