// SPDX-License-Identifier: MPL-2.0
using System.Threading;
using Ostd.Sync;
using Ostd.Tasks;
using Ostd.Testing;
using Ostd.Time;
using Mutex = Ostd.Sync.Mutex;

namespace Kernel.Tests.Ostd;

/// <summary>Locks and wait queues, with preemption on.</summary>
public static class SyncTests
{
    private sealed class Shared
    {
        public readonly Mutex Mutex = new();
        public readonly RwMutex RwMutex = new();
        public readonly global::Ostd.Sync.SpinLock Spin = new();
        public readonly WaitQueue Queue = new();
        public int Items;
        public int Inside;
        public int Total;
        public bool IsViolated;
        public bool IsStopped;
    }

    [KernelTest]
    public static void Mutex_ManyTasks_OneInsideAtATime()
    {
        const int tasks = 8;
        const int rounds = 200;
        var shared = new Shared();
        var workers = new Workers();
        for (int i = 0; i < tasks; i++)
        {
            workers.Start("locker", () =>
            {
                for (int j = 0; j < rounds; j++)
                {
                    using MutexGuard guard = shared.Mutex.Acquire();
                    shared.IsViolated |= shared.Inside != 0;
                    shared.Inside++;
                    if (j % 7 == 0)
                    {
                        Task.Yield();
                    }

                    shared.Total++;
                    shared.Inside--;
                }
            });
        }

        workers.Join();
        Check.That(!shared.IsViolated, "two tasks were inside");
        Check.Equal(tasks * rounds, shared.Total, "rounds");
    }

    [KernelTest]
    public static void Mutex_GreedyHolder_DoesNotStarveAWaiter()
    {
        var shared = new Shared();
        var workers = new Workers();
        workers.Start("greedy", () =>
        {
            while (!Volatile.Read(ref shared.IsStopped))
            {
                using MutexGuard guard = shared.Mutex.Acquire();
                shared.Total++;
            }
        });
        workers.Start("modest", () =>
        {
            for (int i = 0; i < 20; i++)
            {
                using (shared.Mutex.Acquire())
                {
                    shared.Items++;
                }

                Task.Yield();
            }

            Volatile.Write(ref shared.IsStopped, true);
        });
        workers.Join();
        Check.Equal(20, shared.Items, "acquisitions by the modest task");
    }

    [KernelTest]
    public static void Mutex_TryAcquire_FailsWhileHeld()
    {
        var mutex = new Mutex();
        using (mutex.Acquire())
        {
            Check.That(mutex.IsHeldByCurrent, "held by the current task");
            Check.That(!mutex.TryAcquire(out _), "a held mutex cannot be taken");
        }

        Check.That(mutex.TryAcquire(out MutexGuard guard), "a free mutex can be taken");
        guard.Dispose();
        guard.Dispose();
        Check.That(!mutex.IsHeldByCurrent, "released");
    }

    [KernelTest]
    public static void RwMutex_ReadersAndWriters_ExcludeEachOther()
    {
        var shared = new Shared();
        var workers = new Workers();
        for (int i = 0; i < 4; i++)
        {
            workers.Start("reader", () =>
            {
                for (int j = 0; j < 200; j++)
                {
                    using RwMutexReadGuard guard = shared.RwMutex.AcquireRead();
                    Interlocked.Increment(ref shared.Items);
                    shared.IsViolated |= shared.Inside != 0;
                    if (j % 5 == 0)
                    {
                        Task.Yield();
                    }

                    Interlocked.Decrement(ref shared.Items);
                }
            });
        }

        for (int i = 0; i < 2; i++)
        {
            workers.Start("writer", () =>
            {
                for (int j = 0; j < 100; j++)
                {
                    using RwMutexWriteGuard guard = shared.RwMutex.AcquireWrite();
                    shared.IsViolated |= shared.Inside != 0 || shared.Items != 0;
                    shared.Inside++;
                    Task.Yield();
                    shared.Inside--;
                    shared.Total++;
                }
            });
        }

        workers.Join();
        Check.That(!shared.IsViolated, "a reader or a second writer met a writer");
        Check.Equal(200, shared.Total, "writes");
    }

    [KernelTest]
    public static void WaitQueue_ProducersAndConsumers_LoseNoWake()
    {
        const int perProducer = 2_000;
        var shared = new Shared();
        var workers = new Workers();
        for (int i = 0; i < 3; i++)
        {
            workers.Start("producer", () =>
            {
                for (int j = 0; j < perProducer; j++)
                {
                    Interlocked.Increment(ref shared.Items);
                    shared.Queue.WakeOne();
                }
            });
            workers.Start("consumer", () =>
            {
                for (int j = 0; j < perProducer; j++)
                {
                    shared.Queue.Wait(shared, static s => TryTake(s));
                    Interlocked.Increment(ref shared.Total);
                }
            });
        }

        workers.Join();
        Check.Equal(3 * perProducer, shared.Total, "items consumed");
        Check.Equal(0, shared.Items, "items left");
    }

    [KernelTest]
    public static void WaitQueue_Deadline_TimesOutAtItsTime()
    {
        long start = Clock.MonotonicNs;
        WaitResult result = new WaitQueue().WaitInterruptible(0, static _ => false, start + 5_000_000);
        long took = Clock.MonotonicNs - start;
        Check.Equal(WaitResult.TimedOut, result, "result");
        Check.That(took >= 5_000_000, "it ended early, after ns: " + took);
        Check.Equal(WaitResult.TimedOut, new WaitQueue().WaitInterruptible(0, static _ => false, 1), "a deadline in the past");
    }

    [KernelTest]
    public static void WaitQueue_ConditionThatWaits_Nests()
    {
        var outer = new WaitQueue();
        var shared = new Shared();
        int checks = 0;
        outer.Wait(0, _ =>
        {
            using MutexGuard guard = shared.Mutex.Acquire();
            shared.Queue.WaitInterruptible(0, static _ => false, Clock.MonotonicNs + 1_000_000);
            return ++checks == 2;
        });
        Check.Equal(2, checks, "checks of the outer condition");
    }

    [KernelTest]
    public static void SpinLock_Nested_IsAtomicModeUntilTheLastRelease()
    {
        var other = new global::Ostd.Sync.SpinLock();
        var shared = new Shared();
        Check.That(!AtomicMode.IsActive, "ordinary context");
        using (shared.Spin.Acquire())
        {
            Check.That(AtomicMode.IsActive, "one lock held");
            using (other.AcquireIrqSafe())
            {
                Check.That(AtomicMode.IsActive, "two locks held");
            }

            Check.That(AtomicMode.IsActive, "one lock held still");
        }

        Check.That(!AtomicMode.IsActive, "none held");
    }

    [KernelTest]
    public static void SpinLock_CountersUnderPreemption_AreExact()
    {
        var shared = new Shared();
        var workers = new Workers();
        for (int i = 0; i < 4; i++)
        {
            workers.Start("counter", () =>
            {
                for (int j = 0; j < 5_000; j++)
                {
                    using SpinGuard guard = shared.Spin.Acquire();
                    shared.Total++;
                }
            });
        }

        workers.Join();
        Check.Equal(20_000, shared.Total, "increments");
    }

    private static bool TryTake(Shared shared)
    {
        while (true)
        {
            int items = Volatile.Read(ref shared.Items);
            if (items == 0)
            {
                return false;
            }

            if (Interlocked.CompareExchange(ref shared.Items, items - 1, items) == items)
            {
                return true;
            }
        }
    }
}
