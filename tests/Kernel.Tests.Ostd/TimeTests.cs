// SPDX-License-Identifier: MPL-2.0
using System;
using System.Threading;
using Ostd.Sync;
using Ostd.Tasks;
using Ostd.Testing;
using Ostd.Time;
using Timer = Ostd.Time.Timer;

namespace Kernel.Tests.Ostd;

/// <summary>Clocks and timers.</summary>
public static class TimeTests
{
    private sealed class Fired
    {
        public readonly WaitQueue Queue = new();
        public int Count;
        public long LastNs;
    }

    [KernelTest]
    public static void Monotonic_ManyReadings_NeverGoBack()
    {
        long last = Clock.MonotonicNs;
        for (int i = 0; i < 100_000; i++)
        {
            long now = Clock.MonotonicNs;
            Check.That(now >= last, "the clock went back");
            last = now;
        }
    }

    [KernelTest]
    public static void RealTime_AtBoot_IsOfThisCentury()
    {
        long seconds = Clock.RealTimeAtBootNs / 1_000_000_000;
        Check.That(seconds is > 1_700_000_000 and < 4_000_000_000, "seconds since 1970: " + seconds);
    }

    [KernelTest]
    public static void Timer_Armed_FiresOnceAndNotEarly()
    {
        var fired = new Fired();
        var timer = new Timer(
            static state =>
            {
                var fired = (Fired)state!;
                fired.LastNs = Clock.MonotonicNs;
                Interlocked.Increment(ref fired.Count);
                fired.Queue.WakeAll();
            },
            fired);
        long deadline = Clock.MonotonicNs + 3_000_000;
        timer.Arm(deadline);
        fired.Queue.Wait(fired, static f => Volatile.Read(ref f.Count) == 1);
        Check.That(fired.LastNs >= deadline, "the timer fired early");
        Check.That(!timer.Cancel(), "a fired timer is not armed");
        Task.SleepUntil(Clock.MonotonicNs + 5_000_000);
        Check.Equal(1, fired.Count, "callbacks");
    }

    [KernelTest]
    public static void Timer_Cancelled_DoesNotFire()
    {
        var fired = new Fired();
        var timer = new Timer(static state => Interlocked.Increment(ref ((Fired)state!).Count), fired);
        timer.Arm(Clock.MonotonicNs + 5_000_000);
        Check.That(timer.Cancel(), "it was armed");
        Task.SleepUntil(Clock.MonotonicNs + 10_000_000);
        Check.Equal(0, fired.Count, "callbacks");
    }

    [KernelTest]
    public static void Timer_RandomDeadlines_AllFireInOrder()
    {
        const int count = 200;
        var fired = new Fired();
        uint state = 7;
        long start = Clock.MonotonicNs + 5_000_000;
        var timers = new Timer[count];
        var deadlines = new long[count];
        var order = new long[count];
        for (int i = 0; i < count; i++)
        {
            long deadline = start + (state = state * 1664525 + 1013904223) % 20_000_000;
            deadlines[i] = deadline;
            timers[i] = new Timer(
                _ =>
                {
                    order[fired.Count] = deadline;
                    fired.Count++;
                    fired.Queue.WakeAll();
                },
                null);
        }

        // Interrupts are off, so that none fires before all are armed, however slow the machine is.
        using (InterruptGuard.Disable())
        {
            for (int i = 0; i < count; i++)
            {
                timers[i].Arm(deadlines[i] + 1_000_000_000);
                timers[i].Arm(deadlines[i]);
            }
        }

        fired.Queue.Wait(fired, static f => Volatile.Read(ref f.Count) == count);
        for (int i = 1; i < count; i++)
        {
            Check.That(order[i] >= order[i - 1], "timers fired out of order");
        }
    }

    [KernelTest]
    public static void DeferredWork_QueuedTwice_RunsAndCanBeQueuedAgain()
    {
        var fired = new Fired();
        var work = new DeferredWork(
            () =>
            {
                Interlocked.Increment(ref fired.Count);
                fired.Queue.WakeAll();
            },
            "test");
        using (PreemptGuard.Disable())
        {
            work.Queue();
            work.Queue();
        }

        fired.Queue.Wait(fired, static f => Volatile.Read(ref f.Count) >= 1);
        work.Queue();
        fired.Queue.Wait(fired, static f => Volatile.Read(ref f.Count) >= 2);
        Check.Equal(2, fired.Count, "runs");
    }
}
