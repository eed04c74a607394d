// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;
using System.Threading;
using Ostd.Boot;
using Ostd.Cpus;
using Ostd.Logging;
using Ostd.Memory;
using Ostd.Sync;
using Ostd.Testing;
using Ostd.Time;
using Ostd.Torture.Loads;
using Task = Ostd.Tasks.Task;

namespace Ostd.Torture;

/// <summary>All loads at once, on many tasks.</summary>
public static class TortureTest
{
    // What may stay after the warm-up: a call site's dispatch cache, a list that has grown, pages that hold one object each.
    private const long LiveSlackBytes = 512 * 1024;
    private const long PageSlack = 512;
    private const int WarmUpRounds = 60;

    private sealed class Shared(ITortureLoad[] loads)
    {
        public readonly ITortureLoad[] Loads = loads;
        public readonly long[] Rounds = new long[loads.Length];
        public readonly WaitQueue Ended = new();
        public long DeadlineNs;
        public long RoundLimit;
        public int Running;
        public Exception? Failure;

        /// <summary>A bit for each CPU on which a worker has run.</summary>
        public long CpusSeen;
    }

    private sealed record Worker(Shared Shared, ulong Seed);

    /// <summary>Nothing crashes, nothing is corrupted, nothing is lost.</summary>
    [KernelTest]
    public static void Torture_EverythingAtOnce_CorruptsAndLeaksNothing()
    {
        TortureParameters parameters = TortureParameters.Parse(BootInfo.CommandLine);

        // The same loads, for a little: what is made once and stays, such as dispatch caches and the pools of tasks, is there afterwards.
        RunLoads(parameters with { Seed = parameters.Seed + 1000 }, long.MaxValue, WarmUpRounds);
        (long liveBefore, long freeBefore) = Settle();

        long start = Clock.MonotonicNs;
        RunLoads(parameters, start + parameters.Seconds * 1_000_000_000L, long.MaxValue);
        (long liveAfter, long freeAfter) = Settle();

        Log.Write(LogLevel.Alert, "torture: live bytes " + liveBefore + " -> " + liveAfter + ", free pages " + freeBefore + " -> " + freeAfter + ", collections " + CollectedHeap.CollectionCount);
        CollectedHeap.Report(0, static (_, name, value) =>
        {
            if (name is "concurrent_cycles" or "stopped_cycles" or "abandoned_cycles" or "put_off_ends" or "assists" or "helped_steps")
            {
                Log.Write(LogLevel.Alert, "torture: " + name + " " + value);
            }
        });
        CheckBootHeap();
        TortureException.Unless(liveAfter <= liveBefore + LiveSlackBytes, "live bytes have grown from " + liveBefore + " to " + liveAfter);
        TortureException.Unless(freeAfter >= freeBefore - PageSlack, "free pages have fallen from " + freeBefore + " to " + freeAfter);
    }

    // The kernel's own image is asked by tests/torture/load.c.
    private static void CheckBootHeap()
    {
        var figures = new Dictionary<string, long>();
        CollectedHeap.Report(figures, static (figures, name, value) => figures[name] = value);
        long used = figures["boot_heap_used_bytes"];
        TortureException.Unless(used * 4 <= figures["boot_heap_bytes"] * 3, "the boot heap is too full: " + used + " bytes");
    }

    private static void RunLoads(TortureParameters parameters, long deadlineNs, long roundLimit)
    {
        ITortureLoad[] loads = [new AllocationLoad(), new ExceptionLoad(), new LockLoad(), new TaskLoad(), new DispatchLoad(), new TimerLoad(), new HandleLoad()];
        var shared = new Shared(loads) { DeadlineNs = deadlineNs, RoundLimit = roundLimit, Running = parameters.Workers };
        for (int i = 0; i < parameters.Workers; i++)
        {
            var worker = new Worker(shared, parameters.Seed * 1_000_003 + (ulong)i);
            TortureException.Unless(Task.TryCreate(static state => RunWorker((Worker)state!), worker, "torture-" + i, out Task? task), "no task could be created");
            task!.Start();
        }

        shared.Ended.Wait(shared, static s => Volatile.Read(ref s.Running) == 0);
        foreach (ITortureLoad load in loads)
        {
            load.Finish();
        }

        if (shared.Failure is not null)
        {
            throw new TortureException("seed " + parameters.Seed + ": " + shared.Failure.GetType().Name + ": " + shared.Failure.Message);
        }

        long allCpus = (1L << Cpu.Count) - 1;
        TortureException.Unless(roundLimit != long.MaxValue || shared.CpusSeen == allCpus, "workers have run on the CPUs " + shared.CpusSeen.ToString("x") + " of " + allCpus.ToString("x"));
        for (int i = 0; i < loads.Length; i++)
        {
            Log.Write(LogLevel.Info, "torture: " + loads[i].Name + ": " + shared.Rounds[i] + " rounds");
        }
    }

    private static void RunWorker(Worker worker)
    {
        Shared shared = worker.Shared;
        var dice = new Dice(worker.Seed);
        int index = 0;
        try
        {
            for (long round = 0; round < shared.RoundLimit && Clock.MonotonicNs < shared.DeadlineNs && Volatile.Read(ref shared.Failure) is null; round++)
            {
                index = dice.Below(shared.Loads.Length);
                shared.Loads[index].Run(dice);
                Interlocked.Increment(ref shared.Rounds[index]);
                Interlocked.Or(ref shared.CpusSeen, 1L << Cpu.CurrentId);
            }
        }
        catch (Exception failure)
        {
            Interlocked.CompareExchange(ref shared.Failure, failure, null);
            Log.Write(LogLevel.Alert, "torture: " + shared.Loads[index].Name + ": " + failure.GetType().Name + ": " + failure.Message);
        }

        Interlocked.Decrement(ref shared.Running);
        shared.Ended.WakeAll();
    }

    // The stacks of ended tasks and the last conservative references to what they held go with time: what is left after some collections stays.
    private static (long LiveBytes, long FreePages) Settle()
    {
        for (int i = 0; i < 5; i++)
        {
            Task.SleepUntil(Clock.MonotonicNs + 20_000_000);
            CollectedHeap.Collect();
        }

        return (CollectedHeap.LiveBytes, PhysicalMemory.FreePages);
    }
}
