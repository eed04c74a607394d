// SPDX-License-Identifier: MPL-2.0
using Ostd.Arch;

namespace Ostd.Memory;

/// <summary>Runs of contiguous pages for the kernel itself (the collected heap above all), addressed through the linear map. Allocates no objects; callable with interrupts off.</summary>
internal static unsafe class KernelPages
{
    private static long s_pageCount;

    /// <summary>Pages handed out.</summary>
    public static long PageCount => System.Threading.Volatile.Read(ref s_pageCount);

    /// <summary>Takes a run of pages. Contents are unspecified.</summary>
    /// <returns>Address of the first, or null when no such run is free.</returns>
    // SAFETY: the pages were free, and are now in the state Heap: nobody else has their address, and no Frame handle can name them.
    public static void* Allocate(nuint pageCount)
    {
        if (pageCount == 0 || pageCount > 1u << FrameAllocator.MaxOrder)
        {
            return null;
        }
        uint page = FrameAllocator.AllocateRun((uint)pageCount, FrameState.Heap);
        if (page == 0)
        {
            return null;
        }
        System.Threading.Interlocked.Add(ref s_pageCount, (long)pageCount);
        return FrameTable.AddressOf(page);
    }

    /// <summary>Gives a run back, or a part of one.</summary>
    // SAFETY: the caller owns the pages and keeps no address into them; the states are checked, so that a wrong address cannot free somebody else's page.
    public static void Free(void* address, nuint pageCount)
    {
        uint first = FrameTable.PageNumberOf(address);
        for (uint i = 0; i < pageCount; i++)
        {
            if (first + i >= FrameTable.Count || FrameTable.Slot(first + i).State != FrameState.Heap)
            {
                Boot.Panic.Halt("KernelPages.Free: not a heap page");
            }
        }
        FrameAllocator.FreeRun(first, (uint)pageCount);
        System.Threading.Interlocked.Add(ref s_pageCount, -(long)pageCount);
    }
}
