// SPDX-License-Identifier: MPL-2.0
using System;
using System.Threading;
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Memory;
using Kernel.Abstractions.Processes;
using Ostd.Memory;
using Ostd.Sync;

namespace Kernel.Memory;

/// <summary>
/// A process's memory. The areas say what should be there; the page tables of <see cref="VmSpace"/> hold what has been touched. This file: state, locks, life and death.
/// </summary>
/// <remarks>
/// Locks, outer first: <c>_lock</c> (areas; faults take it for reading), the locks of memory objects, <c>_objectLock</c> (the list of areas with an object, and their bounds), the page-table lock of the
/// VmSpace. Truncation comes from below, through an object, and takes the last two alone.
/// </remarks>
internal sealed partial class AddressSpace : IAddressSpace, IPageFaultHandler, IMappingOwner
{
    // vm.max_map_count.
    private const int MaxAreas = 65530;

    private readonly MemoryServices _services;
    private readonly RwMutex _lock = new();
    private readonly Ostd.Sync.SpinLock _objectLock = new();
    private readonly AreaTree _areas = new();
    private Area? _firstObjectArea;
    private int _references = 1;

    // Guarded by _lock.
    private ulong _virtualBytes;
    private ulong _peakVirtualBytes;
    private ulong _lockedBytes;
    private ulong _breakStart;
    private ulong _break;
    private bool _locksFuture;

    // Guarded by the page-table lock: changed while a cursor is open.
    private long _residentPages;
    private long _peakResidentPages;
    private long _minorFaults;
    private long _majorFaults;

    private AddressSpace(MemoryServices services, VmSpace space)
    {
        _services = services;
        VmSpace = space;
        space.FaultHandler = this;
    }

    /// <inheritdoc/>
    public VmSpace VmSpace { get; }

    /// <inheritdoc/>
    public ProgramLayout Layout { get; set; } = new(0, 0, 0, 0, 0, 0, 0, 0, 0, []);

    private static ulong PageSize => (ulong)Paging.PageSizeBytes;

    private static ulong PageMask => PageSize - 1;

    /// <summary>An empty space.</summary>
    public static Result<IAddressSpace> Create(MemoryServices services) =>
        VmSpace.TryCreate(out VmSpace? space) ? new AddressSpace(services, space) : Errno.ENOMEM;

    /// <inheritdoc/>
    public void AddReference() => Interlocked.Increment(ref _references);

    /// <inheritdoc/>
    public void Release()
    {
        if (Interlocked.Decrement(ref _references) > 0)
        {
            return;
        }
        using var reserve = HeapReserve.Enter();
        Area? removed = null;
        using (RwMutexWriteGuard guard = _lock.AcquireWrite())
        {
            while (_areas.First is { } area)
            {
                Detach(area);
                area.Next = removed;
                removed = area;
            }
        }
        // Nobody runs in the space any more: the tables go at once, without flushes.
        VmSpace.Dispose();
        _residentPages = 0;
        DropRemoved(removed);
    }

    /// <inheritdoc/>
    public Result<IAddressSpace> Clone()
    {
        // An area takes less in the child, with its node of the tree.
        const int mostBytesPerArea = 256;
        if (!HeapReserve.HasRoomFor((long)_areas.Count * mostBytesPerArea))
        {
            return Errno.ENOMEM;
        }
        using var reserve = HeapReserve.Enter();
        if (!VmSpace.TryCreate(out VmSpace? space))
        {
            return Errno.ENOMEM;
        }
        var child = new AddressSpace(_services, space) { Layout = Layout };
        bool isComplete = false;
        try
        {
            isComplete = TryCopyAreasTo(child);
        }
        finally
        {
            if (!isComplete)
            {
                child.Release();
            }
        }
        return isComplete ? child : Errno.ENOMEM;
    }

    private bool TryCopyAreasTo(AddressSpace child)
    {
        using RwMutexWriteGuard guard = _lock.AcquireWrite();
        child._break = _break;
        child._breakStart = _breakStart;
        for (Area? area = _areas.First; area is not null; area = area.Next)
        {
            if ((area.Flags & AreaFlags.NotInChild) == 0 && !CopyAreaTo(child, area))
            {
                return false;
            }
        }
        return true;
    }

