// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Memory;
using Kernel.Abstractions.Processes;
using Ostd.Memory;
using Ostd.Sync;

namespace Kernel.Memory;

/// <content>mmap(2), munmap(2), and the choice of addresses.</content>
internal sealed partial class AddressSpace
{
    // Pages kept free below a stack, so that it cannot grow into its neighbour (Linux: stack_guard_gap).
    private static ulong StackGuardGap => 256 * PageSize;

    // Room above the mmap area for the main stack: Linux leaves at least 128 MiB.
    private static ulong MapAreaEnd => Paging.UserSpaceEnd - (1UL << 30);

    /// <inheritdoc/>
    public Result<ulong> Map(
        ulong address, ulong length, PageProtection protection, MapFlags flags, OpenFile? file, IMemoryObject? memory, long offset, ResourceLimits limits)
    {
        if (length == 0)
        {
            return Errno.EINVAL;
        }
        ulong size = (length + PageMask) & ~PageMask;
        if (size == 0 || size > Paging.UserSpaceEnd || !HeapReserve.HasRoom)
        {
            return Errno.ENOMEM;
        }
        if (((ulong)offset & PageMask) != 0)
        {
            return Errno.EINVAL;
        }
        if (memory is not null && (offset < 0 || offset > long.MaxValue - (long)size))
        {
            return Errno.EOVERFLOW;
        }
        bool isFixed = (flags & (MapFlags.MAP_FIXED | MapFlags.MAP_FIXED_NOREPLACE)) != 0;
        if (isFixed && CheckFixed(address, size) is var error and not Errno.Success)
        {
            return error;
        }
        Result<Area> described = DescribeMapping(protection, flags, file, memory, offset);
        if (!described.TryGet(out Area area, out error))
        {
            return error;
        }
        if (area.Memory is null && area.IsShared)
        {
            Result<IMemoryObject> shared = _services.SharedMemory.Create((long)size);
            if (!shared.TryGet(out IMemoryObject created, out error))
            {
                return error;
            }
            area.Memory = created;
        }

        // The areas, their tree and the pages change together: there is room.
        using var reserve = HeapReserve.Enter();
        Area? removed = null;
        Result<ulong> result;
        using (RwMutexWriteGuard guard = _lock.AcquireWrite())
        {
            result = InsertMapping(area, address, size, flags, limits, ref removed);
        }
        DropRemoved(removed);
        if (result.IsOk && ((flags & MapFlags.MAP_POPULATE) != 0 || (area.Flags & AreaFlags.Locked) != 0))
        {
            // Populating is a help, not a promise: its failure is not reported (mmap(2), MAP_POPULATE).
            _ = Populate(result.Value, size, forWrite: false);
        }
        return result;
    }

    /// <inheritdoc/>
    public Errno Unmap(ulong address, ulong length)
    {
        if ((address & PageMask) != 0 || length == 0 || address > Paging.UserSpaceEnd || length > Paging.UserSpaceEnd - address)
        {
            return Errno.EINVAL;
        }
        using var reserve = HeapReserve.Enter();
        Area? removed = null;
        Errno error;
        using (RwMutexWriteGuard guard = _lock.AcquireWrite())
        {
            error = RemoveRange(address, address + ((length + PageMask) & ~PageMask), ref removed);
        }
        DropRemoved(removed);
        return error;
    }

    /// <inheritdoc/>
    public Result<ulong> MapStack(ulong top, ulong initialLength, PageProtection protection)
    {
        ulong size = (initialLength + PageMask) & ~PageMask;
        if (size == 0 || (top & PageMask) != 0 || top > Paging.UserSpaceEnd || size > top - Paging.UserSpaceStart)
        {
            return Errno.ENOMEM;
        }
        using RwMutexWriteGuard guard = _lock.AcquireWrite();
        if (_areas.Overlaps(top - size, top))
        {
            return Errno.ENOMEM;
        }
        Attach(new Area { Start = top - size, End = top, Protection = protection, Flags = AreaFlags.GrowsDown | AreaFlags.Stack });
        return top;
    }

    private static Errno CheckFixed(ulong address, ulong size)
    {
        if ((address & PageMask) != 0)
        {
            return Errno.EINVAL;
        }
        if (address > Paging.UserSpaceEnd || size > Paging.UserSpaceEnd - address)
        {
            return Errno.ENOMEM;
        }

        // Below mmap_min_addr nothing can be mapped: a null dereference must fault.
        return address < Paging.UserSpaceStart ? Errno.EPERM : Errno.Success;
    }

    // What is mapped and with which rights; the place comes later.
    private static Result<Area> DescribeMapping(PageProtection protection, MapFlags flags, OpenFile? file, IMemoryObject? memory, long offset)
    {
        AreaFlags areaFlags = AreaFlags.None;
        switch (flags & MapFlags.MAP_TYPE)
        {
            case MapFlags.MAP_PRIVATE:
                break;
            case MapFlags.MAP_SHARED_VALIDATE when (flags & MapFlags.MAP_SYNC) != 0:
                return Errno.EOPNOTSUPP;
            case MapFlags.MAP_SHARED:
            case MapFlags.MAP_SHARED_VALIDATE:
                areaFlags |= AreaFlags.Shared;
                break;
            default:
                return Errno.EINVAL;
        }
        if (file is not null)
        {
            if (!file.IsReadable)
            {
                return Errno.EACCES;
            }
            if ((areaFlags & AreaFlags.Shared) != 0 && !file.IsWritable)
            {
                if ((protection & PageProtection.Write) != 0)
                {
                    return Errno.EACCES;
                }
                areaFlags |= AreaFlags.NeverWritable;
            }
            if (file.Path.Mount is { IsNoExec: true })
            {
                if ((protection & PageProtection.Execute) != 0)
                {
                    return Errno.EPERM;
                }
                areaFlags |= AreaFlags.NeverExecutable;
            }
        }
        if ((flags & MapFlags.MAP_GROWSDOWN) != 0)
        {
            if (memory is not null || (areaFlags & AreaFlags.Shared) != 0)
            {
                return Errno.EINVAL;
            }
            areaFlags |= AreaFlags.GrowsDown;
        }
        if ((flags & MapFlags.MAP_NORESERVE) != 0)
        {
            areaFlags |= AreaFlags.NoReserve;
        }
        if ((flags & MapFlags.MAP_LOCKED) != 0)
        {
            areaFlags |= AreaFlags.Locked;
        }
        return new Area { Protection = protection, Flags = areaFlags, File = file, Memory = memory, FirstPage = offset >> Paging.PageShift };
    }

