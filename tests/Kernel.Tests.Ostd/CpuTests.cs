// SPDX-License-Identifier: MPL-2.0
using System;
using System.Threading;
using Ostd.Cpus;
using Ostd.Memory;
using Ostd.Sync;
using Ostd.Tasks;
using Ostd.Testing;
using Ostd.Time;
using Mutex = Ostd.Sync.Mutex;
using SpinLock = Ostd.Sync.SpinLock;
using Task = Ostd.Tasks.Task;

namespace Kernel.Tests.Ostd;

/// <summary>Tasks on several CPUs. All of these tests hold on a single one too.</summary>
public static class CpuTests
{
    private sealed class Shared
    {
        public readonly SpinLock Lock = new();
        public long Count;
        public int Arrived;
        public bool IsStopped;
        public ulong SeenCpus;
    }

    [KernelTest]
    public static void EveryCpu_RunsATaskPinnedToIt()
    {
        var workers = new Workers();
        for (int cpu = 0; cpu < Cpu.Count; cpu++)
        {
            int mine = cpu;
            workers.Start("pinned", () =>
            {
                Task.Current.SetAffinity(1ul << mine);
                for (int i = 0; i < 200; i++)
                {
                    Check.Equal(mine, CurrentCpu(), "CPU of a pinned task");
                    if ((i & 15) == 0)
                    {
                        Task.SleepUntil(Clock.MonotonicNs + 100_000);
                    }
                    else
                    {
                        Task.Yield();
                    }
                }
            });
        }

        workers.Join();
    }

    [KernelTest]
    public static void AllCpus_RunAtOnce()
    {
        // Each waits for the others without letting anybody else run: nobody would arrive if they took turns.
        var shared = new Shared();
        var workers = new Workers();
        for (int cpu = 0; cpu < Cpu.Count; cpu++)
        {
            int mine = cpu;
            workers.Start("together", () =>
            {
                Task.Current.SetAffinity(1ul << mine);
                using PreemptGuard guard = PreemptGuard.Disable();
                Interlocked.Increment(ref shared.Arrived);
                while (Volatile.Read(ref shared.Arrived) < Cpu.Count)
                {
                }
            });
        }

        workers.Join();
        Check.Equal(Cpu.Count, shared.Arrived, "CPUs that arrived");
    }

    [KernelTest]
    public static void Tasks_ThatEndRightAfterTheyWereWoken_AreReleasedOnce()
    {
        // Woken on other CPUs, and ended there, while the CPUs on which they fell asleep are still about to leave them: a stack released twice is a panic.
        const int rounds = 150;
        for (int round = 0; round < rounds; round++)
        {
            var shared = new Shared();
            var gate = new WaitQueue();
            var workers = new Workers();
            for (int i = 0; i < 4 * Cpu.Count; i++)
            {
                workers.Start("brief", () =>
                {
                    Interlocked.Increment(ref shared.Arrived);
                    gate.Wait(shared, static shared => Volatile.Read(ref shared.IsStopped));
                });
            }

            while (Volatile.Read(ref shared.Arrived) < 4 * Cpu.Count)
            {
                Task.Yield();
            }

            Volatile.Write(ref shared.IsStopped, true);
            gate.WakeAll();
            workers.Join();
        }
    }

    [KernelTest]
    public static void SpinLock_AllCpusContend_CountsRight()
    {
        const int rounds = 20_000;
        var shared = new Shared();
        var workers = new Workers();
        for (int i = 0; i < 2 * Cpu.Count; i++)
        {
            bool isIrqSafe = (i & 1) != 0;
            workers.Start("counter", () =>
            {
                for (int round = 0; round < rounds; round++)
                {
                    using SpinGuard guard = isIrqSafe ? shared.Lock.AcquireIrqSafe() : shared.Lock.Acquire();
                    shared.Count++;
                }
            });
        }

        workers.Join();
        Check.Equal(2L * Cpu.Count * rounds, shared.Count, "sum under the lock");
    }

    [KernelTest]
    public static void WakeStorm_TokenGoesRoundAllCpus_NoWakeIsLost()
    {
        const int laps = 300;
        int players = 2 * Cpu.Count;
        var queues = new WaitQueue[players];
        for (int i = 0; i < players; i++)
        {
            queues[i] = new WaitQueue();
        }

        var turn = new int[1];
        var workers = new Workers();
        for (int i = 0; i < players; i++)
        {
            int me = i;
            workers.Start("ring", () =>
            {
                Task.Current.SetAffinity(1ul << me % Cpu.Count);
                for (int lap = 0; lap < laps; lap++)
                {
                    queues[me].Wait((turn, wanted: lap * players + me), static s => Volatile.Read(ref s.turn[0]) == s.wanted);
                    Interlocked.Increment(ref turn[0]);
                    queues[(me + 1) % players].WakeOne();
                }
            });
        }

        workers.Join();
        Check.Equal(laps * players, turn[0], "steps of the token");
    }

