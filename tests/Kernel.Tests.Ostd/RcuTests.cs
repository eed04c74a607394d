// SPDX-License-Identifier: MPL-2.0
using System;
using System.Threading;
using Ostd.Cpus;
using Ostd.Diagnostics;
using Ostd.Memory;
using Ostd.Sync;
using Ostd.Tasks;
using Ostd.Testing;
using Ostd.Time;
using SpinLock = Ostd.Sync.SpinLock;
using Task = Ostd.Tasks.Task;

namespace Kernel.Tests.Ostd;

/// <summary>Grace periods. A frame that is reclaimed too early shows at once: its handle is stale, and the reader throws.</summary>
public static class RcuTests
{
    private const long SectionNs = 5_000_000;

    private sealed class Page(Frame frame, uint stamp)
    {
        public Frame Frame { get; } = frame;

        public uint Stamp { get; } = stamp;
    }

    private sealed class Shared
    {
        public readonly SpinLock Lock = new();
        public readonly RwLock ReaderWriter = new();
        public readonly Rcu<string> Cell = new("value");
        public uint Stamp;
        public int Stage;
        public int Runs;
        public int Released;
        public bool IsDone;
        public bool IsViolated;
    }

    [KernelTest]
    public static void Synchronize_WaitsForASectionOnAnotherCpu_OfEachKind()
    {
        if (Cpu.Count < 2)
        {
            return; // the section's CPU does nothing else
        }

        WaitFor(static (shared, section) =>
        {
            using RcuReadGuard<string> guard = shared.Cell.Read();
            section(shared);
        });
        WaitFor(static (shared, section) =>
        {
            using PreemptGuard guard = PreemptGuard.Disable();
            section(shared);
        });
        WaitFor(static (shared, section) =>
        {
            using InterruptGuard guard = InterruptGuard.Disable();
            section(shared);
        });
        WaitFor(static (shared, section) =>
        {
            using SpinGuard guard = shared.Lock.AcquireIrqSafe();
            section(shared);
        });
        WaitFor(static (shared, section) =>
        {
            using RwLockReadGuard guard = shared.ReaderWriter.AcquireRead();
            section(shared);
        });
    }

    [KernelTest]
    public static void Synchronize_WithIdleAndBusyCpus_ComesBack()
    {
        var shared = new Shared();
        var workers = new Workers();
        for (int i = 0; i < 100; i++)
        {
            Rcu.Synchronize(); // all others idle
        }

        for (int cpu = 0; cpu < Cpu.Count; cpu++)
        {
            int mine = cpu;
            workers.Start("busy", () =>
            {
                Task.Current.SetAffinity(1ul << mine);
                while (!Volatile.Read(ref shared.IsDone))
                {
                    using PreemptGuard guard = PreemptGuard.Disable();
                }
            });
            workers.Start("synchronizer", () =>
            {
                for (int i = 0; i < 50; i++)
                {
                    Rcu.Synchronize();
                }

                if (Interlocked.Increment(ref shared.Runs) == Cpu.Count)
                {
                    Volatile.Write(ref shared.IsDone, true);
                }
            });
        }

        workers.Join();
        Check.Equal(Cpu.Count, shared.Runs, "tasks whose grace periods ended");
    }

    [KernelTest]
    public static void Readers_OfReplacedFrames_NeverMeetAFreedOne()
    {
        const int updates = 400;
        var shared = new Shared();
        var cell = new Rcu<Page>(Make(0));
        var workers = new Workers();
        Exception? failure = null;
        for (int i = 0; i < Cpu.Count; i++)
        {
            int mine = i;
            workers.Start("reader", () =>
            {
                try
                {
                    while (Volatile.Read(ref shared.Runs) < Cpu.Count)
                    {
                        Read(cell);
                    }
                }
                catch (Exception exception)
                {
                    failure = exception;
                }
            });
            workers.Start("updater", () =>
            {
                for (int j = 0; j < updates; j++)
                {
                    Page old = Replace(cell, shared);
                    if (((mine + j) & 15) == 0)
                    {
                        Rcu.Synchronize();
                        old.Frame.Release();
                        Interlocked.Increment(ref shared.Released);
                    }
                    else
                    {
                        Rcu.Defer(
                            page =>
                            {
                                ((Page)page!).Frame.Release();
                                Interlocked.Increment(ref shared.Released);
                            },
                            old);
                    }
                }

                Interlocked.Increment(ref shared.Runs);
            });
        }

        workers.Join();
        Check.That(failure is null, "a reader met a freed frame, or another one's contents: " + failure?.Message);
        Rcu.Barrier();
        Check.Equal(Cpu.Count * updates, shared.Released, "frames reclaimed");
        cell.Current.Frame.Release();
    }

