// SPDX-License-Identifier: MPL-2.0
using System;
using System.Threading;
using Ostd.Arch;
using Ostd.Boot;
using Ostd.Memory;
using Ostd.Time;

namespace Ostd.Tasks;

/// <summary>
/// The mechanism under the injected policy: sleeping, waking, switching.
/// </summary>
/// <remarks>
/// <para>Sleep and wake, without lost wake-ups. The sleeper: (1) publishes itself where wakers look (a wait queue, a timer); (2) <see cref="PrepareToSleep"/> sets its state to
/// Sleeping, with a full fence; (3) looks whether it was woken already, and if so calls <see cref="CancelSleep"/>; (4) else calls <see cref="Sleep"/>. The waker: (1) records the
/// reason (a flag in the waiter); (2) calls <see cref="Wake"/>, which under the lock of the sleeper's CPU sets the state back to Runnable, and queues the task if it has
/// left the CPU. Fences on both sides mean that either the sleeper sees the reason or the waker sees Sleeping. <see cref="Sleep"/> looks at the state again under the same lock, so
/// a wake between (3) and (4) makes it return at once. Wake-ups may be spurious: every sleeper looks at its reason again.</para>
/// <para>A task that is preempted between (2) and (4) stays in the queue although its state says Sleeping: preemption never takes a task off the queue.</para>
/// <para>Switching: with interrupts off and the CPU's lock held from before the choice until the next task, on its own stack, calls <see cref="FinishSwitch"/>. So whoever holds a
/// CPU's lock sees no task half switched.</para>
/// <para>Several CPUs. A woken task goes to the CPU that the policy names; a CPU with nothing to do takes a task from another's queue (<see cref="PullForIdle"/>); at ticks a CPU with queued tasks
/// wakes an idle one, and now and then takes a task from a CPU that has two more. A task that may not stay where it is (<see cref="SetAffinity"/>) is put aside when it would run next, and placed
/// anew when the switch is complete. While it is in no queue, it stays marked as runnable and on a queue, so that a wake finds nothing to do.</para>
/// <para>Lock order: timer queue, then CPU, then nothing; <see cref="Install"/> alone holds several CPUs', from the lowest number up.</para>
/// </remarks>
// SAFETY: saved stack pointers belong to tasks that are off the CPU, and change under that CPU's lock alone.
internal static partial class Scheduler
{
    private static CpuState[] s_cpus = null!;
    private static IScheduler s_policy = null!;
    private static bool s_isRunning;

    /// <summary>True once there is more than the boot code.</summary>
    [InterruptSafe]
    public static bool IsRunning => s_isRunning;

    public static int RunnableCount
    {
        get
        {
            int count = 0;
            for (int i = 0; i < s_cpus.Length; i++)
            {
                CpuState cpu = s_cpus[i];
                count += Volatile.Read(ref cpu.QueuedCount) + (Volatile.Read(ref cpu.Current) == cpu.Idle ? 0 : 1);
            }

            return count;
        }
    }

    public static long ContextSwitches
    {
        get
        {
            long count = 0;
            for (int i = 0; i < s_cpus.Length; i++)
            {
                count += Volatile.Read(ref s_cpus[i].ContextSwitches);
            }

            return count;
        }
    }

    /// <summary>The record of the CPU that calls; stable while preemption is off.</summary>
    [InterruptSafe]
    private static CpuState This => s_cpus[ThisCpu.Id];

    /// <summary>Begins with one idle task for each CPU, which it runs now or at once: the first is the code that calls.</summary>
    public static void Initialize(ReadOnlySpan<Task> idle)
    {
        s_policy = new FifoScheduler();
        var cpus = new CpuState[idle.Length];
        for (int cpu = 0; cpu < cpus.Length; cpu++)
        {
            cpus[cpu] = new CpuState(cpu, idle[cpu], idle[cpu]) { AccountedNs = Clock.MonotonicNs };
        }

        s_cpus = cpus;
        s_isRunning = true;
    }

