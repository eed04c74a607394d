// SPDX-License-Identifier: MPL-2.0
using System.Runtime.CompilerServices;
using Ostd.Arch;

namespace Ostd.Memory;

/// <summary>
/// Walks and grows page tables. A table's frame counts its used entries in <see cref="FrameSlot.Next"/>, so that an empty one is found without a scan. All callers hold the lock of the
/// space (or of the kernel's tables) that the table belongs to.
/// </summary>
internal static unsafe class PageTable
{
    /// <summary>Entries of a table.</summary>
    [InterruptSafe]
    public static int EntryCount => 1 << PageTableFormat.IndexBits;

    /// <summary>Level of the root table.</summary>
    [InterruptSafe]
    public static int RootLevel => PageTableFormat.LevelCount - 1;

    /// <summary>Bytes that one entry of a level covers, as a shift.</summary>
    [InterruptSafe]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int ShiftOf(int level) => PageTableFormat.PageShift + (level * PageTableFormat.IndexBits);

    /// <summary>Index of an address in a table of a level.</summary>
    [InterruptSafe]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int IndexOf(ulong address, int level) => (int)(address >> ShiftOf(level)) & (EntryCount - 1);

    /// <summary>The entries of a table.</summary>
    // SAFETY: a physical address from a root or from a present entry is that of a table, which lives until its space unlinks it.
    [InterruptSafe]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong* Entries(ulong table) => (ulong*)PhysicalMap.ToPointer(table);

    /// <summary>Allocates an empty table.</summary>
    /// <returns>Its physical address; 0 when memory is exhausted.</returns>
    [NoAlloc]
    public static ulong Allocate()
    {
        uint page = FrameAllocator.AllocatePage(FrameState.PageTable);
        if (page == 0)
        {
            return 0;
        }
        // SAFETY: the page is ours alone, and typed as a table.
        PageOperations.Zero(FrameTable.AddressOf(page));
        return (ulong)page << PageTableFormat.PageShift;
    }

    /// <summary>Frees a table that nothing leads to any more and that no TLB or paging-structure cache can still name.</summary>
    public static void Free(ulong table) => FrameAllocator.FreePage((uint)(table >> PageTableFormat.PageShift));

    /// <summary>The number of used entries of a table.</summary>
    [NoAlloc]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref uint UsedEntries(ulong table) => ref FrameTable.Slot((uint)(table >> PageTableFormat.PageShift)).Next;

    /// <summary>Finds the leaf table for an address.</summary>
    /// <returns>Its physical address; 0 when there is none.</returns>
    [InterruptSafe]
    public static ulong FindLeaf(ulong root, ulong address)
    {
        ulong table = root;
        for (int level = RootLevel; level > 0; level--)
        {
            ulong entry = Entries(table)[IndexOf(address, level)];
            if (entry == 0)
            {
                return 0;
            }
            table = PageTableFormat.AddressOf(entry);
        }
        return table;
    }

    /// <summary>Finds the leaf table for an address, making tables on the way.</summary>
    /// <returns>Its physical address; 0 when memory is exhausted. Tables made before that stay.</returns>
    [NoAlloc]
    public static ulong EnsureLeaf(ulong root, ulong address, bool isUser, ref long tableCount)
    {
        ulong table = root;
        for (int level = RootLevel; level > 0; level--)
        {
            ulong* entry = Entries(table) + IndexOf(address, level);
            if (*entry == 0)
            {
                ulong next = Allocate();
                if (next == 0)
                {
                    return 0;
                }
                *entry = PageTableFormat.MakeTable(next, isUser);
                UsedEntries(table)++;
                tableCount++;
                table = next;
            }
            else
            {
                table = PageTableFormat.AddressOf(*entry);
            }
        }
        return table;
    }
}
