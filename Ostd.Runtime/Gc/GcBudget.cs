// SPDX-License-Identifier: MPL-2.0

namespace Ostd.Runtime;

/// <summary>When a collection is due: as much was allocated since the last one began as was alive after it, at least 4 MiB; or as much as a policy plans.</summary>
[NoAlloc]
internal static class GcBudget
{
    private const ulong OverdueFactor = 4;
    private const ulong Minimum = 4 * 1024 * 1024;
    private const ulong NoPlan = ulong.MaxValue;

    private static ulong s_limit = Minimum;
    private static ulong s_ownLimit = Minimum;
    private static ulong s_plannedKept = NoPlan;

    /// <summary>Bytes handed to allocation since the last marking began.</summary>
    internal static ulong AllocatedBytes { get; set; }

    /// <summary>No concurrent cycle can do it: there is no worker yet, or it has fallen far behind.</summary>
    internal static bool MustStop => AllocatedBytes >= s_limit && (!ConcurrentCycle.IsAvailable || AllocatedBytes >= s_limit * OverdueFactor);

    internal static ulong LimitBytes => s_limit;

    internal static bool IsExhausted => AllocatedBytes >= s_limit;

    /// <summary>How many free blocks stay backed by memory: what is allocated until the next collection, unless a policy plans something else.</summary>
    internal static uint BlocksToKeep => (uint)((s_plannedKept == NoPlan ? s_limit : s_plannedKept) >> HeapRegion.BlockShift);

    internal static void OnMarkingBegins() => AllocatedBytes = 0;

    internal static void OnSwept(ulong liveBytes)
    {
        s_ownLimit = liveBytes > Minimum ? liveBytes : Minimum;
        s_limit = s_ownLimit;
    }

    /// <summary>Takes a plan: the budget holds until the next sweep is over, what is kept until the next plan. Any numbers do.</summary>
    internal static void SetPlan(ulong budgetBytes, ulong keptBytes)
    {
        s_limit = budgetBytes;
        s_plannedKept = keptBytes;
    }

    /// <summary>Forgets the last plan: the runtime's own rule holds from now on.</summary>
    internal static void EndPlans()
    {
        s_limit = s_ownLimit;
        s_plannedKept = NoPlan;
    }
}
