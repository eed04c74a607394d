// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Arch;
using Ostd.Memory;
using Ostd.Sync;

namespace Ostd.Devices;

/// <summary>
/// Where device registers are mapped in the kernel's half: uncached, on addresses of their own. Addresses are never used for other registers: a mapping that was given back is found again by who asks for the same pages (drivers come
/// and go, the addresses of devices do not), or, when something may still point into it, taken away for good. So a stale pointer can reach registers of that device alone, or faults.
/// </summary>
internal static unsafe class DeviceSpace
{
    // One entry of the root table, between the heap's region and the stacks.
    private const ulong RegionStart = 0xffff_e800_0000_0000;
    private const ulong RegionLength = 1ul << 39;

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
    public static byte* Map(ulong start, ulong length) => Map(start, length, isLent: false);

    /// <summary>The same until <see cref="GiveBack"/>. Nobody else has a part of the mapping, even where others have registers in the same page.</summary>
    public static byte* Take(ulong start, ulong length) => Map(start, length, isLent: true);

    /// <summary>Ends <see cref="Take"/>. Called once, when nobody begins accesses any more.</summary>
    /// <param name="registers">What it returned.</param>
    /// <param name="length">The length in bytes.</param>
    /// <param name="isUsedAgain">The next owner of the same registers may get these addresses. Otherwise they are gone when this returns, on all CPUs and for ever.</param>
    public static void GiveBack(byte* registers, ulong length, bool isUsedAgain)
    {
        ulong address = (ulong)registers;
        if (!Contains(address))
        {
            return; // a fixed mapping
        }

        bool wereEnabled = s_lock.Enter();
        ref Mapping? link = ref s_first;
        while (link!.Virtual != (address & ~PageMask))
        {
            link = ref link.Next;
        }

        if (isUsedAgain)
        {
            link.IsFree = true;
        }
        else
        {
            UnmapPages(link.Virtual, link.Length);
            link = link.Next;
        }

        s_lock.Exit(wereEnabled);
    }

    private static byte* Map(ulong start, ulong length, bool isLent)
    {
        byte* direct = DeviceMemory.FixedMapping(start, length);
        if (direct is not null)
        {
            return direct;
        }

        ulong firstPage = start & ~PageMask;
        ulong mappedLength = ((start + length + PageMask) & ~PageMask) - firstPage;
        var candidate = new Mapping(firstPage, mappedLength);
        bool wereEnabled = s_lock.Enter();
        Mapping? mapping = s_first;
        while (mapping is not null && (mapping.Physical != firstPage || mapping.Length != mappedLength || !(isLent ? mapping.IsFree : mapping.IsShared)))
        {
            mapping = mapping.Next;
        }

        if (mapping is null && mappedLength <= RegionStart + RegionLength - s_next && MapPages(s_next, firstPage, mappedLength))
        {
            mapping = candidate;
            mapping.Virtual = s_next;
            mapping.Next = s_first;
            s_first = mapping;
            s_next += mappedLength;
        }

        if (mapping is not null)
        {
            mapping.IsFree = false;
            mapping.IsShared = !isLent;
        }

        s_lock.Exit(wereEnabled);

        // SAFETY: the pages are mapped, for good or until GiveBack, and hold no memory.
        return mapping is null ? null : (byte*)(mapping.Virtual + (start & PageMask));
    }

    // A failure leaves entries behind that the next attempt at the same addresses overwrites; nobody has used them.
    private static bool MapPages(ulong address, ulong physicalAddress, ulong length)
    {
        for (ulong offset = 0; offset < length; offset += (ulong)Paging.PageSizeBytes)
        {
            ulong leaf = PageTable.EnsureLeaf(KernelSpace.Root, address + offset, isUser: false, ref s_tableCount);
            if (leaf == 0)
            {
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
            // SAFETY: MapPages has made the leaf and the entry, and the mapping leaves the list: nobody else knows the addresses.
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

        // Mapped for good: anybody who asks for the pages may have it.
        public bool IsShared { get; set; }

        // Given back.
        public bool IsFree { get; set; }

        public ref Mapping? Next => ref _next;

        private Mapping? _next;
    }
}
