// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Arch;
using Ostd.Boot;
using Ostd.Runtime;
using Ostd.Time;

namespace Ostd.Memory;

/// <summary>The heap of C# objects: what <c>/proc/asterion/gc</c> and <c>/proc/meminfo</c> tell about it.</summary>
public static class CollectedHeap
{
    /// <summary>Collections since boot.</summary>
    public static long CollectionCount => TaskHosting.IsHosted ? GC.CollectionCount(0) : GarbageCollector.CollectionCount;

    /// <summary>Bytes that survived the last collection.</summary>
    public static long LiveBytes => TaskHosting.IsHosted ? GC.GetTotalMemory(false) : (long)GarbageCollector.LiveBytes;

    /// <summary>Bytes handed to allocation since boot.</summary>
    public static long TotalAllocatedBytes => TaskHosting.IsHosted ? GC.GetTotalAllocatedBytes() : (long)GarbageCollector.TotalAllocatedBytes;

    /// <summary>Bytes of frames that back the heap now.</summary>
    public static long CommittedBytes => TaskHosting.IsHosted ? GC.GetTotalMemory(false) : (long)GarbageCollector.CommittedBytes;

    /// <summary>After how many allocated bytes a collection begins.</summary>
    public static long BudgetBytes => TaskHosting.IsHosted ? 0 : (long)GarbageCollector.BudgetBytes;

    /// <summary>Installs the policy that decides when to collect, in the place of the one before.</summary>
    /// <param name="policy">Null for OSTD's own rule.</param>
    public static void InstallPolicy(IHeapPolicy? policy) => HeapPlanning.Install(policy);

    /// <summary>Length of the last pause, in nanoseconds.</summary>
    public static long LastPauseNs => TaskHosting.IsHosted ? 0 : (long)GcReport.LastStopNs;

    /// <summary>Length of the longest pause since boot, in nanoseconds.</summary>
    public static long LongestPauseNs => TaskHosting.IsHosted ? 0 : (long)GcReport.Stops.LongestNs;

    /// <summary>Sum of all pauses since boot, in nanoseconds.</summary>
    public static long TotalPauseNs => TaskHosting.IsHosted ? 0 : (long)GcReport.Stops.TotalNs;

    /// <summary>Hands every figure of the collector to a writer, as a name and a value.</summary>
    /// <param name="state">Passed to the writer.</param>
    /// <param name="write">Called for each.</param>
    public static void Report<TState>(TState state, Action<TState, string, long> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        write(state, "collections", CollectionCount);
        write(state, "live_bytes", LiveBytes);
        write(state, "committed_bytes", CommittedBytes);
        write(state, "allocated_bytes", TotalAllocatedBytes);
        write(state, "budget_bytes", BudgetBytes);
        if (TaskHosting.IsHosted)
        {
            return;
        }

        long uptimeMs = Math.Max(1, Clock.MonotonicNs / 1_000_000);
        write(state, "allocated_bytes_per_second", (long)((Int128)TotalAllocatedBytes * 1000 / uptimeMs));
        write(state, "allocated_since_marking_bytes", (long)GarbageCollector.AllocatedSinceMarking);
        write(state, "concurrent_cycles", GcReport.ConcurrentCount);
        write(state, "stopped_cycles", GcReport.StoppedCount);
        write(state, "abandoned_cycles", GcReport.AbandonedCount);
        write(state, "put_off_ends", GcReport.PutOffCount);
        write(state, "assists", (long)GcReport.AssistCount);
        write(state, "helped_steps", (long)GcReport.HelpCount);
        write(state, "overflows", (long)GcReport.OverflowCount);
        write(state, "verified_objects", (long)GcReport.VerifiedObjects);
        ReportPauses(state, write, GcReport.Stops, "pause", "pause_histogram_ns_");
        ReportPauses(state, write, GcReport.Holds, "hold", "hold_histogram_ns_");
        for (int phase = 0; phase < GcReport.PhaseCount; phase++)
        {
            write(state, "phase_" + GcReport.PhaseName(phase) + "_ns", (long)GcReport.PhaseNs(phase));
        }

        for (int i = 0; i < GcReport.SizeClassCount; i++)
        {
            uint cell = GcReport.DescribeSizeClass(i, out ulong live, out ulong free);
            if (live + free != 0)
            {
                write(state, "class_" + cell.ToString(System.Globalization.CultureInfo.InvariantCulture) + "_live_bytes", (long)live);
                write(state, "class_" + cell.ToString(System.Globalization.CultureInfo.InvariantCulture) + "_free_bytes", (long)free);
            }
        }

        write(state, "large_live_bytes", (long)GcReport.LargeBytes);
        write(state, "boot_heap_bytes", (long)GcReport.BootHeapBytes);
        write(state, "boot_heap_used_bytes", (long)GcReport.BootHeapUsedBytes);
    }

