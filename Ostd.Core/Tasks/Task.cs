// SPDX-License-Identifier: MPL-2.0
using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading;
using Ostd.Arch;
using Ostd.Memory;
using Ostd.Sync;
using Ostd.Time;
using Ostd.Traps;

namespace Ostd.Tasks;

/// <summary>A kernel thread of execution with a stack of its own. A user thread is a task that calls <see cref="User.UserMode.Execute"/> in a loop.</summary>
public sealed partial class Task
{
    private readonly Action<object?>? _entry;
    private readonly TaskTimeout _timeout;
    private int _state;
    private int _isInterrupted;
    private int _isInUserMode;
    private long _runTimeNs;
    private RawSpinLock _timesLock;
    private long _reportedUserNs;
    private long _reportedKernelNs;
    private int _userTicks;
    private int _kernelTicks;
    private long _voluntarySwitches;
    private long _involuntarySwitches;
    private Waiter? _freeWaiters;

    // For the one that looks for hung tasks.
    private long _agedSwitches;
    private int _waitRounds;

    // Guarded by TaskList's lock.
    internal Task? NextInList;
    internal Task? PreviousInList;

    private Task(Action<object?>? entry, object? data, string name)
    {
        _entry = entry;
        Data = data;
        Name = name;
        Scheduling = new SchedulingEntity();
        _timeout = new TaskTimeout(this);
        _freeWaiters = new Waiter(this) { NextFree = new Waiter(this) };
        if (TaskHosting.IsHosted)
        {
            HostToken = TaskHosting.CreateToken();
        }
    }

    /// <summary>The running task.</summary>
    [InterruptSafe]
    public static Task Current
    {
        get
        {
            object? current = ThisCpu.CurrentTask;
            if (current is null)
            {
#pragma warning disable OST2011 // Of the hosted architecture alone: a thread of the host is no interrupt handler.
                return AdoptCurrent();
#pragma warning restore OST2011
            }

            // SAFETY: only tasks are ever stored there.
            return Unsafe.As<Task>(current);
        }
    }

    /// <summary>What the kernel hangs on the task (its thread object); set at creation.</summary>
    public object? Data { get; }

    /// <summary>For logs and traces.</summary>
    public string Name { get; set; }

    /// <summary>Scheduling attributes that the injected scheduler reads and keeps.</summary>
    [InterruptSafe]
    public SchedulingEntity Scheduling { get; }

    /// <summary>True while marked by <see cref="Interrupt"/>.</summary>
    public bool IsInterrupted => Volatile.Read(ref _isInterrupted) != 0;

    /// <summary>Time in user mode, in nanoseconds. The run time is exact; its split between user mode and kernel is sampled by ticks, as Linux does, and never goes back.</summary>
    public long UserTimeNs
    {
        get
        {
            SplitRunTime(out long user, out _);
            return user;
        }
    }

    /// <summary>Time in the kernel, in nanoseconds.</summary>
    public long KernelTimeNs
    {
        get
        {
            SplitRunTime(out _, out long kernel);
            return kernel;
        }
    }

    /// <summary>CPU that it runs on or ran on last.</summary>
    [InterruptSafe]
    public int LastCpu { get; internal set; }

    /// <summary>Voluntary switches away from it.</summary>
    public long VoluntarySwitches => Volatile.Read(ref _voluntarySwitches);

    /// <summary>Forced switches away from it.</summary>
    public long InvoluntarySwitches => Volatile.Read(ref _involuntarySwitches);

    /// <summary>The user address space that <see cref="Memory.VmSpace.Activate"/> gave it; the context switch calls <see cref="Memory.VmSpace.Load"/> with the next task's.</summary>
    internal VmSpace? VmSpace { get; set; }

    /// <summary>True while it waits (on a wait queue, a mutex or a clock); false while it runs or is runnable.</summary>
    [NoAlloc]
    public bool IsSleeping => State == TaskState.Sleeping;

    [InterruptSafe]
    internal TaskState State => (TaskState)Volatile.Read(ref _state);

    /// <summary>It runs or waits to run: in no wait. Guarded by its CPU's lock.</summary>
    internal bool IsOnQueue { get; set; }

    /// <summary>It is in the policy's queue. Guarded by its CPU's lock.</summary>
    internal bool IsQueued { get; set; }

    /// <summary>Link of <see cref="CpuState.Migrating"/>.</summary>
    internal Task? NextMigrating { get; set; }

    internal object? HostToken { get; }

    internal ulong StackStart { get; set; }

    internal ulong StackEnd { get; set; }

