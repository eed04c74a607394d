// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Arch;
using Ostd.Tasks;

namespace Ostd.Time;

/// <summary>
/// The timers of all CPUs and their hardware. A node is armed on the CPU that calls and expires there. The hardware is always set to the earlier of the first deadline and the next
/// tick; an idle CPU has no ticks.
/// </summary>
internal static class TimerQueue
{
    private static CpuTimerQueue[] s_queues = null!;

    public static void Initialize()
    {
        s_queues = new CpuTimerQueue[Cpus.Cpu.MaxCount];
        for (int i = 0; i < s_queues.Length; i++)
        {
            s_queues[i] = new CpuTimerQueue();
        }

        if (TaskHosting.IsHosted)
        {
            TaskHosting.SetTimerHandler(OnInterrupt);
        }
    }

    /// <summary>Puts a node into the queue of this CPU. It is in none now.</summary>
    [InterruptSafe]
    public static void Arm(TimerNode node, long deadlineNs)
    {
        EnsureHosted();
        bool wereEnabled = Interrupts.Disable();
        CpuTimerQueue queue = s_queues[ThisCpu.Id];
        queue.Lock.EnterWithInterruptsOff();
        node.DeadlineNs = deadlineNs;
        queue.Insert(node);
        if (deadlineNs < queue.ProgrammedNs)
        {
            Program(queue, deadlineNs, Clock.MonotonicNs);
        }

        queue.Lock.Exit(wereEnabled);
    }

    /// <summary>Takes a node out of its queue. Afterwards its expiry has either happened completely or never will.</summary>
    /// <returns>False when it was in none.</returns>
    [InterruptSafe]
    public static bool Disarm(TimerNode node)
    {
        while (true)
        {
            CpuTimerQueue? queue = System.Threading.Volatile.Read(ref node.LastQueue);
            if (queue is null)
            {
                return false;
            }

            // Another CPU may be in OnExpired at this moment; it holds the lock until that has returned.
            bool wereEnabled = queue.Lock.Enter();
            bool isArmed = node.Queue == queue;
            bool hasMoved = node.LastQueue != queue;
            if (isArmed)
            {
                queue.Remove(node);
            }

            queue.Lock.Exit(wereEnabled);
            if (!hasMoved)
            {
                return isArmed;
            }
        }
    }

    /// <summary>The timer of the CPU that calls has fired.</summary>
    [InterruptSafe]
    public static void OnInterrupt()
    {
        CpuTimerQueue queue = s_queues[ThisCpu.Id];
        queue.ProgrammedNs = long.MaxValue;
        long now = Clock.MonotonicNs;
        queue.Lock.EnterWithInterruptsOff();
        while (queue.FirstDeadlineNs <= now)
        {
            TimerNode node = queue.First!;
            queue.Remove(node);
            node.OnExpired();
        }

        queue.Lock.ExitWithInterruptsOff();

        if (now >= queue.NextLookNs)
        {
            queue.NextLookNs = now + Diagnostics.HardLockup.PeriodNs;
            Diagnostics.HardLockup.LookAtNext();
        }

        bool isTicking = Scheduler.IsRunning && !Scheduler.IsIdle;
        if (isTicking && now >= queue.NextTickNs)
        {
            queue.NextTickNs = now + Clock.TickNs;
            Scheduler.OnTick(now);
        }

        queue.Lock.EnterWithInterruptsOff();
        long next = Math.Min(Math.Min(queue.FirstDeadlineNs, queue.NextLookNs), isTicking ? queue.NextTickNs : long.MaxValue);
        if (next != long.MaxValue)
        {
            Program(queue, next, now);
        }

        queue.Lock.ExitWithInterruptsOff();
    }

    /// <summary>The CPU that calls has work again: ticks start. With interrupts off.</summary>
    [InterruptSafe]
    public static void OnLeaveIdle(long nowNs)
    {
        CpuTimerQueue queue = s_queues[ThisCpu.Id];
        queue.NextTickNs = nowNs + Clock.TickNs;
        if (queue.ProgrammedNs > queue.NextTickNs)
        {
            Program(queue, queue.NextTickNs, nowNs);
        }
    }

    /// <summary>The CPU that calls, with more than one there, begins to look after its neighbour.</summary>
    [NoAlloc]
    public static void StartWatch()
    {
        if (!Diagnostics.HardLockup.IsUsed)
        {
            return;
        }

        bool wereEnabled = Interrupts.Disable();
        CpuTimerQueue queue = s_queues[ThisCpu.Id];
        long now = Clock.MonotonicNs;
        queue.NextLookNs = now + Diagnostics.HardLockup.PeriodNs;
        if (queue.ProgrammedNs > queue.NextLookNs)
        {
            Program(queue, queue.NextLookNs, now);
        }

        Interrupts.Restore(wereEnabled);
    }

    [InterruptSafe]
    private static void Program(CpuTimerQueue queue, long deadlineNs, long nowNs)
    {
        queue.ProgrammedNs = deadlineNs;
        CpuTimer.Arm(Math.Max(0, deadlineNs - nowNs));
    }

    [InterruptSafe]
    private static void EnsureHosted()
    {
        if (TaskHosting.IsHosted && s_queues is null)
        {
#pragma warning disable OST2011 // Of the hosted architecture alone: a thread of the host is no interrupt handler.
            Initialize();
#pragma warning restore OST2011
        }
    }
}