    private static void ReportPauses<TState>(TState state, Action<TState, string, long> write, in PauseHistogram pauses, string name, string histogram)
    {
        write(state, name + "_count", pauses.Count);
        write(state, name + "_p50_ns", (long)pauses.Quantile(500));
        write(state, name + "_p99_ns", (long)pauses.Quantile(990));
        write(state, "longest_" + name + "_ns", (long)pauses.LongestNs);
        write(state, "total_" + name + "_ns", (long)pauses.TotalNs);
        for (int power = 0; power < PauseHistogram.PowerCount; power++)
        {
            uint count = pauses.CountOf(power);
            if (count != 0)
            {
                write(state, histogram + (1ul << power).ToString(System.Globalization.CultureInfo.InvariantCulture), count);
            }
        }
    }

    /// <summary>Collects now, and gives what is free back to the frame allocator.</summary>
    public static void Collect()
    {
        if (TaskHosting.IsHosted)
        {
            GC.Collect();
        }
        else
        {
            GarbageCollector.Collect();
        }
    }

    /// <summary>
    /// Honours <c>gc.stress=N</c> (collect at every Nth allocation), <c>gc.stress.concurrent</c> (collect all the time beside what runs) and <c>gc.verify</c> (check the heap after
    /// each collection; debug kernels do, unless it is <c>gc.verify=0</c>): they test the kernel's own references.
    /// <c>heap.limit=24M</c> is the most that the heap may commit; with <c>heap.fail=N</c> every Nth allocation of tasks that are to meet failures does fail (<see cref="AllocationFailures"/>).
    /// </summary>
    internal static void ApplyParameters(ReadOnlySpan<char> commandLine)
    {
#if DEBUG
        GarbageCollector.IsVerifying = true;
#endif
        foreach (ReadOnlySpan<char> word in new CommandLineWords(commandLine))
        {
            const string stress = "gc.stress=";
            const string limit = "heap.limit=";
            const string failure = "heap.fail=";
            if (CommandLineWords.TryGetValue(word, stress, out ReadOnlySpan<char> stressText) && uint.TryParse(stressText, out uint interval))
            {
                GarbageCollector.StressInterval = interval;
            }
            else if (word.SequenceEqual("gc.stress.concurrent"))
            {
                GarbageCollector.IsContinuous = true;
            }
            else if (CommandLineWords.TryGetValue(word, limit, out ReadOnlySpan<char> limitText) && TryParseSize(limitText, out ulong bytes))
            {
                HeapLimit.Bytes = bytes;
            }
            else if (CommandLineWords.TryGetValue(word, failure, out ReadOnlySpan<char> failureText) && uint.TryParse(failureText, out uint failureInterval))
            {
                HeapFailure.Configure(failureInterval, 0);
            }
            else if (word is "gc.verify" or "gc.verify=1" or "gc.verify=0")
            {
                GarbageCollector.IsVerifying = word[^1] != '0';
            }
        }
    }

    private static bool TryParseSize(ReadOnlySpan<char> text, out ulong bytes)
    {
        int shift = text.IsEmpty ? 0 : char.ToUpperInvariant(text[^1]) switch { 'K' => 10, 'M' => 20, 'G' => 30, _ => 0 };
        bool isNumber = ulong.TryParse(shift == 0 ? text : text[..^1], out bytes);
        bytes <<= shift;
        return isNumber;
    }
}
