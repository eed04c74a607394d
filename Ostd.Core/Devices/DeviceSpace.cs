// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Arch;
using Ostd.Memory;
using Ostd.Sync;

namespace Ostd.Devices;

/// <summary>
/// Where device registers are mapped in the kernel's half: uncached, on addresses of their own. Addresses are never used twice: a mapping that is given back is taken away for good, so a stale pointer into it faults. What that uses
/// up is bounded by how often drivers come and go: the region has room for 134 million pages of 4 KiB.
/// </summary>
internal static unsafe class DeviceSpace
{
    // One entry of the root table, between the heap's region and the stacks.
    private const ulong RegionStart = 0xffff_e800_0000_0000;
    private const ulong RegionLength = 1ul << 39;

    // The mappings for good, which are found again.
    private static Mapping? s_first;
    private static ulong s_next = RegionStart;
    private static long s_tableCount;
    private static RawSpinLock s_lock;

    private static ulong PageMask => (ulong)Paging.PageSizeBytes - 1;

    /// <summary>Makes the region's root entry, before there is a user space to copy it.</summary>
    public static void Initialize()
    {
        if (PageTable.EnsureLeaf(KernelSpace.Root, RegionStart, isUser: false, ref s_tableCount) == 0)
        {
            Boot.Panic.Halt("no memory for the kernel's page tables");
        }
    }

    /// <summary>True when registers may lie in the range: it is no memory of any kind that firmware tells of, and within what page tables can address.</summary>
    public static bool IsOutsideMemory(ulong start, ulong length)
    {
        const ulong physicalEnd = 1ul << 52; // Intel SDM volume 3A, section 4.1.4
        if (length == 0 || start >= physicalEnd || length > physicalEnd - start)
        {
            return false;
        }

        for (int i = 0; i < BootParameters.MemoryRegionCount; i++)
        {
            MemoryRegion region = BootParameters.GetMemoryRegion(i);
            if (start < region.Start + region.Length && region.Start < start + length)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>True when the range is no memory that could be handed out: registers that OSTD itself uses may lie in what firmware reserves.</summary>
    public static bool IsOutsideRam(ulong start, ulong length)
    {
        for (int i = 0; i < BootParameters.MemoryRegionCount; i++)
        {
            MemoryRegion region = BootParameters.GetMemoryRegion(i);
            if (region.IsUsable && start < region.Start + region.Length && region.Start < start + length)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>True for an address of this class's: a fault there is an access to registers that were given back.</summary>
    [InterruptSafe]
    public static bool Contains(ulong address) => address is >= RegionStart and < RegionStart + RegionLength;

    /// <summary>Maps a range for good that <see cref="IsOutsideMemory"/>, or <see cref="IsOutsideRam"/>, and that its caller owns.</summary>
    /// <returns>A pointer to its first byte; null when there is no memory for page tables.</returns>
    public static byte* Map(ulong start, ulong length)
    {
        byte* registers = DeviceMemory.FixedMapping(start, length);
        if (registers is not null)
        {
            return registers;
        }

        var candidate = new Mapping(start & ~PageMask, LengthOfPages(start, length));
        bool wereEnabled = s_lock.Enter();
        candidate.Virtual = FindMappedForGood(candidate.Physical, candidate.Length);
        if (candidate.Virtual == 0)
        {
            candidate.Virtual = MapNextPages(candidate.Physical, candidate.Length);
            if (candidate.Virtual != 0)
            {
                candidate.Next = s_first;
                s_first = candidate;
            }
        }

        s_lock.Exit(wereEnabled);
        return PointerTo(candidate.Virtual, start);
    }

    /// <summary>The same until <see cref="GiveBack"/>. Nobody else has a part of the mapping, even where others have registers in the same page.</summary>
    public static byte* Take(ulong start, ulong length)
    {
        byte* registers = DeviceMemory.FixedMapping(start, length);
        if (registers is not null)
        {
            return registers;
        }

        bool wereEnabled = s_lock.Enter();
        ulong address = MapNextPages(start & ~PageMask, LengthOfPages(start, length));
        s_lock.Exit(wereEnabled);
        return PointerTo(address, start);
    }

    /// <summary>Ends <see cref="Take"/>: when this returns, the addresses are gone, on all CPUs and for ever. Called once.</summary>
    /// <param name="registers">What it returned.</param>
    /// <param name="length">The length in bytes.</param>
    public static void GiveBack(byte* registers, ulong length)
    {
        ulong address = (ulong)registers;
        if (!Contains(address))
        {
            return; // a fixed mapping, of which only the hosted machine has any
        }

        bool wereEnabled = s_lock.Enter();
        UnmapPages(address & ~PageMask, LengthOfPages(address, length));
        s_lock.Exit(wereEnabled);
    }

    // SAFETY: the pages are mapped, for good or until GiveBack, and hold no memory; 0 stands for none.
    private static byte* PointerTo(ulong pages, ulong start) => pages == 0 ? null : (byte*)(pages + (start & PageMask));

    // 0 when there is none.
    private static ulong FindMappedForGood(ulong firstPage, ulong mappedLength)
    {
        Mapping? mapping = s_first;
        while (mapping is not null && (mapping.Physical != firstPage || mapping.Length != mappedLength))
        {
            mapping = mapping.Next;
        }

        return mapping?.Virtual ?? 0;
    }

    private static ulong LengthOfPages(ulong start, ulong length) => ((start + length + PageMask) & ~PageMask) - (start & ~PageMask);

    // At addresses that were never used. 0 when there are none left, or no memory for page tables.
    private static ulong MapNextPages(ulong firstPage, ulong length)
    {
        ulong address = s_next;
        if (length > RegionStart + RegionLength - address || !MapPages(address, firstPage, length))
        {
            return 0;
        }

        s_next += length;
        return address;
    }

    // A failure leaves no entries behind: the next attempt is at the same addresses, which a CPU may have looked up without being asked.
    private static bool MapPages(ulong address, ulong physicalAddress, ulong length)
    {
        for (ulong offset = 0; offset < length; offset += (ulong)Paging.PageSizeBytes)
        {
            ulong leaf = PageTable.EnsureLeaf(KernelSpace.Root, address + offset, isUser: false, ref s_tableCount);
            if (leaf == 0)
            {
                UnmapPages(address, offset);
                return false;
            }

            // SAFETY: the region is this class's own, and the address is not in use yet.
            PageTable.Entries(leaf)[PageTable.IndexOf(address + offset, 0)] = PageTableFormat.MakeDevicePage(physicalAddress + offset);
        }

        return true;
    }

    private static void UnmapPages(ulong address, ulong length)
    {
        for (ulong offset = 0; offset < length; offset += (ulong)Paging.PageSizeBytes)
        {
            // SAFETY: MapPages has made the leaf and the entry, and the mapping is on no list: nobody else changes the entry.
            PageTable.Entries(PageTable.FindLeaf(KernelSpace.Root, address + offset))[PageTable.IndexOf(address + offset, 0)] = 0;
            PageTableRegister.FlushPage(address + offset);
        }

        TlbShootdown.FlushKernelOnOthers(address, length);
    }

    private sealed class Mapping(ulong physical, ulong length)
    {
        public ulong Physical { get; } = physical;

        public ulong Length { get; } = length;

        public ulong Virtual { get; set; }

        public Mapping? Next { get; set; }
    }
}