    private bool CopyAreaTo(AddressSpace child, Area area)
    {
        Area copy = area.Describe();
        copy.Flags &= ~AreaFlags.Locked;
        TakeBacking(child, copy);
        child.Attach(copy);
        if ((area.Flags & AreaFlags.EmptyInChild) != 0 || (area.IsShared && area.File is not null))
        {
            // The pages of a shared file mapping are found again in the page cache by the child's faults, which know of truncations.
            return true;
        }
        VmCursor cursor = VmSpace.Open(area.Start);
        long count = cursor.CopyTo(child.VmSpace, area.Length, copyOnWrite: !area.IsShared);
        cursor.Dispose();
        if (count < 0)
        {
            return false;
        }
        cursor = child.VmSpace.Open(copy.Start);
        child._residentPages += count;
        child._peakResidentPages = Math.Max(child._peakResidentPages, child._residentPages);
        cursor.Dispose();
        child.DropPagesPastEnd(copy);
        return true;
    }

    // A truncation that told the child before the pages were copied, and this space afterwards, is seen by the length: it is set first.
    private void DropPagesPastEnd(Area area)
    {
        if (area.Memory is not { } memory)
        {
            return;
        }
        long pages = (long)(area.Length >> Paging.PageShift);
        long kept = Math.Max(0, ((memory.LengthBytes + Paging.PageSizeBytes - 1) >> Paging.PageShift) - area.FirstPage);
        if (kept < pages)
        {
            UnmapPages(area.Start + ((ulong)kept << Paging.PageShift), (ulong)(pages - kept) << Paging.PageShift);
        }
    }

    // ---- The set of areas; _lock is held for writing. ----

    // Who truncates sees the areas of an object under _objectLock alone: what belongs together is done in one hold of it. Nothing for an area without an object.
    private SpinGuard LockObjects(Area area) => area.Memory is null ? default : _objectLock.Acquire();

    /// <summary>Enters an area, whose backing has been taken, into tree, object list and accounts.</summary>
    private void Attach(Area area)
    {
        using SpinGuard guard = LockObjects(area);
        AttachLocked(area);
    }

    private void AttachLocked(Area area)
    {
        _areas.Insert(area);
        _virtualBytes += area.Length;
        _peakVirtualBytes = Math.Max(_peakVirtualBytes, _virtualBytes);
        if ((area.Flags & AreaFlags.Locked) != 0)
        {
            _lockedBytes += area.Length;
        }
        if (area.Memory is not null)
        {
            area.NextObject = _firstObjectArea;
            if (_firstObjectArea is not null)
            {
                _firstObjectArea.PreviousObject = area;
            }
            _firstObjectArea = area;
        }
    }

    /// <summary>The reverse of <see cref="Attach"/>. The backing is still held.</summary>
    private void Detach(Area area)
    {
        using SpinGuard guard = LockObjects(area);
        DetachLocked(area);
    }

    private void DetachLocked(Area area)
    {
        _areas.Remove(area);
        _virtualBytes -= area.Length;
        if ((area.Flags & AreaFlags.Locked) != 0)
        {
            _lockedBytes -= area.Length;
        }
        if (area.Memory is not null)
        {
            if (area.PreviousObject is null)
            {
                _firstObjectArea = area.NextObject;
            }
            else
            {
                area.PreviousObject.NextObject = area.NextObject;
            }
            if (area.NextObject is not null)
            {
                area.NextObject.PreviousObject = area.PreviousObject;
            }
            area.PreviousObject = null;
            area.NextObject = null;
        }
    }

    /// <summary>Moves the bounds of an area, without a change of order.</summary>
    private void Resize(Area area, ulong start, ulong end)
    {
        using SpinGuard guard = LockObjects(area);
        ResizeLocked(area, start, end);
    }

