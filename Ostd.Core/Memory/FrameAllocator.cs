// SPDX-License-Identifier: MPL-2.0
using System.Runtime.CompilerServices;
using System.Threading;
using Ostd.Arch;

namespace Ostd.Memory;

/// <summary>
/// The buddy allocator of physical pages (Knuth, The Art of Computer Programming, vol. 1, 2.5): a free list for each power of two, linked
/// through the metadata of the blocks' first pages, and a short stack of single pages in front of it (FrameAllocator.Cache.cs), so that the
/// fault path does not split and merge blocks all the time.
/// </summary>
/// <remarks>
/// <para>The collected heap gets its memory here: nothing in this class may allocate, and the lock is a bare word with interrupts off, not an object.</para>
/// <para>When a policy is installed (FrameAllocator.Policy.cs), the lists are empty, and it chooses instead; what stays here are states, counts, reserves and the stack of single pages.</para>
/// </remarks>
// SAFETY: writes go to metadata slots of the frame table alone, whose bounds are those of physical memory.
internal static unsafe partial class FrameAllocator
{
    /// <summary>Largest block: 2 to this power pages (1 GiB of 4 KiB pages).</summary>
    public const int MaxOrder = 18;

    // Block lists: page number of the first block of each order. A fixed buffer, because an array would be a heap object.
    private static FreeLists s_lists;
    private static Sync.RawSpinLock s_lock;
    private static long s_freePages;
    private static long s_totalPages;
    private static long s_reservePages;

    /// <summary>
    /// Pages that clients cannot take, so that programs that use up all memory fail before the kernel does: the last half of the reserve is the collected heap's alone, the first is
    /// for page tables and stacks too. 1/64 of memory, 1 to 16 MiB.
    /// </summary>
    public static long ReservePages => s_reservePages;

    /// <summary>Pages free now.</summary>
    public static long FreePages => Volatile.Read(ref s_freePages);

    /// <summary>Pages managed.</summary>
    public static long TotalPages => Volatile.Read(ref s_totalPages);

    /// <summary>Hands a run of reserved pages to the allocator.</summary>
    public static void AddPages(uint first, uint count)
    {
        bool interrupts = Lock();
        s_totalPages += count;
        s_reservePages = System.Math.Clamp(s_totalPages >> 6, (1 << 20) >> PageTableFormat.PageShift, (16 << 20) >> PageTableFormat.PageShift);
        s_freePages += count;
        for (uint i = 0; i < count; i++)
        {
            FrameTable.Slot(first + i).SetState(FrameState.Free);
        }
        AddRunLocked(first, count);
        Unlock(interrupts);
    }

    /// <summary>Takes one page and puts it into a state. Its contents are unspecified.</summary>
    /// <returns>The page number; 0 when memory is exhausted.</returns>
    [NoAlloc]
    public static uint AllocatePage(int state)
    {
        bool interrupts = Lock();
        if (s_freePages <= FloorOf(state))
        {
            Unlock(interrupts);
            return 0;
        }
        uint page = TakeCachedLocked(state);
        if (page != 0)
        {
            s_freePages--;
        }
        Unlock(interrupts);
        return page;
    }

    /// <summary>Gives one page back. The caller has put its state to <see cref="FrameState.Busy"/> or owns it alone.</summary>
    [InterruptSafe]
    public static void FreePage(uint page)
    {
        bool interrupts = Lock();
        s_freePages++;
        AddCachedLocked(page);
        if (s_cachedCount > CacheLimit)
        {
            ReturnCachedLocked(CacheBatch);
        }
        Unlock(interrupts);
    }

    /// <summary>Takes a run of contiguous pages and puts each into a state. The first one's number is a multiple of the count, rounded up to a power of two.</summary>
    /// <returns>The first page number; 0 when no such run is free.</returns>
    public static uint AllocateRun(uint count, int state)
    {
        if (count == 0 || count > 1u << MaxOrder)
        {
            return 0;
        }
        int order = OrderFor(count);
        bool interrupts = Lock();
        if (s_freePages - count < FloorOf(state))
        {
            Unlock(interrupts);
            return 0;
        }
        uint page = TakeLocked(count, order);
        if (page == 0 && s_cachedCount != 0)
        {
            // The cached single pages may be what keeps blocks apart.
            ReturnCachedLocked(s_cachedCount);
            page = TakeLocked(count, order);
        }
        if (page == 0)
        {
            Unlock(interrupts);
            return 0;
        }
        s_freePages -= count;
        for (uint i = 0; i < count; i++)
        {
            ClaimLocked(page + i, state);
        }
        Unlock(interrupts);
        return page;
    }