    public static void Install(IScheduler policy)
    {
        bool wereEnabled = Interrupts.Disable();
        foreach (CpuState cpu in s_cpus)
        {
            cpu.Lock.EnterWithInterruptsOff();
        }

        IScheduler old = s_policy;
        s_policy = policy;
        foreach (CpuState cpu in s_cpus)
        {
            TakeOverQueue(cpu, old, policy);
            cpu.Lock.ExitWithInterruptsOff();
        }

        Interrupts.Restore(wereEnabled);
    }

    public static long IdleTimeNs(int cpu)
    {
        CpuState state = s_cpus[cpu];
        bool wereEnabled = state.Lock.Enter();
        long idle = state.IdleTimeNs;
        if (state.Current == state.Idle)
        {
            idle += Math.Max(0, Clock.MonotonicNs - state.AccountedNs);
        }

        state.Lock.Exit(wereEnabled);
        return idle;
    }

    /// <summary>Puts a task that has never run into a queue.</summary>
    public static void Start(Task task)
    {
        if (TaskHosting.IsHosted)
        {
            task.RunHosted();
            return;
        }

        bool wereEnabled = Interrupts.Disable();
        if (task.ExchangeState(TaskState.Runnable) != TaskState.Created)
        {
            Panic.Halt("a task is started twice");
        }

        int target = SelectCpu(task);
        CpuState cpu = s_cpus[target];
        cpu.Lock.EnterWithInterruptsOff();
        EnqueueLocked(cpu, task, isWakeup: true);
        cpu.Lock.ExitWithInterruptsOff();
        Interrupts.Restore(wereEnabled);
        PreemptIfDue(wereEnabled);
    }

    /// <summary>Step 2 of falling asleep.</summary>
    public static void PrepareToSleep(Task current) => current.ExchangeState(TaskState.Sleeping);

    /// <summary>Stays awake after all.</summary>
    public static void CancelSleep(Task current) => current.ExchangeState(TaskState.Runnable);

    /// <summary>Gives the CPU away until <see cref="Wake"/>; returns at once if that came after <see cref="PrepareToSleep"/>.</summary>
    [NoAlloc]
    public static void Sleep(Task current)
    {
        if (TaskHosting.IsHosted)
        {
            TaskHosting.Park(current.HostToken!);
            return;
        }

        Interrupts.Disable();
        Switch(current, mayBlock: true);
        Interrupts.Enable();
    }

    /// <summary>Wakes a task if it sleeps or is about to. Callable in any context.</summary>
    /// <returns>False when it was awake.</returns>
    [InterruptSafe]
    public static bool Wake(Task task)
    {
        if (TaskHosting.IsHosted)
        {
            TaskHosting.Unpark(task.HostToken!);
            return true;
        }

        Interlocked.MemoryBarrier();
        bool wereEnabled = Interrupts.Disable();
        CpuState cpu = LockCpuOf(task);
        if (task.State != TaskState.Sleeping)
        {
            cpu.Lock.Exit(wereEnabled);
            return false;
        }

        task.ExchangeState(TaskState.Runnable);
        if (!task.IsOnQueue)
        {
            int target = SelectCpu(task);
            if (target != cpu.Id)
            {
                // The task is runnable and in no queue: nobody else can move it meanwhile.
                cpu.Lock.ExitWithInterruptsOff();
                cpu = s_cpus[target];
                cpu.Lock.EnterWithInterruptsOff();
            }

            EnqueueLocked(cpu, task, isWakeup: true);
        }

        cpu.Lock.Exit(wereEnabled);
        PreemptIfDue(wereEnabled);
        return true;
    }

    /// <summary>Lets other tasks run.</summary>
    public static void Yield()
    {
        if (TaskHosting.IsHosted)
        {
            Thread.Yield();
            return;
        }

        AtomicMode.MightSleep();
        Interrupts.Disable();
        Switch(This.Current, mayBlock: false);
        Interrupts.Enable();
    }

    /// <summary>Gives way if that is due. With interrupts on and preemption just turned on.</summary>
    [InterruptSafe]
    public static void PreemptCurrent()
    {
        if (!s_isRunning || TaskHosting.IsHosted)
        {
            return;
        }

        Interrupts.Disable();
        PreemptAtInterruptExit();
        Interrupts.Enable();
    }