    private void ResizeLocked(Area area, ulong start, ulong end)
    {
        _virtualBytes = _virtualBytes - area.Length + (end - start);
        _peakVirtualBytes = Math.Max(_peakVirtualBytes, _virtualBytes);
        if ((area.Flags & AreaFlags.Locked) != 0)
        {
            _lockedBytes = _lockedBytes - area.Length + (end - start);
        }
        if (area.Memory is not null)
        {
            area.FirstPage += (long)(start - area.Start) >> Paging.PageShift;
        }
        area.Start = start;
        area.End = end;
        _areas.Refresh(area);
    }

    /// <summary>Makes an area boundary at the address, if it lies within an area.</summary>
    private void SplitAt(ulong address)
    {
        Area? area = _areas.Find(address);
        if (area is null || area.Start == address)
        {
            return;
        }
        Area upper = area.Describe();
        upper.Start = address;
        upper.FirstPage = area.Memory is null ? 0 : area.PageAt(address);
        TakeBacking(this, upper);
        using SpinGuard guard = LockObjects(area);
        ResizeLocked(area, area.Start, address);
        AttachLocked(upper);
    }

    /// <summary>Joins the area with its neighbours where they describe one range. What became superfluous goes to <paramref name="removed"/>.</summary>
    private Area Merge(Area area, ref Area? removed)
    {
        if (area.Next is { } next && area.CanMergeWith(next))
        {
            Absorb(area, next);
            next.Next = removed;
            removed = next;
        }
        if (area.Previous is { } previous && previous.CanMergeWith(area))
        {
            Absorb(previous, area);
            area.Next = removed;
            removed = area;
            return previous;
        }
        return area;
    }

    private void Absorb(Area area, Area next)
    {
        ulong end = next.End;
        using SpinGuard guard = LockObjects(area);
        DetachLocked(next);
        ResizeLocked(area, area.Start, end);
    }

    private static void TakeBacking(AddressSpace owner, Area area)
    {
        area.File?.AddReference();
        area.Memory?.AddMapping(owner);
    }

    /// <summary>Gives the backing of removed areas back. Without locks: closing a file may do anything.</summary>
    private void DropRemoved(Area? removed)
    {
        while (removed is not null)
        {
            Area? next = removed.Next;
            removed.Next = null;
            removed.Memory?.RemoveMapping(this);
            removed.File?.Release();
            removed = next;
        }
    }

    private void UnmapPages(ulong start, ulong length)
    {
        VmCursor cursor = VmSpace.Open(start);
        _residentPages -= cursor.Unmap(length);
        cursor.Dispose();
    }

    /// <inheritdoc/>
    public void OnPagesRemoved(IMemoryObject memory, ReadOnlySpan<long> pageIndexes, ReadOnlySpan<Frame> frames)
    {
        using SpinGuard guard = _objectLock.Acquire();
        for (Area? area = _firstObjectArea; area is not null; area = area.NextObject)
        {
            long pages = ReferenceEquals(area.Memory, memory) ? (long)(area.Length >> Paging.PageShift) : 0;
            for (int i = 0; pages > 0 && i < pageIndexes.Length; i++)
            {
                long offset = pageIndexes[i] - area.FirstPage;
                if (offset >= 0 && offset < pages)
                {
                    UnmapIfStill(area.Start + ((ulong)offset << Paging.PageShift), frames[i]);
                }
            }
        }
    }

    private void UnmapIfStill(ulong address, Frame frame)
    {
        VmCursor cursor = VmSpace.Open(address);
        if (cursor.TryQuery(out PageMapping mapping) && mapping.Frame == frame)
        {
            _residentPages -= cursor.Unmap(PageSize);
        }
        cursor.Dispose();
    }

    /// <inheritdoc/>
    public void OnTruncate(IMemoryObject memory, long firstPageIndex)
    {
        using SpinGuard guard = _objectLock.Acquire();
        for (Area? area = _firstObjectArea; area is not null; area = area.NextObject)
        {
            if (!ReferenceEquals(area.Memory, memory))
            {
                continue;
            }
            long pages = (long)(area.Length >> Paging.PageShift);
            long skipped = Math.Max(0, firstPageIndex - area.FirstPage);
            if (skipped < pages)
            {
                UnmapPages(area.Start + ((ulong)skipped << Paging.PageShift), (ulong)(pages - skipped) << Paging.PageShift);
            }
        }
    }
}
