// SPDX-License-Identifier: MPL-2.0
using System;
using System.Runtime.CompilerServices;
using Ostd.Arch;

namespace Ostd.Memory;

/// <summary>
/// The kernel's half of every address space: the linear map, the kernel image, and an area of stacks with guard pages. All root entries that the
/// half will ever need are made by <see cref="Initialize"/>, so that a user space can copy them once.
/// </summary>
internal static unsafe class KernelSpace
{
    // Stacks kept for the next tasks, and how many go at once when there are more: each time all CPUs are interrupted.
    private const int CacheSize = 32;
    private const int ReleaseCount = 16;

    private const int UsableBytes = 32 * 1024;
    private const int ReserveBytes = 20 * 1024;
    private const int InterruptReserveBytes = 8 * 1024;

    private static ulong s_root;
    private static ulong s_nextSlot;
    private static ulong s_freeSlots;
    private static int s_cachedCount;

    // Fixed buffers, because arrays would be heap objects. Guarded by s_lock, as all fields.
    private static StackCache s_cached;
    private static long s_tableCount;
    private static Sync.RawSpinLock s_lock;

    /// <summary>Physical memory below this is in the linear map from the first instruction on.</summary>
    public static ulong BootLinearMapEnd => 4UL << 30;

    /// <summary>Physical address of the kernel's own root table.</summary>
    [InterruptSafe]
    public static ulong Root => s_root;

    /// <summary>Size of a kernel stack with its reserve: 52 KiB of 4 KiB pages, 64 KiB of 16 KiB pages.</summary>
    [InterruptSafe]
    public static int StackSizeBytes => StackPages * Paging.PageSizeBytes;

    /// <summary>The part of it at its low end that is not accessible until <see cref="OpenReserve"/>: what a stack overflow is dealt with on.</summary>
    [InterruptSafe]
    public static int StackReserveBytes => ReservePages * Paging.PageSizeBytes;

    [InterruptSafe]
    private static int ReservePages => PagesOf(ReserveBytes);

    [InterruptSafe]
    private static int StackPages => PagesOf(UsableBytes) + ReservePages;

    // The stack area: one entry of the root, below the kernel image.
    [InterruptSafe]
    private static ulong StackAreaStart => 0xffff_f000_0000_0000;

    /// <summary>Takes over the boot loader's tables, maps the rest of physical memory, and makes the stack area's root entry. After <see cref="PhysicalMemory.Initialize"/>.</summary>
    /// <param name="physicalEnd">First address past RAM.</param>
    public static void Initialize(ulong physicalEnd)
    {
        s_root = PageTableRegister.Root;
        if (s_root == 0)
        {
            // The hosted machine boots without tables.
            s_root = PageTable.Allocate();
        }
        ulong large = 1UL << PageTable.ShiftOf(PageTableFormat.LargePageLevel);
        for (ulong address = BootLinearMapEnd; address < physicalEnd && PhysicalMap.IsInPageTables; address += large)
        {
            MapLarge((ulong)PhysicalMap.ToPointer(address), address);
        }
        s_nextSlot = StackAreaStart;
        if (PageTable.EnsureLeaf(s_root, StackAreaStart, isUser: false, ref s_tableCount) == 0)
        {
            Boot.Panic.Halt("no memory for the kernel's page tables");
        }
    }

    /// <summary>Maps a stack. Running past its end faults: first on its reserve, then on a page that is missing, instead of overwriting the neighbour.</summary>
    /// <returns>The lowest address, that of the reserve; 0 when memory is exhausted.</returns>
    public static ulong MapStack()
    {
        bool interrupts = Lock();
        ulong bottom;
        if (s_cachedCount > 0)
        {
            bottom = s_cached[--s_cachedCount];
            Unlock(interrupts);
            return bottom;
        }
        // A slot is the guard page and the stack above it, reserve first. The entry of a free slot's guard page, which is not present, holds the address of the next free slot.
        ulong slot = s_freeSlots;
        if (slot != 0)
        {
            s_freeSlots = *GuardEntry(slot);
            *GuardEntry(slot) = 0;
        }
        else
        {
            slot = s_nextSlot;
            s_nextSlot += (uint)(Paging.PageSizeBytes + StackSizeBytes);
        }
        bottom = slot + (uint)Paging.PageSizeBytes;
        bool isComplete = PageTable.EnsureLeaf(s_root, slot, isUser: false, ref s_tableCount) != 0;
        for (int offset = 0; offset < StackSizeBytes && isComplete; offset += Paging.PageSizeBytes)
        {
            isComplete = MapPage(bottom + (uint)offset, isAccessible: offset >= StackReserveBytes);
        }
        if (!isComplete)
        {
            FreeStacks([bottom]);
            bottom = 0;
        }
        Unlock(interrupts);
        return bottom;
    }

    /// <summary>Gives a stack back. Nothing may run on it any more.</summary>
    /// <param name="bottom">What <see cref="MapStack"/> returned.</param>
    [InterruptSafe]
    public static void ReleaseStack(ulong bottom)
    {
        bool interrupts = Lock();
        if (s_cachedCount == CacheSize)
        {
            s_cachedCount -= ReleaseCount;
            FreeStacks(((Span<ulong>)s_cached).Slice(s_cachedCount, ReleaseCount));
        }
        s_cached[s_cachedCount++] = bottom;
        Unlock(interrupts);
    }

