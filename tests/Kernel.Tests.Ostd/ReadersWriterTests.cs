// SPDX-License-Identifier: MPL-2.0
using System.Threading;
using Ostd.Cpus;
using Ostd.Sync;
using Ostd.Tasks;
using Ostd.Testing;
using Ostd.Time;
using Task = Ostd.Tasks.Task;

namespace Kernel.Tests.Ostd;

/// <summary>The readers-writer locks, spinning and sleeping, with their upgradeable readers.</summary>
public static class ReadersWriterTests
{
    private const int Rounds = 2_000;
    private const long LimitNs = 20_000_000_000;

    private sealed class Shared
    {
        public readonly RwLock Lock = new();
        public readonly RwMutex Mutex = new();
        public readonly int[] Inside = new int[2];
        public long First;
        public long Second;
        public int Arrived;
        public int Stage;
        public bool IsViolated;
        public bool IsStopped;
    }

    [KernelTest]
    public static void RwLock_ReadersAndWritersOnAllCpus_ExcludeEachOther()
    {
        var shared = new Shared();
        var workers = new Workers();
        for (int i = 0; i < Cpu.Count + 1; i++)
        {
            bool isIrqSafe = (i & 1) != 0;
            workers.Start("reader", () =>
            {
                for (int j = 0; j < Rounds; j++)
                {
                    Interlocked.Increment(ref shared.Arrived);
                    using RwLockReadGuard guard = isIrqSafe ? shared.Lock.AcquireReadIrqSafe() : shared.Lock.AcquireRead();
                    shared.IsViolated |= Volatile.Read(ref shared.First) != Volatile.Read(ref shared.Second);
                }
            });
            workers.Start("writer", () =>
            {
                for (int j = 0; j < Rounds; j++)
                {
                    using RwLockWriteGuard guard = isIrqSafe ? shared.Lock.AcquireWriteIrqSafe() : shared.Lock.AcquireWrite();
                    shared.First++;
                    AwaitReader(shared);
                    shared.Second++;
                }
            });
        }

        workers.Join();
        Check.That(!shared.IsViolated, "a reader met a writer");
        Check.Equal((long)(Cpu.Count + 1) * Rounds, shared.First, "writes");
        Check.That(!AtomicMode.IsActive, "atomic mode is over");
    }

    [KernelTest]
    public static void RwLock_Writer_KeepsReadersOutUntilItLeaves()
    {
        if (Cpu.Count < 2)
        {
            return; // nobody else runs while a writer is inside
        }

        var shared = new Shared();
        var workers = new Workers();
        workers.Start("writer", () =>
        {
            Task.Current.SetAffinity(1);
            using RwLockWriteGuard guard = shared.Lock.AcquireWrite();
            Volatile.Write(ref shared.Stage, 1);
            while (Volatile.Read(ref shared.Stage) == 1)
            {
            }

            long end = Clock.MonotonicNs + 20_000_000;
            while (Clock.MonotonicNs < end)
            {
                shared.IsViolated |= Volatile.Read(ref shared.Arrived) != 0;
            }

            Volatile.Write(ref shared.IsStopped, true);
        });
        workers.Start("reader", () =>
        {
            Task.Current.SetAffinity(2);
            while (Volatile.Read(ref shared.Stage) == 0)
            {
                Task.Yield();
            }

            Volatile.Write(ref shared.Stage, 2);
            using RwLockReadGuard guard = shared.Lock.AcquireRead();
            Volatile.Write(ref shared.Arrived, 1);
            shared.IsViolated |= !Volatile.Read(ref shared.IsStopped);
        });
        workers.Join();
        Check.That(!shared.IsViolated, "a reader met a writer");
        Check.Equal(1, shared.Arrived, "readers");
    }