    /// <summary>Its stack has overflowed, and the reserve at its end is in use. Changed by the task itself.</summary>
    internal StackReserve StackReserve { get; set; }

    /// <summary>Its stack is a part of the kernel image.</summary>
    internal bool IsOnBootStack { get; private init; }

    internal nint RuntimeThread { get; set; }

    /// <summary>The registers with which it last ran in user mode: the CPU may still hold a part of their state.</summary>
    internal User.UserContext? UserContext { get; set; }

    /// <summary>Ends a sleep at a time.</summary>
    internal TaskTimeout Timeout => _timeout;

    /// <summary>Creates a task that is not yet runnable.</summary>
    /// <returns>False when there is no memory for its stack.</returns>
    public static bool TryCreate(Action<object?> entry, object? data, string name, [NotNullWhen(true)] out Task? task)
    {
        ArgumentNullException.ThrowIfNull(entry);
        var created = new Task(entry, data, name);
        if (!TaskHosting.IsHosted && !TaskRuntime.TryCreate(created))
        {
            task = null;
            return false;
        }

        created.LastCpu = ThisCpu.Id;
        TaskList.Add(created);
        task = created;
        return true;
    }

    /// <summary>Makes a created task runnable, once.</summary>
    public void Start() => Scheduler.Start(this);

    /// <summary>
    /// Says on which CPUs the task may run, bit by bit; a set without a CPU that runs stands for all. On return it runs on no other: it may have been moved, the caller itself too.
    /// Not in atomic mode.
    /// </summary>
    public void SetAffinity(ulong cpus) => Scheduler.SetAffinity(this, cpus);

    /// <summary>
    /// Marks the task as interrupted: it leaves any interruptible wait, now or at its next one, and <see cref="User.UserMode.Execute"/> returns to the kernel at once. The mark stays until
    /// <see cref="ClearInterrupt"/>. May be called from interrupt handlers.
    /// </summary>
    /// <remarks>
    /// Nothing is lost: the mark is set before the wake, and the sleeper looks at the mark after it has announced its sleep; before user mode is entered the mark is looked at with
    /// interrupts off, and a CPU that runs the task in user mode is interrupted.
    /// </remarks>
    public void Interrupt()
    {
        Interlocked.Exchange(ref _isInterrupted, 1);
        if (!Scheduler.Wake(this) && Volatile.Read(ref _isInUserMode) != 0)
        {
            Cpus.InterProcessor.Kick(LastCpu);
        }
    }

    /// <summary>Takes the mark away. Called by the task itself, before it looks for the signals that are pending.</summary>
    public void ClearInterrupt() => Interlocked.Exchange(ref _isInterrupted, 0);

    /// <summary>Lets another task run, if one is runnable.</summary>
    public static void Yield() => Scheduler.Yield();

    /// <summary>Sleeps until the monotonic clock reaches the deadline; interruptible.</summary>
    /// <returns>False when interrupted before.</returns>
    public static bool SleepUntil(long deadlineNs)
    {
        AtomicMode.MightSleep();
        Task current = Current;
        current._timeout.Arm(deadlineNs);
        while (true)
        {
            Scheduler.PrepareToSleep(current);
            if (current._timeout.HasExpired)
            {
                Scheduler.CancelSleep(current);
                return true;
            }

            if (current.IsInterrupted)
            {
                Scheduler.CancelSleep(current);
                current._timeout.Disarm();
                return current._timeout.HasExpired;
            }

            Scheduler.Sleep(current);
        }
    }

    /// <summary>Ends the current task. Its entry returning does the same.</summary>
    [DoesNotReturn]
    public static void Exit()
    {
        AtomicMode.MightSleep();
        OnLastLockGone();
        Task current = Current;
        if (TaskHosting.IsHosted)
        {
            TaskList.Remove(current);
            TaskHosting.ExitThread();
        }

        Scheduler.ExitCurrent(current);
    }

    /// <summary>Makes the code that runs now a task: the boot code, or a thread of the host that calls into OSTD.</summary>
    internal static Task Adopt(string name)
    {
        var task = new Task(null, null, name) { IsOnQueue = true, IsOnBootStack = true };
        task.ExchangeState(TaskState.Runnable);
        TaskList.Add(task);
        ThisCpu.CurrentTask = task;
        if (!TaskHosting.IsHosted)
        {
            TaskRuntime.Adopt(task);
        }

        return task;
    }

