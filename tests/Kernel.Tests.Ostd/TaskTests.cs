// SPDX-License-Identifier: MPL-2.0
using System;
using System.Threading;
using Ostd.Memory;
using Ostd.Sync;
using Ostd.Tasks;
using Ostd.Testing;
using Ostd.Time;

namespace Kernel.Tests.Ostd;

/// <summary>Tasks: switching, sleeping, preemption, the interruption mark.</summary>
public static class TaskTests
{
    private sealed class Shared
    {
        public readonly WaitQueue Queue = new();
        public int Turn;
        public int Count;
        public bool IsStopped;
    }

    [KernelTest]
    public static void PingPong_TwoTasks_TakeTurns()
    {
        const int rounds = 2_000;
        var shared = new Shared();
        var workers = new Workers();
        for (int player = 0; player < 2; player++)
        {
            int me = player;
            workers.Start("player", () =>
            {
                for (int i = 0; i < rounds; i++)
                {
                    shared.Queue.Wait((shared, me), static s => Volatile.Read(ref s.shared.Turn) == s.me);
                    shared.Count++;
                    Volatile.Write(ref shared.Turn, 1 - me);
                    shared.Queue.WakeAll();
                }
            });
        }

        workers.Join();
        Check.Equal(2 * rounds, shared.Count, "turns taken");
    }

    [KernelTest]
    public static void SleepUntil_ThreeDeadlines_WakeInTheirOrder()
    {
        var order = new int[3];
        int next = 0;
        var workers = new Workers();
        long start = Clock.MonotonicNs;
        for (int i = 0; i < 3; i++)
        {
            int me = i;
            workers.Start("sleeper", () =>
            {
                long deadline = start + (3 - me) * 10_000_000;
                Check.That(Task.SleepUntil(deadline), "nobody interrupts the sleep");
                Check.That(Clock.MonotonicNs >= deadline, "the sleep ended early");
                order[Interlocked.Increment(ref next) - 1] = me;
            });
        }

        workers.Join();
        Check.Equal(2, order[0], "first to wake");
        Check.Equal(1, order[1], "second to wake");
        Check.Equal(0, order[2], "last to wake");
    }

    [KernelTest]
    public static void Preemption_SpinningTask_LetsOthersRun()
    {
        var shared = new Shared();
        var workers = new Workers();
        workers.Start("spinner", () =>
        {
            while (!Volatile.Read(ref shared.IsStopped))
            {
            }
        });
        workers.Start("stopper", () => Volatile.Write(ref shared.IsStopped, true));
        workers.Join();
    }

    [KernelTest]
    public static void Preemption_FloatingPointState_IsKept()
    {
        var workers = new Workers();
        var results = new double[4];
        for (int i = 0; i < results.Length; i++)
        {
            int me = i;
            workers.Start("float", () =>
            {
                double sum = 0;
                double step = me + 1;
                long end = Clock.MonotonicNs + 60_000_000;
                long rounds = 0;
                while (Clock.MonotonicNs < end)
                {
                    for (int j = 0; j < 1000; j++)
                    {
                        sum += step;
                    }

                    rounds++;
                }

                results[me] = sum / (rounds * 1000);
            });
        }

        workers.Join();
        for (int i = 0; i < results.Length; i++)
        {
            Check.Equal(i + 1.0, results[i], "mean step");
        }
    }

    [KernelTest]
    public static void Interrupt_BeforeWait_EndsTheNextInterruptibleWait()
    {
        Task current = Task.Current;
        current.Interrupt();
        Check.That(current.IsInterrupted, "the mark is set");
        WaitResult result = new WaitQueue().WaitInterruptible(0, static _ => false);
        Check.Equal(WaitResult.Interrupted, result, "result");
        Check.That(!Task.SleepUntil(Clock.MonotonicNs + 10_000_000_000), "a marked task does not sleep");
        Check.That(current.IsInterrupted, "the mark stays until it is cleared");
        current.ClearInterrupt();
        Check.That(!current.IsInterrupted, "the mark is gone");
        Check.That(Task.SleepUntil(Clock.MonotonicNs + 1_000_000), "an unmarked task sleeps");
    }

    [KernelTest]
    public static void Interrupt_ReadyCondition_WinsOverTheMark()
    {
        Task.Current.Interrupt();
        WaitResult result = new WaitQueue().WaitInterruptible(0, static _ => true);
        Task.Current.ClearInterrupt();
        Check.Equal(WaitResult.Ready, result, "result");
    }

    [KernelTest]
    public static void Interrupt_UninterruptibleWait_GoesOn()
    {
        var shared = new Shared();
        var workers = new Workers();
        bool wasInterruptedFirst = false;
        Task waiter = workers.Start("waiter", () =>
        {
            shared.Queue.Wait(shared, static s => Volatile.Read(ref s.Turn) == 1);
            wasInterruptedFirst = Task.Current.IsInterrupted;
        });
        Task.Yield();
        waiter.Interrupt();
        Task.Yield();
        Volatile.Write(ref shared.Turn, 1);
        shared.Queue.WakeAll();
        workers.Join();
        Check.That(wasInterruptedFirst, "the mark was there and did not end the wait");
    }

    [KernelTest]
    public static void Exit_ManyTasks_GiveTheirMemoryBack()
    {
        CreateAndJoin(50);
        long before = PhysicalMemory.FreePages;
        CreateAndJoin(500);
        long lost = before - PhysicalMemory.FreePages;
        Check.That(lost < 1200, "pages lost after 500 tasks of 8 stack pages each: " + lost);
    }

    [KernelTest]
    public static void TaskTimes_BusyTask_AreCounted()
    {
        long before = Task.Current.KernelTimeNs + Task.Current.UserTimeNs;
        long end = Clock.MonotonicNs + 20_000_000;
        while (Clock.MonotonicNs < end)
        {
        }

        long used = Task.Current.KernelTimeNs + Task.Current.UserTimeNs - before;
        Check.That(used > 10_000_000, "run time in nanoseconds: " + used);
    }

    [KernelTest]
    public static void NullReference_InTask_IsAnException()
    {
        string? text = null;
        bool isCaught = false;
        try
        {
            _ = Length(text);
        }
        catch (NullReferenceException)
        {
            isCaught = true;
        }

        Check.That(isCaught, "NullReferenceException");
        isCaught = false;
        try
        {
            _ = Divide(1, 0);
        }
        catch (DivideByZeroException)
        {
            isCaught = true;
        }

        Check.That(isCaught, "DivideByZeroException");
    }

    private static int Length(string? text) => text!.Length;

    private static int Divide(int a, int b) => a / b;

    private static void CreateAndJoin(int count)
    {
        var workers = new Workers();
        for (int i = 0; i < count; i++)
        {
            workers.Start("short", static () => { });
        }

        workers.Join();
    }
}
