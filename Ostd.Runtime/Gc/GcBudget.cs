// SPDX-License-Identifier: MPL-2.0

namespace Ostd.Runtime;

/// <summary>When a collection is due: as much was allocated since the last one began as was alive after it, at least 4 MiB.</summary>
internal static class GcBudget
{
    private const ulong OverdueFactor = 4;
    private const ulong Minimum = 4 * 1024 * 1024;

    private static ulong s_limit = Minimum;

    /// <summary>Bytes handed to allocation since the last marking began.</summary>
    internal static ulong AllocatedBytes { get; set; }

    /// <summary>No concurrent cycle can do it: there is no worker yet, or it has fallen far behind.</summary>
    internal static bool MustStop => AllocatedBytes >= s_limit && (!ConcurrentCycle.IsAvailable || AllocatedBytes >= s_limit * OverdueFactor);

    internal static bool IsExhausted => AllocatedBytes >= s_limit;

    /// <summary>How many free blocks stay backed by memory: what is allocated until the next collection.</summary>
    internal static uint BlocksToKeep => (uint)(s_limit >> HeapRegion.BlockShift);

    internal static void OnMarkingBegins() => AllocatedBytes = 0;

    internal static void OnSwept(ulong liveBytes) => s_limit = liveBytes > Minimum ? liveBytes : Minimum;
}
