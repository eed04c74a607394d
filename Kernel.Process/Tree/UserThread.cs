// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Signals;
using Kernel.Abstractions.Syscalls;
using Kernel.Process.Signals;
using Ostd.Sync;
using Ostd.Tasks;
using Ostd.User;

namespace Kernel.Process.Tree;

/// <summary>A thread of a user program.</summary>
internal sealed class UserThread : IThread
{
    private byte[]? _pathBuffer;
    private byte[]? _secondPathBuffer;
    private Credentials _credentials;
    private Task? _task;

    public UserThread(
        int tid, UserProcess process, UserContext context, Credentials credentials, IFileTable files, IFileSystemContext fileSystem, ThreadAttributes attributes)
    {
        Tid = tid;
        UserProcess = process;
        Context = context;
        _credentials = credentials;
        Files = files;
        FileSystem = fileSystem;
        Attributes = attributes;
        SignalState = new ThreadSignals(this);
    }

    public int Tid { get; internal set; }

    internal UserProcess UserProcess { get; }

    public IProcess Process => UserProcess;

    internal ProcessTable Table => UserProcess.Table;

    /// <summary>Set before the thread starts.</summary>
    public Task Task
    {
        get => _task!;
        internal set => _task = value;
    }

    public UserContext Context { get; }

    public string CommandName { get; set; } = "";

    public Credentials Credentials
    {
        get => _credentials;
        set
        {
            _credentials = value;
            using var guard = Table.Lock.Acquire();
            if (!IsDead)
                Table.MoveUserLocked(this, value.RealUid);
        }
    }

    /// <summary>The user for whom the thread counts; changed by the process table only.</summary>
    internal uint AccountedUid { get; set; }

    public IFileTable Files { get; internal set; }

    public IFileSystemContext FileSystem { get; internal set; }

    public ISignalState Signals => SignalState;

    internal ThreadSignals SignalState { get; }

    // Most threads never walk a path: the buffers come with the first one.
    public byte[] PathBuffer => _pathBuffer ??= new byte[UserPath.MaxLength];

    public byte[] SecondPathBuffer => _secondPathBuffer ??= new byte[UserPath.MaxLength];

    public RestartBlock? RestartBlock { get; set; }

    public ThreadAttributes Attributes { get; internal set; }

    public ulong ClearChildTid { get; set; }

    /// <summary>Where the child writes its id when it first runs (CLONE_CHILD_SETTID); 0 for nowhere.</summary>
    internal ulong SetChildTid { get; set; }

    public ulong RobustListHead { get; set; }

    public bool HasDeliverableSignal => Task.IsInterrupted;

    /// <summary>Asked to exit by itself (exit(2)), with this code.</summary>
    internal bool IsExitRequested { get; set; }

    internal int ExitCode { get; set; }

    /// <summary>It has exited; its process may go on.</summary>
    internal bool IsDead { get; set; }

    /// <summary>It is to take part in the stop that is under way. Guarded by the table's lock.</summary>
    internal bool IsStopRequested { get; set; }

    /// <summary>It stands still in a stop.</summary>
    internal bool IsStopped { get; set; }

    /// <summary>The registers hold what user mode is to see: sigreturn and execve have set them, so the call's result is not stored.</summary>
    internal bool KeepsRegisters { get; set; }

    /// <summary>The last CPU exception, for the frame of its signal (err, trapno and cr2 of <c>struct sigcontext</c>).</summary>
    internal UserException LastException { get; set; }

    /// <summary>The thread has to end without running user code again. Read without the lock: it never becomes false, as a thread that executes a program gives up only when the whole process ends.</summary>
    internal bool IsDying => UserProcess.IsExiting || IsExitRequested || (UserProcess.ExecutingThread is { } other && !ReferenceEquals(other, this));

    public ProcessState State =>
        IsDead ? ProcessState.Zombie : IsStopped ? ProcessState.Stopped : Task.IsSleeping ? ProcessState.Sleeping : ProcessState.Running;

    internal ProcessUsage Usage => new(Task.UserTimeNs, Task.KernelTimeNs, 0, 0, 0, Task.VoluntarySwitches, Task.InvoluntarySwitches);

    public void Unshare(bool files, bool fileSystem)
    {
        if (files && Files.IsShared)
        {
            var shared = Files;
            Files = shared.Clone();
            shared.Release(UserProcess);
        }

        if (fileSystem)
            FileSystem = FileSystem.Clone();
    }

    /// <summary>Makes the thread look for work before it returns to user mode, and leave an interruptible sleep, if there is work to do.</summary>
    internal void RecalculateInterruptLocked()
    {
        if (HasWorkLocked)
            Task.Interrupt();
    }

    private bool HasWorkLocked =>
        IsDying || IsStopRequested || !((SignalState.OwnPending.Set | UserProcess.Pending.Set) & ~SignalState.Mask).IsEmpty;

    /// <summary>Sleeps until the condition holds or the thread has to end; other signals wait (Linux's TASK_KILLABLE).</summary>
    /// <returns>False when it has to end.</returns>
    internal bool WaitKillable<TState>(WaitQueue queue, TState state, Func<TState, bool> condition)
    {
        while (true)
        {
            var result = queue.WaitInterruptible(state, condition);
            if (result == WaitResult.Ready)
                break;

            // Cleared first and looked at afterwards: a kill that comes in between marks the task again.
            Task.ClearInterrupt();
            if (IsDying)
            {
                Task.Interrupt();
                return false;
            }
        }

        using var guard = Table.Lock.Acquire();
        RecalculateInterruptLocked();
        return true;
    }
}
