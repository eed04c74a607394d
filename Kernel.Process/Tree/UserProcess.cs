// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Memory;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Signals;
using Kernel.Abstractions.Terminals;
using Kernel.Process.Signals;
using Ostd.Sync;
using Ostd.Time;

namespace Kernel.Process.Tree;

/// <summary>A process. The process table's lock guards what changes, unless a member says otherwise.</summary>
internal sealed class UserProcess(ProcessTable table, int pid, UserProcess? parent, SignalDispositions dispositions, ResourceLimits limits) : IProcess
{
    private UserProcess? _firstChild;
    private UserProcess? _lastChild;
    private UserProcess? _nextSibling;
    private UserProcess? _previousSibling;

    public int Pid { get; } = pid;

    internal ProcessTable Table { get; } = table;

    internal UserProcess? ParentProcess { get; set; } = parent;

    public int ParentPid => ParentProcess?.Pid ?? 0;

    public IProcess? Parent => ParentProcess;

    /// <summary>Set by clone and execve, null from the exit of the last thread on.</summary>
    public IAddressSpace? AddressSpace { get; internal set; }

    public ResourceLimits Limits { get; } = limits;

    internal ProcessGroup? Group { get; set; }

    internal int IndexInGroup { get; set; }

    public int ProcessGroupId => Group?.Id ?? 0;

    public int SessionId => Group?.Session.Id ?? 0;

    public ITerminal? ControllingTerminal => HasGivenUpTerminal ? null : Group?.Session.ControllingTerminal;

    /// <summary>It has parted from the terminal that the rest of its session keeps (TIOCNOTTY).</summary>
    internal bool HasGivenUpTerminal { get; set; }

    public bool IsSessionLeader => Group is { } group && ReferenceEquals(group.Session.Leader, this);

    /// <summary>Threads that have not exited.</summary>
    internal List<UserThread> LiveThreads { get; } = [];

    internal UserThread Main { get; set; } = null!;

    public IThread MainThread => Main;

    public IReadOnlyList<IThread> Threads
    {
        get
        {
            using var guard = Table.Lock.Acquire();
            return LiveThreads.ToArray();
        }
    }

    public IReadOnlyList<IProcess> Children
    {
        get
        {
            var list = new List<IProcess>();
            using var guard = Table.Lock.Acquire();
            for (var child = _firstChild; child is not null; child = child._nextSibling)
                list.Add(child);
            return list;
        }
    }

    internal UserProcess? FirstChild => _firstChild;

    internal UserProcess? NextSibling => _nextSibling;

    public OpenFile? Executable { get; internal set; }

    public long StartTimeNs { get; } = Clock.MonotonicNs;

    /// <summary>What it does about each signal; shared by CLONE_SIGHAND.</summary>
    internal SignalDispositions Dispositions { get; set; } = dispositions;

    /// <summary>Signals for any of its threads.</summary>
    internal PendingSignals Pending { get; } = new();

    /// <summary>The signal that the parent gets at the end; 0 for none.</summary>
    internal int ExitSignal { get; set; }

    /// <summary>True when it has executed a program since it was forked: setpgid by its parent then fails (EACCES).</summary>
    internal bool HasExecuted { get; set; }

    /// <summary>All threads are to exit, and <see cref="ExitStatus"/> is decided.</summary>
    internal bool IsExiting { get; set; }

    /// <summary>Live threads that have begun to exit.</summary>
    internal int ExitingThreads { get; set; }

    /// <summary>All threads have exited; nobody has waited for it.</summary>
    internal bool IsZombie { get; set; }

    /// <summary>Reaped: no longer in the table.</summary>
    internal bool IsReaped { get; set; }

    public int ExitStatus { get; internal set; }

    /// <summary>The thread that executes a new program and waits for the others to end (man 2 execve); null otherwise.</summary>
    internal UserThread? ExecutingThread { get; set; }

    /// <summary>The stop signal while a stop is under way or complete; 0 otherwise.</summary>
    internal Signal StopSignal { get; set; }

    /// <summary>All threads have stopped.</summary>
    internal bool IsStopped { get; set; }

    /// <summary>A stop or a continuation that the parent has not waited for.</summary>
    internal bool HasUnreportedStop { get; set; }

    internal bool HasUnreportedContinue { get; set; }

    /// <summary>Init gets no signal that it has no handler for (man 2 kill).</summary>
    internal bool IsUnkillable { get; set; }

    /// <summary>Signals as long as it is stopped or for stopped threads to go on.</summary>
    internal WaitQueue StopQueue { get; } = new();

    /// <summary>Notified when a child changes state, a thread ends, or a vfork child lets go.</summary>
    internal WaitQueue ChildQueue { get; } = new();

    /// <summary>The process that waits in vfork until this one has executed or exited; null when there is none. Its maker, which with CLONE_PARENT is not its parent.</summary>
    internal UserProcess? VforkWaiter { get; set; }

    /// <summary>Resources of threads that have exited, and of children that were waited for.</summary>
    internal ProcessUsage ExitedUsage { get; set; }

    internal ProcessUsage ChildrenUsage { get; set; }

    /// <summary>CPU time at which RLIMIT_CPU signals next; touched by the watcher only.</summary>
    internal ulong NextCpuSignalSeconds { get; set; }

    public bool IsDumpable { get; set; } = true;

    public bool IsChildSubreaper { get; set; }

    public ProcessState State => IsZombie ? ProcessState.Zombie : IsReaped ? ProcessState.Dead : Main.State;

    public SignalSet IgnoredSignals => Dispositions.Ignored;

    public SignalSet CaughtSignals => Dispositions.Caught;

    public SignalSet PendingSignals => Pending.Set;

    public ProcessTimes Times
    {
        get
        {
            using var guard = Table.Lock.Acquire();
            var own = ThreadUsageLocked();
            return new(own.UserNs, own.KernelNs, ChildrenUsage.UserNs, ChildrenUsage.KernelNs, own.VoluntarySwitches, own.InvoluntarySwitches);
        }
    }

    /// <summary>Resources of all its threads, exited ones included. Memory is not in it: see <see cref="MemoryUsage"/>.</summary>
    internal ProcessUsage ThreadUsageLocked()
    {
        var usage = ExitedUsage;
        foreach (var thread in LiveThreads)
            usage += thread.Usage;
        return usage;
    }

    /// <summary>Memory part of the usage. May sleep.</summary>
    internal ProcessUsage MemoryUsage() => MemoryUsageOf(AddressSpace);

    internal static ProcessUsage MemoryUsageOf(IAddressSpace? space)
    {
        if (space is null)
            return default;
        var statistics = space.GetUsage();
        return new ProcessUsage(0, 0, statistics.PeakResident, statistics.MinorFaults, statistics.MajorFaults, 0, 0);
    }

    internal void AddChildLocked(UserProcess child)
    {
        child.ParentProcess = this;
        child._previousSibling = _lastChild;
        child._nextSibling = null;
        if (_lastChild is null)
            _firstChild = child;
        else
            _lastChild._nextSibling = child;
        _lastChild = child;
    }

    internal void RemoveChildLocked(UserProcess child)
    {
        if (child._previousSibling is null)
            _firstChild = child._nextSibling;
        else
            child._previousSibling._nextSibling = child._nextSibling;
        if (child._nextSibling is null)
            _lastChild = child._previousSibling;
        else
            child._nextSibling._previousSibling = child._previousSibling;
        child._nextSibling = child._previousSibling = null;
    }

    public override string ToString() => $"{Pid} ({Main.CommandName})";
}