    private Result<ulong> InsertMapping(Area area, ulong address, ulong size, MapFlags flags, ResourceLimits limits, ref Area? removed)
    {
        if (_locksFuture)
        {
            area.Flags |= AreaFlags.Locked;
        }
        if ((flags & (MapFlags.MAP_FIXED | MapFlags.MAP_FIXED_NOREPLACE)) == 0)
        {
            if (!TryFindRoom(address, size, out address))
            {
                return Errno.ENOMEM;
            }
        }
        else if ((flags & MapFlags.MAP_FIXED_NOREPLACE) != 0 && _areas.Overlaps(address, address + size))
        {
            return Errno.EEXIST;
        }
        if (_areas.Count >= MaxAreas)
        {
            return Errno.ENOMEM;
        }
        if (CheckLimits(size, area, BytesIn(address, address + size), limits) is var error and not Errno.Success)
        {
            return error;
        }
        error = RemoveRange(address, address + size, ref removed);
        if (error != Errno.Success)
        {
            return error;
        }
        area.Start = address;
        area.End = address + size;
        TakeBacking(this, area);
        Attach(area);
        _ = Merge(area, ref removed);
        return address;
    }

    // A free range: at the hint if there is room, else as high as possible below the stack's room, as Linux's top-down layout has it.
    private bool TryFindRoom(ulong hint, ulong size, out ulong address)
    {
        if (hint != 0)
        {
            address = Math.Max(hint & ~PageMask, Paging.UserSpaceStart);
            if (address < Paging.UserSpaceEnd && size <= Paging.UserSpaceEnd - address && !_areas.Overlaps(address, address + size))
            {
                return true;
            }
        }
        return _areas.TryFindGapBelow(size, Paging.UserSpaceStart, MapAreaEnd, out address)
            || _areas.TryFindGapAbove(size, Paging.UserSpaceStart, Paging.UserSpaceEnd, out address);
    }

    // Limits of a new mapping; `replaced` bytes of what is there go away for it.
    private Errno CheckLimits(ulong size, Area area, ulong replaced, ResourceLimits limits)
    {
        ulong virtualLimit = limits.Soft(ResourceKind.AddressSpace);
        if (virtualLimit != ResourceLimits.Infinity && _virtualBytes - replaced + size > virtualLimit)
        {
            return Errno.ENOMEM;
        }
        if (area.IsPrivateWritable && (area.Flags & AreaFlags.GrowsDown) == 0)
        {
            ulong dataLimit = limits.Soft(ResourceKind.Data);
            if (dataLimit != ResourceLimits.Infinity && DataBytes() + size > dataLimit)
            {
                return Errno.ENOMEM;
            }
        }

        // Linux's heuristic overcommit (vm.overcommit_memory 0): only what could never be backed is refused.
        if (area.IsPrivateWritable && (area.Flags & AreaFlags.NoReserve) == 0 && size >> Paging.PageShift > (ulong)PhysicalMemory.TotalPages)
        {
            return Errno.ENOMEM;
        }
        if ((area.Flags & AreaFlags.Locked) != 0 && !MayLock(size, limits))
        {
            return Errno.EAGAIN;
        }
        return Errno.Success;
    }

    private ulong BytesIn(ulong start, ulong end)
    {
        ulong bytes = 0;
        for (Area? area = _areas.FindEndingAfter(start); area is not null && area.Start < end; area = area.Next)
        {
            bytes += Math.Min(area.End, end) - Math.Max(area.Start, start);
        }
        return bytes;
    }

    private ulong DataBytes()
    {
        ulong bytes = 0;
        for (Area? area = _areas.First; area is not null; area = area.Next)
        {
            if (area.IsPrivateWritable && (area.Flags & AreaFlags.GrowsDown) == 0)
            {
                bytes += area.Length;
            }
        }
        return bytes;
    }

    // Unmaps a page-aligned range: areas and pages.
    private Errno RemoveRange(ulong start, ulong end, ref Area? removed)
    {
        Area? area = _areas.FindEndingAfter(start);
        if (area is null || area.Start >= end)
        {
            return Errno.Success;
        }
        if (area.Start < start && area.End > end && _areas.Count >= MaxAreas)
        {
            // A hole in the middle makes one area more (munmap(2), ENOMEM).
            return Errno.ENOMEM;
        }
        SplitAt(start);
        SplitAt(end);
        area = _areas.FindEndingAfter(start);
        while (area is not null && area.Start < end)
        {
            Area? next = area.Next;
            Detach(area);
            UnmapPages(area.Start, area.Length);
            area.Next = removed;
            removed = area;
            area = next;
        }
        return Errno.Success;
    }
}
