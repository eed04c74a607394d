// SPDX-License-Identifier: MPL-2.0
using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading;
using Ostd.Arch;
using Ostd.Diagnostics;
using Ostd.Sync;

namespace Ostd.Memory;

/// <summary>A position in a <see cref="VmSpace"/> whose page tables it keeps locked until disposed.</summary>
/// <remarks>The lock does not hold back the CPUs that run the space: they set accessed and dirty bits at any moment. So an entry that was there is changed by interlocked operations alone.</remarks>
// SAFETY: pointers go to page tables of the space that the cursor has locked; tables are frames that live as long as the space.
[MustNotCopy]
public unsafe ref struct VmCursor
{
    private readonly VmSpace _space;

    // What the space says as long as this cursor, or a copy of it, has not been disposed.
    private readonly long _serial;
    private SpinGuard _guard;
    private ulong _address;

    // The leaf table of the region around _address, or 0 when it is not known. Valid while the region is not left.
    private ulong _leaf;

    internal VmCursor(VmSpace space, ulong address)
    {
        CheckAligned(address);
        _space = space;
        _guard = space.Lock.Acquire();
        if (space.Root == 0)
        {
            _guard.Dispose();
            throw new ObjectDisposedException(nameof(VmSpace));
        }
        _address = address;
        _serial = ++space.CursorSerial;
    }

    /// <summary>The page-aligned user address it stands at.</summary>
    public readonly ulong Address => _address;

    private static ulong LeafSpan => 1UL << PageTable.ShiftOf(1);

    /// <summary>Goes to another page-aligned address.</summary>
    public void MoveTo(ulong address)
    {
        CheckAligned(address);
        Advance(address);
    }

    /// <summary>Looks at the page here. The mapping's frame is not shared for the caller: call <see cref="Frame.Share"/> before the cursor closes to keep it.</summary>
    public readonly bool TryQuery(out PageMapping mapping)
    {
        CheckOpen();
        ulong leaf = _leaf != 0 ? _leaf : PageTable.FindLeaf(_space.Root, _address);
        ulong entry = leaf == 0 || _address >= Paging.UserSpaceEnd ? 0 : PageTable.Entries(leaf)[PageTable.IndexOf(_address, 0)];
        mapping = entry == 0 ? default : Describe(entry);
        return entry != 0;
    }

    /// <summary>Finds the next mapped page at or after here and before <paramref name="end"/>, and moves there (skips empty tables at once).</summary>
    public bool FindNext(ulong end, out PageMapping mapping)
    {
        CheckOpen();
        end = Math.Min(end, Paging.UserSpaceEnd);
        while (FindLeafBefore(end))
        {
            ulong* entries = PageTable.Entries(_leaf);
            ulong stop = Math.Min(end, RegionEnd(_address));
            for (; _address < stop; _address += (uint)Paging.PageSizeBytes)
            {
                ulong entry = entries[PageTable.IndexOf(_address, 0)];
                if (entry != 0)
                {
                    mapping = Describe(entry);
                    return true;
                }
            }
            _leaf = 0;
        }
        mapping = default;
        return false;
    }

    /// <summary>Maps a frame here, taking over one reference of the caller's; replaces what was mapped. Moves on by one page.</summary>
    /// <returns>False when no memory is left for a page table, or the frame has too many mappings already (the caller keeps its reference).</returns>
    public bool TryMap(Frame frame, PageProtection protection)
    {
        CheckOpen();
        if (_address >= Paging.UserSpaceEnd)
        {
            ThrowOutside();
        }
        _ = frame.ReferenceCount;
        if (_leaf == 0)
        {
            _leaf = PageTable.EnsureLeaf(_space.Root, _address, isUser: true, ref _space.TableCount);
            if (_leaf == 0)
            {
                return false;
            }
        }
        // Checks the handle anew: it may have gone stale since.
        if (!frame.TryHandOver())
        {
            return false;
        }
        ulong* entry = PageTable.Entries(_leaf) + PageTable.IndexOf(_address, 0);
        ulong old = Interlocked.Exchange(ref *entry, MakeEntry(frame.PhysicalAddress, protection));
        if (old == 0)
        {
            PageTable.UsedEntries(_leaf)++;
        }
        else
        {
            Forget(old, _address);
        }
        Advance(_address + (uint)Paging.PageSizeBytes);
        return true;
    }

    /// <summary>Unmaps <paramref name="length"/> bytes and moves past them; the frames are released when the TLBs are flushed.</summary>
    /// <returns>Number of pages that were mapped.</returns>
    public long Unmap(ulong length)
    {
        CheckOpen();
        ulong end = EndOf(length);
        long count = 0;
        while (FindLeafBefore(end))
        {
            ulong start = _address;
            ulong* entries = PageTable.Entries(_leaf);
            ref uint used = ref PageTable.UsedEntries(_leaf);
            ulong stop = Math.Min(end, RegionEnd(_address));
            for (; _address < stop && used > 0; _address += (uint)Paging.PageSizeBytes)
            {
                ulong* entry = entries + PageTable.IndexOf(_address, 0);
                if (*entry != 0)
                {
                    used--;
                    count++;
                    Forget(Interlocked.Exchange(ref *entry, 0), _address);
                }
            }
            if (used == 0)
            {
                UnlinkTables(start);
            }
            _address = stop;
            _leaf = 0;
        }
        Advance(end);
        return count;
    }

    /// <summary>
    /// Sets the protection of what is mapped in the next <paramref name="length"/> bytes and moves past them. A page that is not writable now does not become so: it may be shared
    /// copy-on-write, and the next write's fault decides (<see cref="ProtectPage"/>).
    /// </summary>
    public void Protect(ulong length, PageProtection protection)
    {
        CheckOpen();
        ulong end = EndOf(length);
        while (FindLeafBefore(end))
        {
            ulong* entries = PageTable.Entries(_leaf);
            ulong stop = Math.Min(end, RegionEnd(_address));
            for (; _address < stop; _address += (uint)Paging.PageSizeBytes)
            {
                ulong* entry = entries + PageTable.IndexOf(_address, 0);
                if (*entry != 0)
                {
                    ChangeRights(entry, PageTableFormat.CanWrite(*entry) ? protection : protection & ~PageProtection.Write);
                }
            }
            _leaf = 0;
        }
        Advance(end);
    }

    /// <summary>Sets the protection of the page here, the right to write included. Does not move.</summary>
    /// <returns>False when nothing is mapped here.</returns>
    public bool ProtectPage(PageProtection protection)
    {
        CheckOpen();
        ulong leaf = _leaf != 0 ? _leaf : PageTable.FindLeaf(_space.Root, _address);
        ulong* entry = leaf == 0 || _address >= Paging.UserSpaceEnd ? null : PageTable.Entries(leaf) + PageTable.IndexOf(_address, 0);
        if (entry == null || *entry == 0)
        {
            return false;
        }
        _leaf = leaf;
        ChangeRights(entry, protection);
        return true;
    }

    /// <summary>
    /// Moves the mappings of the next <paramref name="length"/> bytes to another place of the same space (mremap), and moves past them. What was mapped there is unmapped where a page comes to lie.
    /// </summary>
    /// <returns>False when no memory was left for page tables: a part was moved, and the position tells how far.</returns>
    public bool MovePagesTo(ulong destination, ulong length)
    {
        CheckOpen();
        CheckAligned(destination);
        ulong start = _address;
        ulong end = EndOf(length);
        if (!Paging.IsUserRange(destination, length))
        {
            ThrowOutside();
        }
        while (FindLeafBefore(end))
        {
            ulong first = _address;
            ulong* entries = PageTable.Entries(_leaf);
            ref uint used = ref PageTable.UsedEntries(_leaf);
            ulong stop = Math.Min(end, RegionEnd(_address));
            for (; _address < stop && used > 0; _address += (uint)Paging.PageSizeBytes)
            {
                ulong* entry = entries + PageTable.IndexOf(_address, 0);
                if (*entry == 0)
                {
                    continue;
                }
                ulong target = destination + (_address - start);
                ulong leaf = PageTable.EnsureLeaf(_space.Root, target, isUser: true, ref _space.TableCount);
                if (leaf == 0)
                {
                    return false;
                }
                ulong moved = Interlocked.Exchange(ref *entry, 0);
                ulong replaced = Interlocked.Exchange(ref PageTable.Entries(leaf)[PageTable.IndexOf(target, 0)], moved);
                if (replaced == 0)
                {
                    PageTable.UsedEntries(leaf)++;
                }
                else
                {
                    Forget(replaced, target);
                }
                if (PageTableFormat.IsPresent(moved))
                {
                    _space.Batch.AddPage(_address);
                }
                used--;
            }
            if (used == 0)
            {
                UnlinkTables(first);
            }
            _address = stop;
            _leaf = 0;
        }
        Advance(end);
        return true;
    }

    /// <summary>Takes the accessed and dirty marks of the page here away (write-back, working-set estimation).</summary>
    public void ClearAccess()
    {
        CheckOpen();
        if (FindLeafBefore(_address + (uint)Paging.PageSizeBytes))
        {
            ulong* entry = PageTable.Entries(_leaf) + PageTable.IndexOf(_address, 0);
            ulong old = Volatile.Read(ref *entry);
            while (PageTableFormat.WithoutAccess(old) != old)
            {
                ulong seen = Interlocked.CompareExchange(ref *entry, PageTableFormat.WithoutAccess(old), old);
                if (seen == old)
                {
                    _space.Batch.AddPage(_address);
                    break;
                }
                old = seen;
            }
        }
    }

    /// <summary>
    /// Copies the mappings of <paramref name="length"/> bytes into <paramref name="destination"/> for fork: frames are shared and, where <paramref name="copyOnWrite"/>, made
    /// read-only on both sides. Moves past them. The destination is new: nobody else uses it, and nothing is mapped there.
    /// </summary>
    /// <returns>Pages copied, or -1 when no memory was left for page tables, or a frame has too many mappings already.</returns>
    public long CopyTo(VmSpace destination, ulong length, bool copyOnWrite)
    {
        CheckOpen();
        if (destination == _space)
        {
            throw new ArgumentException("A space cannot be copied into itself.", nameof(destination));
        }
        ulong end = EndOf(length);
        long count = 0;
        using SpinGuard guard = destination.Lock.AcquireNested(1); // nobody else has the new space
        Disposed.ThrowIf(destination.Root == 0, nameof(VmSpace));
        while (FindLeafBefore(end))
        {
            ulong target = PageTable.EnsureLeaf(destination.Root, _address, isUser: true, ref destination.TableCount);
            if (target == 0)
            {
                return -1;
            }
            ulong* from = PageTable.Entries(_leaf);
            ulong* to = PageTable.Entries(target);
            uint added = 0;
            ulong stop = Math.Min(end, RegionEnd(_address));
            for (; _address < stop; _address += (uint)Paging.PageSizeBytes)
            {
                int index = PageTable.IndexOf(_address, 0);
                ulong entry = from[index];
                if (entry == 0 || to[index] != 0)
                {
                    continue;
                }
                if (!Frame.TryShareMapped(PageTableFormat.AddressOf(entry)))
                {
                    PageTable.UsedEntries(target) += added;
                    return -1;
                }
                if (copyOnWrite && PageTableFormat.CanWrite(entry))
                {
                    entry = RevokeWrite(from + index);
                    _space.Batch.AddPage(_address);
                }
                to[index] = entry;
                added++;
            }
            PageTable.UsedEntries(target) += added;
            count += added;
            _leaf = 0;
        }
        Advance(end);
        return count;
    }

    /// <summary>Flushes what is due and unlocks.</summary>
    public void Dispose()
    {
        if (_space is not null && _space.CursorSerial == _serial)
        {
            _space.Batch.Flush(_space);
            _space.CursorSerial++;
            _guard.Dispose();
        }
    }

    // A cursor can be copied, and used when it or a copy of it is disposed and the lock has gone. It never leaves the stack of its task, which thus sees its own change of the number.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void CheckOpen()
    {
        if (Volatile.Read(ref _space.CursorSerial) != _serial)
        {
            ThrowClosed();
        }
    }

    [DoesNotReturn]
    private static void ThrowClosed() => throw new ObjectDisposedException(nameof(VmCursor));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong RegionEnd(ulong address) => (address & ~(LeafSpan - 1)) + LeafSpan;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong MakeEntry(ulong physicalAddress, PageProtection protection) => PageTableFormat.MakeUserPage(
        physicalAddress, (protection & PageProtection.Read) != 0, (protection & PageProtection.Write) != 0, (protection & PageProtection.Execute) != 0);

    private static PageMapping Describe(ulong entry)
    {
        PageProtection protection = (PageTableFormat.CanRead(entry) ? PageProtection.Read : 0)
            | (PageTableFormat.CanWrite(entry) ? PageProtection.Write : 0)
            | (PageTableFormat.CanExecute(entry) ? PageProtection.Execute : 0);
        return new PageMapping(Frame.FromMapping(PageTableFormat.AddressOf(entry)), protection, PageTableFormat.IsAccessed(entry), PageTableFormat.IsDirty(entry));
    }

    // Moves to the first address at or after here, and before `end`, that has a leaf table, and remembers the table.
    private bool FindLeafBefore(ulong end)
    {
        while (_address < end)
        {
            if (_leaf != 0)
            {
                return true;
            }
            ulong table = _space.Root;
            int level = PageTable.RootLevel;
            while (level > 0)
            {
                ulong entry = PageTable.Entries(table)[PageTable.IndexOf(_address, level)];
                if (entry == 0)
                {
                    break;
                }
                table = PageTableFormat.AddressOf(entry);
                level--;
            }
            if (level == 0)
            {
                _leaf = table;
                return true;
            }
            // Nothing below this entry: go to the address of the next one.
            ulong span = 1UL << PageTable.ShiftOf(level);
            _address = (_address & ~(span - 1)) + span;
        }
        _address = end;
        return false;
    }

    private readonly void ChangeRights(ulong* entry, PageProtection protection)
    {
        ulong old = Volatile.Read(ref *entry);
        while (true)
        {
            ulong changed = PageTableFormat.WithRights(
                old, (protection & PageProtection.Read) != 0, (protection & PageProtection.Write) != 0, (protection & PageProtection.Execute) != 0);
            if (changed == old)
            {
                return;
            }
            ulong seen = Interlocked.CompareExchange(ref *entry, changed, old);
            if (seen == old)
            {
                break;
            }
            old = seen;
        }
        if (PageTableFormat.IsPresent(old))
        {
            _space.Batch.AddPage(_address);
        }
    }

    // Returns the entry as it is now.
    private static ulong RevokeWrite(ulong* entry)
    {
        ulong old = Volatile.Read(ref *entry);
        while (true)
        {
            ulong seen = Interlocked.CompareExchange(ref *entry, PageTableFormat.WithoutWrite(old), old);
            if (seen == old)
            {
                return PageTableFormat.WithoutWrite(old);
            }
            old = seen;
        }
    }

    // An entry was replaced or removed: its frame goes once no TLB can reach it.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void Forget(ulong entry, ulong address)
    {
        if (PageTableFormat.IsPresent(entry))
        {
            _space.Batch.AddPage(address);
        }
        _space.Batch.AddFrame(_space, Frame.FromMapping(PageTableFormat.AddressOf(entry)));
    }

    // The leaf table for the address has become empty: unlinks it, and each table above that becomes empty by that.
    private readonly void UnlinkTables(ulong address)
    {
        for (int level = 1; level <= PageTable.RootLevel; level++)
        {
            ulong table = _space.Root;
            for (int i = PageTable.RootLevel; i > level; i--)
            {
                table = PageTableFormat.AddressOf(PageTable.Entries(table)[PageTable.IndexOf(address, i)]);
            }
            ulong* entry = PageTable.Entries(table) + PageTable.IndexOf(address, level);
            ulong child = PageTableFormat.AddressOf(*entry);
            *entry = 0;
            _space.TableCount--;
            _space.Batch.AddTable(_space, child, address);
            if (--PageTable.UsedEntries(table) != 0 || level == PageTable.RootLevel)
            {
                return;
            }
        }
    }

    private void Advance(ulong address)
    {
        if (((address ^ _address) & ~(LeafSpan - 1)) != 0)
        {
            _leaf = 0;
        }
        _address = address;
    }

    private readonly ulong EndOf(ulong length)
    {
        if ((length & (ulong)(Paging.PageSizeBytes - 1)) != 0 || !Paging.IsUserRange(_address, length))
        {
            ThrowOutside();
        }
        return _address + length;
    }

    private static void CheckAligned(ulong address)
    {
        if ((address & (ulong)(Paging.PageSizeBytes - 1)) != 0 || address > Paging.UserSpaceEnd)
        {
            ThrowOutside();
        }
    }

    [DoesNotReturn]
    private static void ThrowOutside() => throw new ArgumentOutOfRangeException("address", "Not a page-aligned range of user space.");
}
