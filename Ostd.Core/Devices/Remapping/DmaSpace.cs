// SPDX-License-Identifier: MPL-2.0
using System;
using System.Threading;
using Ostd.Arch;
using Ostd.Memory;
using Ostd.Sync;

namespace Ostd.Devices.Remapping;

/// <summary>
/// What devices reach of physical memory: at first nothing, then what is lent to them, at its physical address. All functions share it: memory safety asks that devices reach untyped memory alone, which one
/// table says as well as many, and buffers are made by parts of the kernel that do not know the device. The tables for all of memory are made at once (1/512 of it), so that lending never fails and allocates
/// nothing.
/// </summary>
/// <remarks>
/// A frame can be lent several times, for both directions. How often is counted in its <see cref="FrameSlot.Next"/>: for reading in the low half, for writing in the high one; the entry has the sum of the
/// rights. When a right goes, the units have forgotten it, and accesses under way have ended, before the method returns: only then may the frame's reference go.
/// </remarks>
// SAFETY: tables are frames of a type of their own, found by page numbers below the frame table's count, and never freed; entries change under the lock alone.
internal sealed unsafe class DmaSpace
{
    /// <summary>The number of the one domain. 0 is reserved for hardware with caching mode (VT-d specification 4.0, section 6.2.1).</summary>
    public const ushort Domain = 1;

    private const int MaxLent = 0xffff;
    private const int WriterShift = 16;

    private readonly ulong[] _leaves;
    private RawSpinLock _lock;
    private long _mappedPages;

    private DmaSpace(ulong root, ulong[] leaves)
    {
        Root = root;
        _leaves = leaves;
    }

    /// <summary>Physical address of the first table.</summary>
    public ulong Root { get; }

    /// <summary>Pages that devices reach now.</summary>
    public long MappedPages => Volatile.Read(ref _mappedPages);

    private static int EntryCount => 1 << RemappingFormat.IndexBits;

    /// <summary>Makes the tables.</summary>
    /// <param name="levels">How many tables lead to a page: 3 or 4.</param>
    /// <returns>Null when there is no memory for them, or they cannot reach all of memory.</returns>
    public static DmaSpace? TryCreate(int levels)
    {
        if ((ulong)FrameTable.Count > 1ul << (levels * RemappingFormat.IndexBits))
        {
            return null;
        }

        var leaves = new ulong[(FrameTable.Count + (uint)EntryCount - 1) / (uint)EntryCount];
        ulong root = AllocateTable();
        bool isComplete = root != 0;
        for (int i = 0; i < leaves.Length && isComplete; i++)
        {
            leaves[i] = AllocateTable();
            isComplete = leaves[i] != 0 && TryLink(root, levels - 1, (uint)i, leaves[i]);
        }

        return isComplete ? new DmaSpace(root, leaves) : null;
    }

    /// <summary>An empty table; 0 when there is no memory.</summary>
    public static ulong AllocateTable()
    {
        uint page = FrameAllocator.AllocatePage(FrameState.Remapping);
        if (page == 0)
        {
            return 0;
        }

        // SAFETY: the page is ours alone, and typed as a table.
        PageOperations.Zero(FrameTable.AddressOf(page));
        DmaRemapping.Flush(FrameTable.AddressOf(page), Paging.PageSizeBytes);
        return (ulong)page << PageTableFormat.PageShift;
    }

    /// <summary>Lets devices read and write a run of DMA memory.</summary>
    public void Map(uint firstPage, uint count)
    {
        bool wereEnabled = _lock.Enter();
        for (uint page = firstPage; page < firstPage + count; page++)
        {
            SetLocked(page, RemappingFormat.Read | RemappingFormat.Write);
        }

        if (DmaRemapping.CachesAbsence)
        {
            RemappingUnits.InvalidateDomain(Domain);
        }

        _lock.Exit(wereEnabled);
    }

