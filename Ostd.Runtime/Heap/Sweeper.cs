// SPDX-License-Identifier: MPL-2.0

namespace Ostd.Runtime;

/// <summary>
/// Finds the free cells after a marking, block by block: on allocation, when it needs a block, and by the collector's worker in the background. It reads and writes states
/// only, no object.
/// </summary>
// SAFETY: runs with the heap's lock held, and never while a collection marks: each marking begins when the sweep is over. Infos are backed up to UsedBlocks.
[NoAlloc]
internal static unsafe class Sweeper
{
    private static HeapRegion* s_region;
    private static uint s_index;
    private static ulong s_liveBytes;
    private static ulong s_largeBytes;
    private static ClassCounts s_counting;
    private static ClassCounts s_counted;

    private struct ClassCounts
    {
        internal fixed ulong Live[SizeClasses.Count];
        internal fixed ulong Free[SizeClasses.Count];
    }

    /// <summary>The number of the last marking that ended; blocks with another number in <see cref="BlockInfo.SweptCycle"/> are not swept yet.</summary>
    internal static uint Cycle { get; private set; }

    internal static bool IsDone => s_region == null;

    /// <summary>Bytes of the cells that lived after the last sweep.</summary>
    internal static ulong LiveBytes { get; private set; }

    /// <summary>Live bytes of large objects after the last sweep.</summary>
    internal static ulong LargeBytes { get; private set; }

    /// <summary>Cells of a class after the last sweep.</summary>
    internal static void CountOf(int sizeClass, out ulong live, out ulong free)
    {
        live = s_counted.Live[sizeClass];
        free = s_counted.Free[sizeClass];
    }

    /// <summary>After marking: all blocks are to be swept.</summary>
    internal static void BeginLocked()
    {
        GcHeap.ForgetBlocks();
        Cycle++;
        s_region = GcHeap.BootRegion;
        s_index = 0;
        s_liveBytes = 0;
        s_largeBytes = 0;
        s_counting = default;
    }

    /// <summary>Sweeps some blocks.</summary>
    /// <returns>False when there was nothing left to sweep.</returns>
    internal static bool StepLocked(uint blocks)
    {
        if (s_region == null)
        {
            return false;
        }

        while (blocks > 0)
        {
            if (s_index >= s_region->UsedBlocks)
            {
                if (s_region == GcHeap.MainRegion)
                {
                    s_region = null;
                    LiveBytes = s_liveBytes;
                    LargeBytes = s_largeBytes;
                    s_counted = s_counting;
                    GcBudget.OnSwept(s_liveBytes);
                    return true;
                }

                s_region = GcHeap.MainRegion;
                s_index = 0;
                continue;
            }

            BlockInfo* info = &s_region->Infos[s_index];
            s_index += info->Kind == BlockKind.Large ? info->UsedCount : 1;
            if (info->SweptCycle != Cycle && info->Kind is BlockKind.Small or BlockKind.Large)
            {
                info->SweptCycle = Cycle;
                Sweep(info);
                blocks--;
            }
        }

        return true;
    }

    internal static void FinishLocked()
    {
        while (StepLocked(uint.MaxValue))
        {
        }
    }

    private static void Sweep(BlockInfo* info)
    {
        if (info->Kind == BlockKind.Large)
        {
            if (info->State[0] == Marker.Epoch)
            {
                s_liveBytes += info->LargeSize;
                s_largeBytes += info->LargeSize;
            }
            else
            {
                s_region->Free(info, info->UsedCount);
            }

            return;
        }

        uint live = BlockInfo.Sweep(info, Marker.Epoch);
        if (live == 0)
        {
            s_region->Free(info, 1);
            return;
        }

        s_liveBytes += (ulong)live * info->CellSize;
        s_counting.Live[info->SizeClass] += live;
        s_counting.Free[info->SizeClass] += info->CellCount - live;
        if (live < info->CellCount)
        {
            GcHeap.AddPartial(info);
        }
        else
        {
            info->FreeIndex = info->CellCount;
        }
    }
}
