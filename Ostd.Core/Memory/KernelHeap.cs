// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Arch;
using Ostd.Runtime;

namespace Ostd.Memory;

/// <summary>
/// Memory for the collected heap: a region of addresses of its own, backed page by page as the runtime asks. Any free frames do, so that fragmented memory is no obstacle.
/// </summary>
internal static unsafe class KernelHeap
{
    // One entry of the root table, between the linear map and the stacks. The first commit makes it, before there is a user space to copy it.
    private static ulong RegionStart => 0xffff_e000_0000_0000;
    private const ulong Granularity = 32 * 1024;
    private const ulong MinimumSize = 256ul << 20;

    private static long s_tableCount;

    /// <summary>Hands the region to the runtime. After the frame allocator and the kernel space are up.</summary>
    /// <param name="physicalEnd">First address past RAM: the heap cannot become larger than that.</param>
    public static void Install(ulong physicalEnd)
    {
        ulong size = (Math.Max(physicalEnd, MinimumSize) + Granularity - 1) & ~(Granularity - 1);
        if (PageTable.EnsureLeaf(KernelSpace.Root, RegionStart, isUser: false, ref s_tableCount) == 0)
        {
            Boot.Panic.Halt("no memory for the kernel's page tables");
        }

        PageProvider.Install((nuint)RegionStart, (nuint)size, (nuint)Paging.PageSizeBytes, &Commit, &Decommit);
    }

    // Interrupts are off and the heap is locked: nothing else changes the tables of the region.
    [NoAlloc]
    private static bool Commit(nuint address, nuint sizeBytes)
    {
        nuint pageSize = (nuint)Paging.PageSizeBytes;
        for (nuint done = 0; done < sizeBytes; done += pageSize)
        {
            if (!MapPage(address + done))
            {
                Decommit(address, done);
                return false;
            }
        }

        return true;
    }

    [NoAlloc]
    private static bool MapPage(ulong address)
    {
        ulong leaf = PageTable.EnsureLeaf(KernelSpace.Root, address, isUser: false, ref s_tableCount);
        uint page = leaf == 0 ? 0 : FrameAllocator.AllocatePage(FrameState.Heap);
        if (page == 0)
        {
            return false;
        }

        // SAFETY: a fresh frame, typed as heap, at an address of the region that the runtime has not committed.
        PageTable.Entries(leaf)[PageTable.IndexOf(address, 0)] = PageTableFormat.MakeKernelPage((ulong)page << PageTableFormat.PageShift, canWrite: true);
        return true;
    }

    [NoAlloc]
    private static void Decommit(nuint address, nuint sizeBytes)
    {
        // SAFETY: the runtime committed the pages and has let go of them. Their translations go before the frames; meanwhile the entries, not present, keep the frames' addresses.
        nuint pageSize = (nuint)Paging.PageSizeBytes;
        for (nuint done = 0; done < sizeBytes; done += pageSize)
        {
            ulong* entry = EntryOf(address + done);
            *entry = PageTableFormat.WithoutPresence(*entry);
            PageTableRegister.FlushPage(address + done);
        }

        if (sizeBytes != 0)
        {
            TlbShootdown.FlushKernelOnOthers(address, sizeBytes);
        }

        for (nuint done = 0; done < sizeBytes; done += pageSize)
        {
            ulong* entry = EntryOf(address + done);
            uint page = (uint)(PageTableFormat.AddressOf(*entry) >> PageTableFormat.PageShift);
            *entry = 0;
            FrameAllocator.FreePage(page);
        }
    }

    // SAFETY: the page was committed, so that its leaf table exists.
    [NoAlloc]
    private static ulong* EntryOf(ulong address) => PageTable.Entries(PageTable.FindLeaf(KernelSpace.Root, address)) + PageTable.IndexOf(address, 0);
}