    [KernelTest]
    public static void RwLock_ReadersAndTheUpgradeableOne_AreInsideTogether()
    {
        // Each waits inside for all the others, in atomic mode.
        var shared = new Shared();
        var workers = new Workers();
        for (int cpu = 0; cpu < Cpu.Count; cpu++)
        {
            int mine = cpu;
            workers.Start("reader", () =>
            {
                Task.Current.SetAffinity(1ul << mine);
                if (mine == 0)
                {
                    using RwLockUpgradeableGuard guard = shared.Lock.AcquireUpgradeable();
                    Check.That(AtomicMode.IsActive, "atomic mode");
                    WaitForAll(shared);
                }
                else
                {
                    using RwLockReadGuard guard = shared.Lock.AcquireRead();
                    WaitForAll(shared);
                }
            });
        }

        workers.Join();
        Check.That(!shared.IsViolated, "a reader did not come in");
    }

    [KernelTest]
    public static void RwLock_ReadersThatOverlap_DoNotStarveAWriter()
    {
        // Each of two readers stays until the other one is inside too, or a while has passed: without precedence for the writer the lock would never be free.
        if (Cpu.Count < 3)
        {
            return;
        }

        var shared = new Shared();
        var workers = new Workers();
        for (int i = 0; i < 2; i++)
        {
            int mine = i;
            workers.Start("reader", () =>
            {
                Task.Current.SetAffinity(1ul << mine);
                long limit = Clock.MonotonicNs + LimitNs;
                while (!Volatile.Read(ref shared.IsStopped) && Clock.MonotonicNs < limit)
                {
                    using RwLockReadGuard guard = shared.Lock.AcquireRead();
                    Volatile.Write(ref shared.Inside[mine], Volatile.Read(ref shared.Inside[mine]) + 1);
                    int other = Volatile.Read(ref shared.Inside[1 - mine]);
                    long end = Clock.MonotonicNs + 50_000_000;
                    while (Volatile.Read(ref shared.Inside[1 - mine]) == other && Clock.MonotonicNs < end)
                    {
                    }
                }
            });
        }

        workers.Start("writer", () =>
        {
            Task.Current.SetAffinity(4);
            while (Volatile.Read(ref shared.Inside[0]) < 3)
            {
                Task.Yield();
            }

            using RwLockWriteGuard guard = shared.Lock.AcquireWrite();
            shared.Stage = shared.IsStopped ? 0 : 1;
            Volatile.Write(ref shared.IsStopped, true);
        });
        long start = Clock.MonotonicNs;
        workers.Join();
        Check.Equal(1, shared.Stage, "writers that came in");
        Check.That(Clock.MonotonicNs - start < LimitNs, "the writer waited for the readers' end");
    }

    [KernelTest]
    public static void RwLock_Upgrade_LetsNoWriterInBetween()
    {
        var shared = new Shared();
        var workers = new Workers();
        for (int i = 0; i < Cpu.Count + 1; i++)
        {
            bool isIrqSafe = (i & 1) != 0;
            workers.Start("upgrader", () =>
            {
                for (int j = 0; j < Rounds; j++)
                {
                    using RwLockUpgradeableGuard guard = isIrqSafe ? shared.Lock.AcquireUpgradeableIrqSafe() : shared.Lock.AcquireUpgradeable();
                    long read = Volatile.Read(ref shared.First);
                    guard.Upgrade();
                    Volatile.Write(ref shared.First, read + 1);
                    if ((j & 1) != 0)
                    {
                        guard.Downgrade();
                        shared.IsViolated |= Volatile.Read(ref shared.First) != read + 1;
                    }
                }
            });
            workers.Start("writer", () =>
            {
                for (int j = 0; j < Rounds; j++)
                {
                    using RwLockWriteGuard guard = shared.Lock.AcquireWrite();
                    shared.First++;
                }
            });
            workers.Start("reader", () =>
            {
                for (int j = 0; j < Rounds; j++)
                {
                    using RwLockReadGuard guard = shared.Lock.AcquireRead();
                    long read = Volatile.Read(ref shared.First);
                    shared.IsViolated |= Volatile.Read(ref shared.First) != read;
                }
            });
        }

        workers.Join();
        Check.That(!shared.IsViolated, "a value changed under a reader");
        Check.Equal(2L * (Cpu.Count + 1) * Rounds, shared.First, "increments");
    }