    /// <summary>Takes a run of DMA memory from devices.</summary>
    public void Unmap(uint firstPage, uint count)
    {
        bool wereEnabled = _lock.Enter();
        for (uint page = firstPage; page < firstPage + count; page++)
        {
            SetLocked(page, 0);
        }

        if (count == 1)
        {
            RemappingUnits.InvalidatePage(Domain, AddressOf(firstPage));
        }
        else
        {
            RemappingUnits.InvalidateDomain(Domain);
        }

        _lock.Exit(wereEnabled);
    }

    /// <summary>Lends a frame to devices once more. The caller holds a reference of the framework's to it.</summary>
    /// <returns>False when it is lent too often already.</returns>
    public bool TryLend(uint page, DmaDirection direction)
    {
        bool wereEnabled = _lock.Enter();
        ref uint counts = ref FrameTable.Slot(page).Next;
        uint change = ChangeOf(direction);
        bool hasRoom = ((counts & MaxLent) != MaxLent || (change & MaxLent) == 0) && (counts >> WriterShift != MaxLent || change >> WriterShift == 0);
        if (hasRoom)
        {
            counts += change;
            SetLocked(page, RightsOf(counts));
            if (DmaRemapping.CachesAbsence)
            {
                RemappingUnits.InvalidatePage(Domain, AddressOf(page));
            }
        }

        _lock.Exit(wereEnabled);
        return hasRoom;
    }

    /// <summary>Takes a <see cref="TryLend"/> back. When it returns, no device has a right to the frame by that.</summary>
    public void TakeBack(uint page, DmaDirection direction)
    {
        bool wereEnabled = _lock.Enter();
        ref uint counts = ref FrameTable.Slot(page).Next;
        ulong before = RightsOf(counts);
        counts -= ChangeOf(direction);
        if (RightsOf(counts) != before)
        {
            SetLocked(page, RightsOf(counts));
            RemappingUnits.InvalidatePage(Domain, AddressOf(page));
        }

        _lock.Exit(wereEnabled);
    }

    /// <summary>What devices may do with a page: bits of <see cref="RemappingFormat"/>.</summary>
    public ulong RightsOfPage(uint page) => *EntryOf(page) & (RemappingFormat.Read | RemappingFormat.Write);

    private static uint ChangeOf(DmaDirection direction) => (direction != DmaDirection.FromDevice ? 1u : 0) | (direction != DmaDirection.ToDevice ? 1u << WriterShift : 0);

    private static ulong RightsOf(uint counts) => ((counts & MaxLent) != 0 ? RemappingFormat.Read : 0) | (counts >> WriterShift != 0 ? RemappingFormat.Write : 0);

    private static ulong AddressOf(uint page) => (ulong)page << PageTableFormat.PageShift;

    private static ulong* Entries(ulong table) => (ulong*)PhysicalMap.ToPointer(table);

    private static bool TryLink(ulong root, int level, uint leaf, ulong leafTable)
    {
        ulong table = root;
        for (; level > 1; level--)
        {
            ulong* entry = Entries(table) + (leaf >> ((level - 1) * RemappingFormat.IndexBits) & (uint)(EntryCount - 1));
            if (*entry == 0)
            {
                ulong next = AllocateTable();
                if (next == 0)
                {
                    return false;
                }

                *entry = RemappingFormat.MakeTable(next);
                DmaRemapping.Flush(entry, sizeof(ulong));
            }

            table = RemappingFormat.TableOf(*entry);
        }

        ulong* last = Entries(table) + (leaf & (uint)(EntryCount - 1));
        *last = RemappingFormat.MakeTable(leafTable);
        DmaRemapping.Flush(last, sizeof(ulong));
        return true;
    }

    private ulong* EntryOf(uint page) => Entries(_leaves[page >> RemappingFormat.IndexBits]) + (page & (uint)(EntryCount - 1));

    private void SetLocked(uint page, ulong rights)
    {
        ulong* entry = EntryOf(page);
        _mappedPages += (rights != 0 ? 1 : 0) - (*entry != 0 ? 1 : 0);
        Volatile.Write(ref *entry, RemappingFormat.MakePage(AddressOf(page), rights));
        DmaRemapping.Flush(entry, sizeof(ulong));
    }
}