    /// <summary>Gives way if that is due and the caller is not in atomic mode: after a wake.</summary>
    [InterruptSafe]
    public static void PreemptIfAllowed()
    {
        if (ThisCpu.NeedReschedule && ThisCpu.PreemptCount == 0 && Interrupts.AreEnabled)
        {
            PreemptCurrent();
        }
    }

    /// <summary>Gives way if that is due and allowed. With interrupts off, at the end of a trap that interrupted code with interrupts on.</summary>
    [InterruptSafe]
    public static void PreemptAtInterruptExit()
    {
        if (ThisCpu.NeedReschedule && ThisCpu.PreemptCount == 0 && s_isRunning)
        {
            Switch(This.Current, mayBlock: false);
        }
    }

    /// <summary>The tick of the CPU that calls, from the timer's interrupt.</summary>
    [InterruptSafe]
    public static void OnTick(long nowNs)
    {
        if (!s_isRunning)
        {
            return;
        }

        CpuState cpu = This;
        cpu.Lock.EnterWithInterruptsOff();
        if (cpu.Current != cpu.Idle)
        {
            cpu.Current.CountTick();
            if (Account(cpu, nowNs, isTick: true))
            {
                ThisCpu.NeedReschedule = true;
            }
        }

        cpu.Lock.ExitWithInterruptsOff();
        Diagnostics.SoftLockup.OnTick(cpu);
        if (s_cpus.Length > 1)
        {
            Balance(cpu);
        }
    }

    /// <summary>Brings the running task's times up to date.</summary>
    public static void AccountCurrent()
    {
        if (TaskHosting.IsHosted || !s_isRunning)
        {
            return;
        }

        bool wereEnabled = Interrupts.Disable();
        CpuState cpu = This;
        cpu.Lock.EnterWithInterruptsOff();
        if (Account(cpu, Clock.MonotonicNs, isTick: false))
        {
            ThisCpu.NeedReschedule = true;
        }

        cpu.Lock.Exit(wereEnabled);
    }

    /// <summary>True when the CPU that calls has nothing to run.</summary>
    [InterruptSafe]
    public static bool IsIdle => s_isRunning && This.Current == This.Idle;

    /// <summary>True when a CPU has nothing to run; the next moment it may have.</summary>
    [NoAlloc]
    public static bool IsIdleCpu(int cpu) => Volatile.Read(ref s_cpus[cpu].Current) == s_cpus[cpu].Idle && Volatile.Read(ref s_cpus[cpu].QueuedCount) == 0;

    /// <summary>Ends the current task: switches away from it for ever.</summary>
    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    public static void ExitCurrent(Task current)
    {
        Interrupts.Disable();
        current.ExchangeState(TaskState.Dead);
        Switch(current, mayBlock: true);
        Panic.Halt("a dead task runs");
    }

    /// <summary>What the idle task does.</summary>
    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    [NoAlloc]
    public static void IdleLoop()
    {
        CpuState cpu = This;
        Task idle = cpu.Idle;
        TimerQueue.StartWatch();
        while (true)
        {
            Interrupts.Disable();
            if (!ThisCpu.NeedReschedule && s_cpus.Length > 1)
            {
                PullForIdle(cpu);
            }

            if (ThisCpu.NeedReschedule)
            {
                Switch(idle, mayBlock: false);
                Interrupts.Enable();
            }
            else
            {
                Interrupts.EnableAndWait();
            }
        }
    }

    /// <summary>The other half of a switch, on the stack of the task switched to.</summary>
    [InterruptSafe]
    public static void FinishSwitch()
    {
        CpuState cpu = This;
        Task? previous = cpu.Previous;
        cpu.Previous = null;
        // Under the lock: once it is open, another CPU can wake a task that slept here, run it and end it there, before this one gets to look.
        bool hasEnded = previous is { State: TaskState.Dead };
        ExitAndPlace(cpu);
        Sync.GracePeriods.OnSwitch(cpu.Id);
        if (hasEnded)
        {
            previous!.ReleaseResources();
        }
    }