    [KernelTest]
    public static void RwMutex_Upgrade_LetsNoWriterInBetween()
    {
        var shared = new Shared();
        var workers = new Workers();
        for (int i = 0; i < 4; i++)
        {
            workers.Start("upgrader", () =>
            {
                for (int j = 0; j < 200; j++)
                {
                    using RwMutexUpgradeableGuard guard = shared.Mutex.AcquireUpgradeable();
                    long read = shared.First;
                    Task.Yield();
                    guard.Upgrade();
                    shared.First = read + 1;
                    Task.Yield();
                    if ((j & 1) != 0)
                    {
                        guard.Downgrade();
                        Task.Yield();
                        shared.IsViolated |= shared.First != read + 1;
                    }
                }
            });
            workers.Start("writer", () =>
            {
                for (int j = 0; j < 200; j++)
                {
                    using RwMutexWriteGuard guard = shared.Mutex.AcquireWrite();
                    long read = shared.First;
                    Task.Yield();
                    shared.First = read + 1;
                }
            });
            workers.Start("reader", () =>
            {
                for (int j = 0; j < 200; j++)
                {
                    using RwMutexReadGuard guard = shared.Mutex.AcquireRead();
                    long read = shared.First;
                    Task.Yield();
                    shared.IsViolated |= shared.First != read;
                }
            });
        }

        workers.Join();
        Check.That(!shared.IsViolated, "a value changed under a reader");
        Check.Equal(2L * 4 * 200, shared.First, "increments");
    }

    [KernelTest]
    public static void RwMutex_Upgrade_WaitsForTheReadersAndKeepsNewOnesOut()
    {
        var shared = new Shared();
        var workers = new Workers();
        workers.Start("reader", () =>
        {
            using RwMutexReadGuard guard = shared.Mutex.AcquireRead();
            Reach(shared, 1);
            Await(shared, 2);
            shared.First = 1;
        });
        workers.Start("upgrader", () =>
        {
            Await(shared, 1);
            using RwMutexUpgradeableGuard guard = shared.Mutex.AcquireUpgradeable();
            Reach(shared, 2);
            guard.Upgrade();
            shared.IsViolated |= shared.First != 1; // the reader was still inside
            shared.Second = 1;
            Reach(shared, 3);
            Task.SleepUntil(Clock.MonotonicNs + 2_000_000);
            shared.Second = 2;
            guard.Downgrade();
            Await(shared, 4);
        });
        workers.Start("late", () =>
        {
            Await(shared, 3);
            using RwMutexReadGuard guard = shared.Mutex.AcquireRead();
            shared.IsViolated |= shared.Second != 2; // the writer was inside
            Reach(shared, 4); // while the upgradeable reader still holds it
        });
        workers.Join();
        Check.That(!shared.IsViolated, "the upgraded reader met another one");
    }

    private static void WaitForAll(Shared shared)
    {
        Interlocked.Increment(ref shared.Arrived);
        long limit = Clock.MonotonicNs + LimitNs;
        while (Volatile.Read(ref shared.Arrived) < Cpu.Count)
        {
            if (Clock.MonotonicNs > limit)
            {
                shared.IsViolated = true;
                return;
            }
        }
    }

    private static void Reach(Shared shared, int stage) => Volatile.Write(ref shared.Stage, stage);

    private static void Await(Shared shared, int stage)
    {
        while (Volatile.Read(ref shared.Stage) < stage)
        {
            Task.Yield();
        }
    }

    // Between the two numbers, until a reader is about to come, and then long enough for it to look; not for ever, since there may be none.
    private static void AwaitReader(Shared shared)
    {
        int before = Volatile.Read(ref shared.Arrived);
        int left = 300;
        while (left > 0 && Volatile.Read(ref shared.Arrived) == before)
        {
            left--;
        }

        for (int i = 0; i < 100; i++)
        {
            Volatile.Read(ref shared.Arrived);
        }
    }
}