    /// <summary>Makes the idle task of a further CPU, which begins on its stack.</summary>
    /// <returns>Null when there is no memory for the stack.</returns>
    internal static Task? TryCreateIdle(int cpu)
    {
        var task = new Task(null, null, "idle") { IsOnQueue = true, LastCpu = cpu };
        if (!TaskRuntime.TryCreate(task))
        {
            return null;
        }

        task.ExchangeState(TaskState.Runnable);
        TaskList.Add(task);
        return task;
    }

    /// <summary>For debug kernels: the task may hold no lock here. Elsewhere the call is not compiled.</summary>
    internal static void CheckHoldsNoLock() => OnLastLockGone();

    static partial void OnLastLockGone();

    [InterruptSafe]
    internal TaskState ExchangeState(TaskState state) => (TaskState)Interlocked.Exchange(ref _state, (int)state);

    internal void Run() => _entry!(Data);

    internal void RunHosted() => TaskHosting.Run(
        static state =>
        {
            var task = (Task)state!;
            ThisCpu.CurrentTask = task;
            task.ExchangeState(TaskState.Runnable);
            task.Run();
            TaskList.Remove(task);
        },
        this);

    internal void SetInUserMode(bool value) => Volatile.Write(ref _isInUserMode, value ? 1 : 0);

    [InterruptSafe]
    internal void AddRunTime(long elapsedNs) => Volatile.Write(ref _runTimeNs, _runTimeNs + elapsedNs);

    [InterruptSafe]
    internal void CountTick()
    {
        if (_isInUserMode != 0)
        {
            _userTicks++;
        }
        else
        {
            _kernelTicks++;
        }
    }

    [InterruptSafe]
    internal void CountSwitch(bool isVoluntary)
    {
        if (isVoluntary)
        {
            _voluntarySwitches++;
        }
        else
        {
            _involuntarySwitches++;
        }
    }

    /// <summary>It sleeps, or is about to, where neither a signal nor a deadline can end that (Linux: TASK_UNINTERRUPTIBLE). Written by the task itself.</summary>
    internal bool IsInUninterruptibleWait { get; set; }

    /// <summary>See <see cref="TaskList.AgeWaits"/>.</summary>
    internal void AgeWait()
    {
        long switches = VoluntarySwitches + InvoluntarySwitches;
        _waitRounds = IsInUninterruptibleWait && IsSleeping && switches == _agedSwitches ? _waitRounds + 1 : 0;
        _agedSwitches = switches;
    }

    /// <summary>See <see cref="TaskList.FindHung"/>.</summary>
    internal bool TryTakeHung(int rounds)
    {
        if (_waitRounds != rounds)
        {
            return false;
        }

        _waitRounds++; // reported, until it has run again
        return true;
    }

    internal bool ContainsStackAddress(ulong address) => address >= StackStart && address < StackEnd;

    // With interrupts off, on another task's stack.
    [InterruptSafe]
    internal void ReleaseResources()
    {
        TaskList.Remove(this);
        UserContext = null;
        TaskRuntime.Release(this);
    }

    /// <summary>A record for one wait. Waits nest when the condition of one sleeps itself; two records are kept, more are made when needed.</summary>
    internal Waiter RentWaiter()
    {
        Waiter? waiter = _freeWaiters;
        if (waiter is null)
        {
            return new Waiter(this);
        }

        _freeWaiters = waiter.NextFree;
        waiter.NextFree = null;
        return waiter;
    }

    internal void ReturnWaiter(Waiter waiter)
    {
        waiter.NextFree = _freeWaiters;
        _freeWaiters = waiter;
    }

    private static Task AdoptCurrent()
    {
        if (!TaskHosting.IsHosted)
        {
            Boot.Panic.Halt("there are no tasks yet");
        }

        return Adopt("host");
    }

    // The samples are scaled to the exact run time (getrusage(2) promises that neither part goes back), so never report less than before.
    private void SplitRunTime(out long user, out long kernel)
    {
        if (this == Current)
        {
            Scheduler.AccountCurrent();
        }

        // One reader at a time: what was reported must never be more than the total that the next one sees.
        bool wereEnabled = _timesLock.Enter();
        long total = Volatile.Read(ref _runTimeNs);
        long userTicks = Volatile.Read(ref _userTicks);
        long allTicks = userTicks + Volatile.Read(ref _kernelTicks);
        user = allTicks == 0 ? 0 : (long)(total * ((double)userTicks / allTicks));
        user = Math.Clamp(user, Math.Min(_reportedUserNs, total), Math.Max(0, total - _reportedKernelNs));
        kernel = total - user;
        _reportedUserNs = Math.Max(_reportedUserNs, user);
        _reportedKernelNs = Math.Max(_reportedKernelNs, kernel);
        _timesLock.Exit(wereEnabled);
    }
}
