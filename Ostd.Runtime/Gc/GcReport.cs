// SPDX-License-Identifier: MPL-2.0

namespace Ostd.Runtime;

/// <summary>Figures of the collector since boot. All times are in nanoseconds.</summary>
public static class GcReport
{
    /// <summary>Collections with the world stopped throughout.</summary>
    public static uint StoppedCount => Collector.StoppedCount;

    /// <summary>Collections beside the running program that came to their end.</summary>
    public static uint ConcurrentCount => ConcurrentCycle.CompletedCount;

    /// <summary>Collections beside the running program that a stopped one cut short.</summary>
    public static uint AbandonedCount => ConcurrentCycle.AbandonedCount;

    /// <summary>Stops at the end of a marking after which marking went on, because too much was left.</summary>
    public static uint PutOffCount => ConcurrentCycle.PutOffCount;

    /// <summary>Allocations that marked a little.</summary>
    public static ulong AssistCount => MarkingHelp.AssistCount;

    /// <summary>Steps of marking by CPUs that had nothing else to do.</summary>
    public static ulong HelpCount => MarkingHelp.StepCount;

    /// <summary>Blocks that had to be looked through again because the lists of grey objects were full.</summary>
    public static ulong OverflowCount => Marker.OverflowCount;

    /// <summary>Objects that verification has looked at.</summary>
    public static ulong VerifiedObjects => HeapVerifier.CheckedObjects;

    /// <summary>Stops of the world.</summary>
    public static PauseHistogram Stops => GcStatistics.Stops;

    /// <summary>Times in which the collector held a CPU with interrupts off while others went on.</summary>
    public static PauseHistogram Holds => GcStatistics.Holds;

    /// <summary>Length of the last stop.</summary>
    public static ulong LastStopNs => GcStatistics.LastStopNs;

    /// <summary>Number of phases of a collection.</summary>
    public static int PhaseCount => GcStatistics.PhaseCount;

    /// <summary>A phase's name.</summary>
    public static string PhaseName(int phase) => (CyclePhase)phase switch
    {
        CyclePhase.Idle => "begin",
        CyclePhase.FinishSweep => "finish_sweep",
        CyclePhase.MarkHandles => "mark_handles",
        CyclePhase.MarkFrozen => "mark_frozen",
        CyclePhase.MarkStacks => "mark_stacks",
        CyclePhase.Drain => "mark_heap",
        CyclePhase.Gather => "gather",
        CyclePhase.Preclean => "preclean_stacks",
        CyclePhase.Terminate => "terminate",
        CyclePhase.Sweep => "sweep",
        _ => "trim",
    };

    /// <summary>Time that the worker has spent in a phase, preemption included.</summary>
    public static ulong PhaseNs(int phase) => GcStatistics.NsOf((CyclePhase)phase);

    /// <summary>Size of the heap that there is before the first page is.</summary>
    public static ulong BootHeapBytes => GcHeap.BootHeapBytes;

    /// <summary>How much of the boot heap had been used when pages came. An image that fills it does not boot.</summary>
    public static ulong BootHeapUsedBytes => GcHeap.BootHeapUsedBytes;

    /// <summary>Number of size classes.</summary>
    public static int SizeClassCount => SizeClasses.Count;

    /// <summary>Bytes of a class's cells; the last sweep's live cells and free ones in blocks of the class.</summary>
    public static uint DescribeSizeClass(int sizeClass, out ulong liveBytes, out ulong freeBytes)
    {
        uint cellSize = SizeClasses.CellSize(sizeClass);
        Sweeper.CountOf(sizeClass, out ulong live, out ulong free);
        liveBytes = live * cellSize;
        freeBytes = free * cellSize;
        return cellSize;
    }

    /// <summary>Live bytes of objects above the size classes, at the last sweep.</summary>
    public static ulong LargeBytes => Sweeper.LargeBytes;
}