    [InterruptSafe]
    private static void PreemptIfDue(bool wereEnabled)
    {
        if (wereEnabled && ThisCpu.NeedReschedule && ThisCpu.PreemptCount == 0)
        {
            PreemptCurrent();
        }
    }

    // The task's CPU can change until its lock is held.
    [InterruptSafe]
    private static CpuState LockCpuOf(Task task)
    {
        while (true)
        {
            CpuState cpu = s_cpus[task.LastCpu];
            cpu.Lock.EnterWithInterruptsOff();
            if (cpu.Id == task.LastCpu)
            {
                return cpu;
            }

            cpu.Lock.ExitWithInterruptsOff();
        }
    }

    [InterruptSafe]
    private static void EnqueueLocked(CpuState cpu, Task task, bool isWakeup)
    {
        if (task.IsQueued)
        {
            Panic.Halt("a task is queued twice");
        }

        task.IsOnQueue = true;
        task.IsQueued = true;
        task.LastCpu = cpu.Id;
        cpu.QueuedCount++;
        bool preempts = PolicyEnqueue(cpu, task, isWakeup);
        if (!preempts && cpu.Current != cpu.Idle)
        {
            return;
        }

        if (cpu.Id == ThisCpu.Id)
        {
            ThisCpu.NeedReschedule = true;
        }
        else
        {
            Cpus.InterProcessor.RequestReschedule(cpu.Id);
        }
    }

    // With interrupts off. Returns when the task runs again.
    [InterruptSafe]
    private static void Switch(Task current, bool mayBlock)
    {
        CpuState cpu = This;
        cpu.Lock.EnterWithInterruptsOff();
        cpu.TicksSinceSwitch = 0;
        ThisCpu.NeedReschedule = false;
        long now = Clock.MonotonicNs;
        Account(cpu, now, isTick: false);
        if (mayBlock && current.State != TaskState.Runnable)
        {
            current.IsOnQueue = false;
            current.CountSwitch(isVoluntary: true);
        }
        else if (current != cpu.Idle && !MayRunOn(current, cpu.Id))
        {
            PutAsideLocked(cpu, current);
        }
        else if (current != cpu.Idle)
        {
            EnqueueLocked(cpu, current, isWakeup: false);
            ThisCpu.NeedReschedule = false;
        }

        Task next = PickNext(cpu);
        if (next == current)
        {
            ExitAndPlace(cpu);
            Sync.GracePeriods.OnSwitch(cpu.Id);
            return;
        }

        if (current.IsOnQueue && current != cpu.Idle)
        {
            current.CountSwitch(isVoluntary: false);
        }

        if (current == cpu.Idle)
        {
            TimerQueue.OnLeaveIdle(now);
        }

        cpu.ContextSwitches++;
        cpu.Current = next;
        cpu.Previous = current;
        ThisCpu.CurrentTask = next;
        VmSpace.Load(next.VmSpace);
        current.UserContext?.Save();
        TaskRuntime.Switch(current, next);
        FinishSwitch();
    }

    [InterruptSafe]
    private static Task PickNext(CpuState cpu)
    {
        while (true)
        {
            Task? next = PolicyPickNext(cpu);
            if (next is null)
            {
                return cpu.Idle;
            }

            next.IsQueued = false;
            cpu.QueuedCount--;
            if (MayRunOn(next, cpu.Id))
            {
                return next;
            }

            PutAsideLocked(cpu, next);
        }
    }

    [InterruptSafe]
    private static bool Account(CpuState cpu, long nowNs, bool isTick)
    {
        long elapsed = Math.Max(0, nowNs - cpu.AccountedNs);
        cpu.AccountedNs = nowNs;
        if (cpu.Current == cpu.Idle)
        {
            cpu.IdleTimeNs += elapsed;
            return false;
        }

        cpu.Current.AddRunTime(elapsed);
        return PolicyUpdateCurrent(cpu, elapsed, isTick);
    }
}