    [KernelTest]
    public static void IdleCpus_TakeTasksFromABusyOne()
    {
        var shared = new Shared();
        var workers = new Workers();
        var tasks = new Task[2 * Cpu.Count];
        for (int i = 0; i < tasks.Length; i++)
        {
            tasks[i] = workers.Start("stolen", () =>
            {
                while (!Volatile.Read(ref shared.IsStopped))
                {
                    Interlocked.Or(ref shared.SeenCpus, 1ul << CurrentCpu());
                }
            });
            tasks[i].SetAffinity(1);
        }

        // All wait on the first CPU now; when they may run anywhere, nobody wakes them: the others have to come and take them.
        Volatile.Write(ref shared.SeenCpus, 0);
        foreach (Task task in tasks)
        {
            task.SetAffinity(ulong.MaxValue);
        }

        long deadlineNs = Clock.MonotonicNs + 20_000_000_000;
        while (Volatile.Read(ref shared.SeenCpus) != Cpu.OnlineMask && Clock.MonotonicNs < deadlineNs)
        {
            Task.SleepUntil(Clock.MonotonicNs + 1_000_000);
        }

        Volatile.Write(ref shared.IsStopped, true);
        workers.Join();
        Check.Equal(Cpu.OnlineMask, shared.SeenCpus, "CPUs on which the tasks ran");
    }

    [KernelTest]
    public static void SetAffinity_OfATaskThatRunsElsewhere_HasMovedItOnReturn()
    {
        var shared = new Shared();
        var workers = new Workers();
        int at = -1;
        Task spinner = workers.Start("spinner", () =>
        {
            while (!Volatile.Read(ref shared.IsStopped))
            {
                using PreemptGuard guard = PreemptGuard.Disable();
                Volatile.Write(ref at, Cpu.CurrentId);
                Interlocked.Increment(ref shared.Count);
            }
        });
        for (int round = 0; round < 50 * Cpu.Count; round++)
        {
            int cpu = round % Cpu.Count;
            spinner.SetAffinity(1ul << cpu);

            // Two more rounds of the spinner: the second began after the move.
            long count = Interlocked.Read(ref shared.Count);
            while (Interlocked.Read(ref shared.Count) < count + 2)
            {
                Task.Yield();
            }

            Check.Equal(cpu, Volatile.Read(ref at), "where the spinner runs");
        }

        Volatile.Write(ref shared.IsStopped, true);
        workers.Join();
    }

    [KernelTest]
    public static void Mutex_AllCpusContend_CountsRight()
    {
        const int rounds = 2_000;
        var mutex = new Mutex();
        var shared = new Shared();
        var workers = new Workers();
        for (int i = 0; i < 3 * Cpu.Count; i++)
        {
            workers.Start("owner", () =>
            {
                for (int round = 0; round < rounds; round++)
                {
                    using MutexGuard guard = mutex.Acquire();
                    shared.Count++;
                }
            });
        }

        workers.Join();
        Check.Equal(3L * Cpu.Count * rounds, shared.Count, "sum under the mutex");
    }

    [KernelTest]
    public static void Clock_ReadOnEveryCpu_NeverGoesBack()
    {
        var workers = new Workers();
        long latest = 0;
        for (int i = 0; i < Cpu.Count; i++)
        {
            int cpu = i;
            workers.Start("clock", () =>
            {
                Task.Current.SetAffinity(1ul << cpu);
                for (int round = 0; round < 5_000; round++)
                {
                    long seen = Interlocked.Read(ref latest);
                    long now = Clock.MonotonicNs;
                    Check.That(now >= seen, "the clock of one CPU is behind a time that another has read");
                    Interlocked.CompareExchange(ref latest, now, seen);
                }
            });
        }

        workers.Join();
    }

    [KernelTest]
    public static void Collections_WithAllCpusAllocating_LoseNothing()
    {
        var workers = new Workers();
        for (int i = 0; i < 2 * Cpu.Count; i++)
        {
            int me = i;
            workers.Start("allocator", () =>
            {
                for (int round = 0; round < 20; round++)
                {
                    int[][] kept = new int[200][];
                    for (int j = 0; j < kept.Length; j++)
                    {
                        kept[j] = new int[j + 1];
                        kept[j][j] = me * 1000 + j;
                        if (me == 0 && j == 100)
                        {
                            CollectedHeap.Collect();
                        }
                    }

                    for (int j = 0; j < kept.Length; j++)
                    {
                        Check.That(kept[j].Length == j + 1 && kept[j][j] == me * 1000 + j, "an object changed under a collection");
                    }
                }
            });
        }

        workers.Join();
    }

    private static int CurrentCpu()
    {
        using PreemptGuard guard = PreemptGuard.Disable();
        return Cpu.CurrentId;
    }
}
