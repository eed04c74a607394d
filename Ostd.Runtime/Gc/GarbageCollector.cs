// SPDX-License-Identifier: MPL-2.0

namespace Ostd.Runtime;

/// <summary>What OSTD may ask of the collector.</summary>
public static class GarbageCollector
{
    /// <summary>Collect at every Nth allocation; 0, the default, for when it is due. The kernel parameter <c>gc.stress</c>.</summary>
    public static uint StressInterval
    {
        get => GcHeap.StressInterval;
        set => GcHeap.StressInterval = value;
    }

    /// <summary>Whether the heap is checked after each collection.</summary>
    public static bool IsVerifying
    {
        get => Collector.IsVerifying;
        set => Collector.IsVerifying = value;
    }

    /// <summary>Collections since boot.</summary>
    public static uint CollectionCount => Collector.CollectionCount;

    /// <summary>Bytes of the cells that survived the last collection.</summary>
    public static ulong LiveBytes => Sweeper.LiveBytes;

    /// <summary>Bytes handed to allocation since boot, counted by blocks.</summary>
    public static ulong TotalAllocatedBytes => GcHeap.TotalAllocatedBytes;

    /// <summary>Bytes taken from the page provider and not given back.</summary>
    public static ulong CommittedBytes => PageProvider.CommittedBytes;

    /// <summary>Length of the last pause, in units of the cycle counter.</summary>
    public static ulong LastPauseCycles => Collector.LastPauseCycles;

    /// <summary>Length of the longest pause since boot.</summary>
    public static ulong LongestPauseCycles => Collector.LongestPauseCycles;

    /// <summary>Sum of all pauses since boot.</summary>
    public static ulong TotalPauseCycles => Collector.TotalPauseCycles;

    /// <summary>How often the mark stack was too small.</summary>
    public static ulong MarkOverflowCount => Marker.OverflowCount;

    /// <summary>Collects now.</summary>
    public static void Collect() => Collector.Collect();
}