    // What must stay free after an allocation for this use.
    [NoAlloc]
    private static long FloorOf(int state) => state > 0 ? s_reservePages : state == FrameState.Heap ? 0 : s_reservePages >> 1;

    /// <summary>Smallest order whose blocks hold <paramref name="count"/> pages.</summary>
    private static int OrderFor(uint count) => 32 - System.Numerics.BitOperations.LeadingZeroCount(count - 1);

    // Pages that are still in the state Free.
    [NoAlloc]
    private static uint TakeLocked(uint count, int order)
    {
        if (s_policy is { } policy)
        {
            return PolicyTakeLocked(policy, count, order);
        }
        uint page = TakeBlockLocked(order);
        if (page != 0)
        {
            FrameTable.Slot(page).SetState(FrameState.Free);
            FreeRunLocked(page + count, (1u << order) - count);
        }
        return page;
    }

    [NoAlloc]
    private static uint TakeBlockLocked(int order)
    {
        int found = order;
        while (found <= MaxOrder && s_lists[found] == 0)
        {
            found++;
        }
        if (found > MaxOrder)
        {
            return 0;
        }
        uint page = s_lists[found];
        UnlinkLocked(page, found);
        while (found > order)
        {
            found--;
            LinkLocked(page + (1u << found), found);
        }
        return page;
    }

    [NoAlloc]
    private static void FreeRunLocked(uint first, uint count)
    {
        while (count > 0)
        {
            // The largest block that starts here, aligned to its size, and fits.
            int order = System.Numerics.BitOperations.Log2(count);
            if (first != 0)
            {
                order = System.Math.Min(order, System.Numerics.BitOperations.TrailingZeroCount(first));
            }
            order = System.Math.Min(order, MaxOrder);
            uint size = 1u << order;
            for (uint i = 0; i < size; i++)
            {
                FrameTable.Slot(first + i).SetState(FrameState.Free);
            }
            FreeBlockLocked(first, order);
            first += size;
            count -= size;
        }
    }

    [InterruptSafe]
    private static void FreeBlockLocked(uint page, int order)
    {
        FrameTable.Slot(page).SetState(FrameState.Free);
        while (order < MaxOrder)
        {
            uint buddy = page ^ (1u << order);
            if (buddy >= FrameTable.Count || FrameTable.Slot(buddy).State != FrameState.FreeBlock - order)
            {
                break;
            }
            UnlinkLocked(buddy, order);
            FrameTable.Slot(buddy).SetState(FrameState.Free);
            page &= ~(1u << order);
            order++;
        }
        LinkLocked(page, order);
    }

    [InterruptSafe]
    private static void LinkLocked(uint page, int order)
    {
        ref FrameSlot slot = ref FrameTable.Slot(page);
        uint next = s_lists[order];
        slot.SetState(FrameState.FreeBlock - order);
        slot.Next = next;
        slot.Previous = 0;
        if (next != 0)
        {
            FrameTable.Slot(next).Previous = page;
        }
        s_lists[order] = page;
    }

    [InterruptSafe]
    private static void UnlinkLocked(uint page, int order)
    {
        ref FrameSlot slot = ref FrameTable.Slot(page);
        if (slot.Previous == 0)
        {
            s_lists[order] = slot.Next;
        }
        else
        {
            FrameTable.Slot(slot.Previous).Next = slot.Next;
        }
        if (slot.Next != 0)
        {
            FrameTable.Slot(slot.Next).Previous = slot.Previous;
        }
    }

    // Interrupts are off while the word is held: a page may be freed in any context.
    [InterruptSafe]
    private static bool Lock()
    {
        bool interrupts = Interrupts.Disable();
        if (!s_lock.TryEnterWithInterruptsOff())
        {
            LockContended();
        }
        return interrupts;
    }

    [InterruptSafe]
    private static void Unlock(bool interrupts) => s_lock.Exit(interrupts);

    [InlineArray(MaxOrder + 1)]
    private struct FreeLists
    {
        private uint _first;
    }
}