    /// <summary>Makes a stack's reserve accessible. Takes no lock: it runs in the trap of the overflow, and the entries are those of the running task's own stack.</summary>
    /// <param name="bottom">What <see cref="MapStack"/> returned.</param>
    /// <param name="isWhole">All of it; else its upper part, for an interrupt handler.</param>
    [InterruptSafe]
    public static void OpenReserve(ulong bottom, bool isWhole)
    {
        int start = isWhole ? 0 : (ReservePages - PagesOf(InterruptReserveBytes)) * Paging.PageSizeBytes;
        for (int offset = start; offset < StackReserveBytes; offset += Paging.PageSizeBytes)
        {
            ulong* entry = StackEntry(bottom + (uint)offset);
            *entry = PageTableFormat.WithPresence(*entry);
        }
    }

    /// <summary>Takes a stack's reserve away again. No other CPU uses it: the stack is the running task's, which stands above its reserve, or nobody's.</summary>
    /// <remarks>Another CPU on which the task ran while it was open may still know the translations: the next overflow there would be noticed at the guard page only.</remarks>
    /// <param name="bottom">What <see cref="MapStack"/> returned.</param>
    [InterruptSafe]
    public static void CloseReserve(ulong bottom)
    {
        for (int offset = 0; offset < StackReserveBytes; offset += Paging.PageSizeBytes)
        {
            ulong* entry = StackEntry(bottom + (uint)offset);
            *entry = PageTableFormat.WithoutPresence(*entry);
            PageTableRegister.FlushPage(bottom + (uint)offset);
        }
    }

    /// <summary>The address lies in the stack area, on a page that is not mapped: a kernel stack overflowed.</summary>
    [InterruptSafe]
    public static bool IsGuardPage(ulong address) => 
        (address >= StackAreaStart && address < s_nextSlot) || (address & ~(ulong)(Paging.PageSizeBytes - 1)) == KernelImage.BootStackGuard;

    [InterruptSafe]
    private static int PagesOf(int bytes) => (bytes + Paging.PageSizeBytes - 1) >> Paging.PageShift;

    // SAFETY: the leaf table was made by MapStack; entries of the stack area belong to this class.
    [InterruptSafe]
    private static ulong* GuardEntry(ulong slot) => StackEntry(slot);

    [InterruptSafe]
    private static ulong* StackEntry(ulong address) => PageTable.Entries(PageTable.FindLeaf(s_root, address)) + PageTable.IndexOf(address, 0);

    private static bool MapPage(ulong address, bool isAccessible)
    {
        ulong leaf = PageTable.EnsureLeaf(s_root, address, isUser: false, ref s_tableCount);
        uint page = leaf == 0 ? 0 : FrameAllocator.AllocatePage(FrameState.Stack);
        if (page == 0)
        {
            return false;
        }
        // SAFETY: a fresh frame, typed as a stack, at an address of the stack area that nothing else uses.
        ulong entry = PageTableFormat.MakeKernelPage((ulong)page << PageTableFormat.PageShift, canWrite: true);
        PageTable.Entries(leaf)[PageTable.IndexOf(address, 0)] = isAccessible ? entry : PageTableFormat.WithoutPresence(entry);
        return true;
    }

    // Frees stacks that are not in use. Their translations go first, on all CPUs at once, then the frames; meanwhile the entries, not present, keep the frames' addresses.
    [InterruptSafe]
    private static void FreeStacks(ReadOnlySpan<ulong> bottoms)
    {
        foreach (ulong bottom in bottoms)
        {
            for (int offset = 0; offset < StackSizeBytes; offset += Paging.PageSizeBytes)
            {
                if (PageTable.FindLeaf(s_root, bottom + (uint)offset) != 0)
                {
                    ulong* entry = StackEntry(bottom + (uint)offset);
                    *entry = PageTableFormat.WithoutPresence(*entry);
                    PageTableRegister.FlushPage(bottom + (uint)offset);
                }
            }
        }
        TlbShootdown.FlushKernelOnOthers(StackAreaStart, s_nextSlot - StackAreaStart);
        foreach (ulong bottom in bottoms)
        {
            FreeSlot(bottom - (uint)Paging.PageSizeBytes);
        }
    }

    [InterruptSafe]
    private static void FreeSlot(ulong slot)
    {
        for (int i = 0; i < StackPages; i++)
        {
            ulong address = slot + (ulong)((i + 1) * Paging.PageSizeBytes);
            if (PageTable.FindLeaf(s_root, address) != 0)
            {
                ulong* entry = StackEntry(address);
                uint page = (uint)(PageTableFormat.AddressOf(*entry) >> PageTableFormat.PageShift);
                *entry = 0;
                if (page != 0)
                {
                    FrameAllocator.FreePage(page);
                }
            }
        }
        if (PageTable.FindLeaf(s_root, slot) != 0)
        {
            *GuardEntry(slot) = s_freeSlots;
            s_freeSlots = slot;
        }
    }

    // SAFETY: called on the boot path alone; only adds entries where there were none.
    private static void MapLarge(ulong address, ulong physicalAddress)
    {
        ulong table = s_root;
        for (int level = PageTable.RootLevel; level > PageTableFormat.LargePageLevel; level--)
        {
            ulong* entry = PageTable.Entries(table) + PageTable.IndexOf(address, level);
            if (*entry == 0)
            {
                ulong next = PageTable.Allocate();
                if (next == 0)
                {
                    Boot.Panic.Halt("no memory for the linear map");
                }
                *entry = PageTableFormat.MakeTable(next, isUser: false);
            }
            table = PageTableFormat.AddressOf(*entry);
        }
        PageTable.Entries(table)[PageTable.IndexOf(address, PageTableFormat.LargePageLevel)] = PageTableFormat.MakeLargeKernelPage(physicalAddress);
    }

    [InterruptSafe]
    private static bool Lock() => s_lock.Enter();

    [InterruptSafe]
    private static void Unlock(bool interrupts) => s_lock.Exit(interrupts);

    [InlineArray(CacheSize)]
    private struct StackCache
    {
        private ulong _first;
    }
}
