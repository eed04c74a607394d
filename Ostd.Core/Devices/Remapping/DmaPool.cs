// SPDX-License-Identifier: MPL-2.0
using Ostd.Memory;
using Ostd.Sync;

namespace Ostd.Devices.Remapping;

/// <summary>
/// DMA memory that was given back, by its number of pages. It never goes back to the frame allocator: a stale access of a driver's then meets DMA memory, whose contents nobody relies on, and never a page table
/// or an object.
/// </summary>
internal static class DmaPool
{
    // The pages are linked by their metadata: the first page of a run has the next run in Next and its own length in Previous.
    private static uint s_first;
    private static RawSpinLock s_lock;

    /// <summary>Takes a run of exactly so many pages.</summary>
    /// <returns>Its first page; 0 when there is none.</returns>
    public static uint Take(uint pageCount)
    {
        bool wereEnabled = s_lock.Enter();
        ref uint link = ref s_first;
        while (link != 0 && FrameTable.Slot(link).Previous != pageCount)
        {
            link = ref FrameTable.Slot(link).Next;
        }

        uint page = link;
        if (page != 0)
        {
            link = FrameTable.Slot(page).Next;
        }

        s_lock.Exit(wereEnabled);
        return page;
    }

    /// <summary>Gives a run back that devices do not reach any more.</summary>
    public static void Give(uint firstPage, uint pageCount)
    {
        bool wereEnabled = s_lock.Enter();
        ref FrameSlot slot = ref FrameTable.Slot(firstPage);
        slot.Next = s_first;
        slot.Previous = pageCount;
        s_first = firstPage;
        s_lock.Exit(wereEnabled);
    }
}
