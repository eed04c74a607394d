// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Arch;

namespace Ostd.Memory;

/// <summary>A range of physical addresses.</summary>
internal readonly record struct PhysicalRange(ulong Start, ulong Length)
{
    /// <summary>First address past the range.</summary>
    public ulong End => Start + Length;
}

/// <summary>Counts of physical memory.</summary>
public static class PhysicalMemory
{
    // Firmware tables, the boot loader's data and the start-up code of further CPUs live below this.
    private const ulong LowMemoryEnd = 1UL << 20;

    /// <summary>Pages that the allocator manages, kernel image excluded.</summary>
    public static long TotalPages => FrameAllocator.TotalPages;

    /// <summary>Pages free now.</summary>
    public static long FreePages => FrameAllocator.FreePages;

    /// <summary>
    /// Builds the frame metadata and fills the allocator. Called once, on the boot path, before the collected heap grows: allocates no objects.
    /// </summary>
    /// <param name="usable">RAM, in any order, not overlapping.</param>
    /// <param name="reserved">What must be kept within it: kernel image, boot modules, boot data. May overlap.</param>
    // SAFETY: runs once, before any frame is handed out; writes the frame table alone, whose place is reserved first.
    internal static unsafe void Initialize(ReadOnlySpan<PhysicalRange> usable, ReadOnlySpan<PhysicalRange> reserved)
    {
        int shift = PageTableFormat.PageShift;
        ulong pageMask = (1UL << shift) - 1;
        ulong end = 0;
        foreach (PhysicalRange range in usable)
        {
            end = Math.Max(end, range.End & ~pageMask);
        }
        uint pageCount = (uint)(end >> shift);
        ulong tableBytes = ((ulong)pageCount * (ulong)sizeof(FrameSlot) + pageMask) & ~pageMask;

        // The table goes to the first gap that holds it and that the boot loader's tables map.
        ulong table = FindGap(usable, reserved, tableBytes);
        if (table == 0)
        {
            Boot.Panic.Halt("no room for the frame metadata");
        }
        FrameTable.Initialize(PhysicalMap.ToPointer(table), pageCount);
        var tableRange = new PhysicalRange(table, tableBytes);
        for (ulong address = table; address < tableRange.End; address += 1UL << shift)
        {
            FrameTable.Slot((uint)(address >> shift)).SetState(FrameState.Metadata);
        }
        foreach (PhysicalRange range in usable)
        {
            AddUnreserved(range, reserved, tableRange);
        }
    }

    /// <summary>Hands reserved memory (the initramfs, once it is unpacked) to the allocator: all pages that lie entirely within the range.</summary>
    internal static void ReleaseReserved(ulong start, ulong length)
    {
        int shift = PageTableFormat.PageShift;
        uint first = (uint)((start + (1UL << shift) - 1) >> shift);
        uint end = (uint)Math.Min((start + length) >> shift, FrameTable.Count);
        for (uint page = first; page < end; page++)
        {
            if (FrameTable.Slot(page).State != FrameState.Reserved)
            {
                Boot.Panic.Halt("PhysicalMemory.ReleaseReserved: not a reserved page");
            }
        }
        if (end > first)
        {
            FrameAllocator.AddPages(first, end - first);
        }
    }

    private static void AddUnreserved(PhysicalRange range, ReadOnlySpan<PhysicalRange> reserved, PhysicalRange table)
    {
        int shift = PageTableFormat.PageShift;
        ulong pageSize = 1UL << shift;
        ulong cursor = (Math.Max(range.Start, LowMemoryEnd) + pageSize - 1) & ~(pageSize - 1);
        ulong end = range.End & ~(pageSize - 1);
        while (cursor < end)
        {
            ulong blocked = FirstBlocked(cursor, end, reserved, table, out ulong resume);
            if (blocked > cursor)
            {
                FrameAllocator.AddPages((uint)(cursor >> shift), (uint)((blocked - cursor) >> shift));
            }
            cursor = resume;
        }
    }

    // Where the free run from `cursor` ends (page-aligned, downwards), and where the next one can begin.
    private static ulong FirstBlocked(ulong cursor, ulong end, ReadOnlySpan<PhysicalRange> reserved, PhysicalRange table, out ulong resume)
    {
        ulong pageMask = (1UL << PageTableFormat.PageShift) - 1;
        ulong blocked = end;
        resume = end;
        for (int i = 0; i <= reserved.Length; i++)
        {
            PhysicalRange hole = i < reserved.Length ? reserved[i] : table;
            ulong start = hole.Start & ~pageMask;
            ulong holeEnd = (hole.End + pageMask) & ~pageMask;
            if (hole.Length == 0 || holeEnd <= cursor || start >= blocked)
            {
                continue;
            }
            blocked = Math.Max(start, cursor);
            resume = holeEnd;
        }
        return blocked;
    }

    private static ulong FindGap(ReadOnlySpan<PhysicalRange> usable, ReadOnlySpan<PhysicalRange> reserved, ulong length)
    {
        ulong pageMask = (1UL << PageTableFormat.PageShift) - 1;
        foreach (PhysicalRange range in usable)
        {
            ulong cursor = (Math.Max(range.Start, LowMemoryEnd) + pageMask) & ~pageMask;
            ulong end = Math.Min(range.End & ~pageMask, KernelSpace.BootLinearMapEnd);
            while (cursor < end && length <= end - cursor)
            {
                ulong blocked = FirstBlocked(cursor, end, reserved, default, out ulong resume);
                if (blocked - cursor >= length)
                {
                    return cursor;
                }
                cursor = resume;
            }
        }
        return 0;
    }
}