    [KernelTest]
    public static void Callback_QueuedAgainDuringItsGracePeriod_WaitsForTheNextOne()
    {
        if (Cpu.Count < 2)
        {
            return;
        }

        for (int round = 0; round < 100; round++)
        {
            var shared = new Shared();
            bool hadEnded = false;
            var callback = new RcuCallback(_ => hadEnded = Volatile.Read(ref shared.IsDone), null);
            var workers = new Workers();
            workers.Start("section", () =>
            {
                Task.Current.SetAffinity(1ul << Cpu.Count - 1);
                Await(shared, 1);
                using PreemptGuard guard = PreemptGuard.Disable();
                Volatile.Write(ref shared.Stage, 2);
                Spin(500_000);
                Volatile.Write(ref shared.IsDone, true);
            });
            callback.Queue();
            Spin(round * 1_000);
            Volatile.Write(ref shared.Stage, 1);
            Await(shared, 2);
            callback.Queue(); // by now the section runs, and the grace period of the first call may have begun before it
            workers.Join();
            Rcu.Barrier();
            Check.That(hadEnded, "the callback did not run after the section that it was queued in");
        }
    }

    [KernelTest]
    public static void Callback_ThatThrows_IsAnOopsAndTheOthersRun()
    {
        var shared = new Shared();
        long before = Oops.Count;
        Rcu.Defer(static _ => throw new InvalidOperationException("thrown in an RCU callback"), null);
        Rcu.Defer(static state => ((Shared)state!).IsDone = true, shared);
        Rcu.Barrier();
        Check.That(shared.IsDone, "the second callback ran");
        Check.Equal(before + 1, Oops.Count, "oopses");
    }

    private static void WaitFor(Action<Shared, Action<Shared>> inSection)
    {
        var shared = new Shared();
        var workers = new Workers();
        workers.Start("section", () =>
        {
            Task.Current.SetAffinity(1ul << Cpu.Count - 1);
            inSection(shared, static shared =>
            {
                Volatile.Write(ref shared.Stage, 1);
                while (Volatile.Read(ref shared.Stage) < 2)
                {
                }

                Spin(SectionNs);
                shared.IsViolated = Volatile.Read(ref shared.IsDone);
            });
        });
        workers.Start("synchronizer", () =>
        {
            Task.Current.SetAffinity(1);
            Await(shared, 1);
            Volatile.Write(ref shared.Stage, 2);
            Rcu.Synchronize();
            Volatile.Write(ref shared.IsDone, true);
        });
        workers.Join();
        Check.That(!shared.IsViolated, "the grace period ended before the section");
    }

    private static void Read(Rcu<Page> cell)
    {
        using RcuReadGuard<Page> guard = cell.Read();
        for (int i = 0; i < 4; i++)
        {
            VmReader reader = guard.Value.Frame.Reader(8 * i, sizeof(uint));
            Check.That(reader.TryRead(out uint stamp), "the frame can be read");
            Check.Equal(guard.Value.Stamp, stamp, "what the frame holds");
        }
    }

    private static Page Replace(Rcu<Page> cell, Shared shared)
    {
        Page page = Make(Interlocked.Increment(ref shared.Stamp));
        Page old = cell.Current;
        while (!cell.CompareExchange(page, old))
        {
            old = cell.Current;
        }

        return old;
    }

    private static Page Make(uint stamp)
    {
        Check.That(Frame.TryAllocate(out Frame frame), "a frame");
        for (int i = 0; i < 4; i++)
        {
            VmWriter writer = frame.Writer(8 * i, sizeof(uint));
            writer.TryWrite(stamp);
        }

        return new Page(frame, stamp);
    }

    private static void Spin(long ns)
    {
        long end = Clock.MonotonicNs + ns;
        while (Clock.MonotonicNs < end)
        {
        }
    }

    private static void Await(Shared shared, int stage)
    {
        while (Volatile.Read(ref shared.Stage) < stage)
        {
            Task.Yield();
        }
    }
}
