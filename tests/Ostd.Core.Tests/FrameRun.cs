// SPDX-License-Identifier: MPL-2.0
using Ostd.Memory;

namespace Ostd.Core.Tests;

/// <summary>Pages that follow each other.</summary>
internal static class FrameRun
{
    /// <summary>Gives a run back, or a part of one, page by page as all of OSTD does.</summary>
    public static void Free(uint first, uint count)
    {
        for (uint page = first; page < first + count; page++)
        {
            FrameAllocator.FreePage(page);
        }
    }

    /// <summary>
    /// The size of the largest block that the states of all pages leave room for, a power of two: what an allocator that has merged all it could must be able to give. It depends on where pages lie that tests keep for good, those of
    /// devices' memory and of the IOMMU's tables.
    /// </summary>
    public static uint LargestFree()
    {
        uint size = 1u << FrameAllocator.MaxOrder;
        while (!HasFree(size))
        {
            size >>= 1;
        }

        return size;
    }

    private static bool HasFree(uint size)
    {
        for (uint first = 0; first + size <= FrameTable.Count; first += size)
        {
            uint count = 0;
            while (count < size && FrameTable.Slot(first + count).State is FrameState.Free or FrameState.Cached or <= FrameState.FreeBlock)
            {
                count++;
            }

            if (count == size)
            {
                return true;
            }
        }

        return false;
    }
}
