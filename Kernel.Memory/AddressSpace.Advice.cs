// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Memory;
using Ostd.Memory;
using Ostd.Sync;

namespace Kernel.Memory;

/// <content>madvise(2), msync(2), mincore(2).</content>
internal sealed partial class AddressSpace
{
    /// <inheritdoc/>
    public Errno Advise(ulong address, ulong length, MemoryAdvice advice)
    {
        if (!IsKnown(advice) || (address & PageMask) != 0)
        {
            return Errno.EINVAL;
        }
        ulong size = (length + PageMask) & ~PageMask;
        if (size < length || address > Paging.UserSpaceEnd || size > Paging.UserSpaceEnd - address)
        {
            return Errno.EINVAL;
        }
        if (size == 0)
        {
            return Errno.Success;
        }
        if (advice is MemoryAdvice.MADV_POPULATE_READ or MemoryAdvice.MADV_POPULATE_WRITE)
        {
            return Populate(address, size, advice == MemoryAdvice.MADV_POPULATE_WRITE);
        }
        if (!HeapReserve.HasRoom)
        {
            return Errno.ENOMEM;
        }
        using var reserve = HeapReserve.Enter();
        Area? removed = null;
        Errno error;
        using (RwMutexWriteGuard guard = _lock.AcquireWrite())
        {
            error = AdviseRange(address, address + size, advice, ref removed);
        }
        DropRemoved(removed);
        return error;
    }

    private static bool IsKnown(MemoryAdvice advice) => advice is
        (>= MemoryAdvice.MADV_NORMAL and <= MemoryAdvice.MADV_DONTNEED) or MemoryAdvice.MADV_FREE or MemoryAdvice.MADV_REMOVE
        or MemoryAdvice.MADV_DONTFORK or MemoryAdvice.MADV_DOFORK or (>= MemoryAdvice.MADV_DONTDUMP and <= MemoryAdvice.MADV_POPULATE_WRITE);

    // A hole does not stop the work: the rest is done, and ENOMEM tells of it at the end (madvise(2)).
    private Errno AdviseRange(ulong start, ulong end, MemoryAdvice advice, ref Area? removed)
    {
        Errno result = Errno.Success;
        ulong position = start;
        Area? area = _areas.FindEndingAfter(start);
        while (position < end)
        {
            if (area is null || area.Start >= end)
            {
                return Errno.ENOMEM;
            }
            if (area.Start > position)
            {
                result = Errno.ENOMEM;
                position = area.Start;
            }
            ulong stop = Math.Min(area.End, end);
            if (AdviseArea(ref area, position, stop, advice, ref removed) is var error and not Errno.Success)
            {
                return error;
            }
            position = stop;
            area = _areas.FindEndingAfter(stop);
        }
        return result;
    }

    private Errno AdviseArea(ref Area area, ulong start, ulong end, MemoryAdvice advice, ref Area? removed)
    {
        switch (advice)
        {
            case MemoryAdvice.MADV_DONTNEED:
                if ((area.Flags & AreaFlags.Locked) != 0)
                {
                    return Errno.EINVAL;
                }
                UnmapPages(start, end - start);
                return Errno.Success;
            case MemoryAdvice.MADV_FREE:
                if (area.Memory is not null || area.IsShared)
                {
                    return Errno.EINVAL;
                }

                // The kernel may free such pages at any time; it does so at once.
                UnmapPages(start, end - start);
                return Errno.Success;
            case MemoryAdvice.MADV_REMOVE:
                return (area.Flags & AreaFlags.Locked) != 0 ? Errno.EINVAL : Errno.EOPNOTSUPP;
            case MemoryAdvice.MADV_DONTFORK:
                return ChangeFlags(ref area, start, end, AreaFlags.NotInChild, AreaFlags.None, ref removed);
            case MemoryAdvice.MADV_DOFORK:
                return ChangeFlags(ref area, start, end, AreaFlags.None, AreaFlags.NotInChild, ref removed);
            case MemoryAdvice.MADV_WIPEONFORK:
                return area.Memory is not null ? Errno.EINVAL : ChangeFlags(ref area, start, end, AreaFlags.EmptyInChild, AreaFlags.None, ref removed);
            case MemoryAdvice.MADV_KEEPONFORK:
                return ChangeFlags(ref area, start, end, AreaFlags.None, AreaFlags.EmptyInChild, ref removed);
            default:
                // Hints without an effect on meaning.
                return Errno.Success;
        }
    }

    private Errno ChangeFlags(ref Area area, ulong start, ulong end, AreaFlags set, AreaFlags clear, ref Area? removed)
    {
        AreaFlags flags = (area.Flags | set) & ~clear;
        if (flags == area.Flags)
        {
            return Errno.Success;
        }
        if (_areas.Count + 2 > MaxAreas)
        {
            return Errno.ENOMEM;
        }
        SplitAt(start);
        SplitAt(end);
        area = _areas.Find(start)!;
        if (((area.Flags ^ flags) & AreaFlags.Locked) != 0)
        {
            _lockedBytes = (flags & AreaFlags.Locked) != 0 ? _lockedBytes + area.Length : _lockedBytes - area.Length;
        }
        area.Flags = flags;
        area = Merge(area, ref removed);
        return Errno.Success;
    }

    /// <inheritdoc/>
    public Errno Synchronize(ulong address, ulong length, SyncFlags flags)
    {
        const SyncFlags known = SyncFlags.MS_ASYNC | SyncFlags.MS_INVALIDATE | SyncFlags.MS_SYNC;
        if ((flags & ~known) != 0 || (address & PageMask) != 0 || (flags & (SyncFlags.MS_ASYNC | SyncFlags.MS_SYNC)) == (SyncFlags.MS_ASYNC | SyncFlags.MS_SYNC))
        {
            return Errno.EINVAL;
        }
        ulong size = (length + PageMask) & ~PageMask;
        if (size < length || address > Paging.UserSpaceEnd || size > Paging.UserSpaceEnd - address)
        {
            return Errno.ENOMEM;
        }
        Errno result = Errno.Success;
        ulong end = address + size;
        ulong position = address;
        while (position < end)
        {
            Kernel.Abstractions.Files.OpenFile? file = null;
            using (RwMutexReadGuard guard = _lock.AcquireRead())
            {
                Area? area = _areas.FindEndingAfter(position);
                if (area is null || area.Start >= end)
                {
                    return Errno.ENOMEM;
                }
                if (area.Start > position)
                {
                    result = Errno.ENOMEM;
                }
                position = area.End;
                if ((flags & SyncFlags.MS_INVALIDATE) != 0 && (area.Flags & AreaFlags.Locked) != 0)
                {
                    return Errno.EBUSY;
                }
                if ((flags & SyncFlags.MS_SYNC) != 0 && area.IsShared)
                {
                    file = area.File?.AddReference();
                }
            }
            if (file is not null)
            {
                // Without the lock: writing back may take long, and the area may go meanwhile.
                Errno error = file.Synchronize();
                file.Release();
                if (error is not Errno.Success and not Errno.EINVAL)
                {
                    return error;
                }
            }
        }
        return result;
    }

    /// <inheritdoc/>
    public Errno GetResidency(ulong address, Span<byte> pages)
    {
        using RwMutexReadGuard guard = _lock.AcquireRead();
        for (int i = 0; i < pages.Length;)
        {
            ulong position = address + ((ulong)i << Paging.PageShift);
            if (_areas.Find(position) is not { } area)
            {
                return Errno.ENOMEM;
            }
            int count = Math.Min(pages.Length - i, (int)Math.Min((area.End - position) >> Paging.PageShift, int.MaxValue));
            FillResidency(area, position, pages.Slice(i, count));
            i += count;
        }
        return Errno.Success;
    }

    private void FillResidency(Area area, ulong address, Span<byte> pages)
    {
        VmCursor cursor = VmSpace.Open(address);
        for (int i = 0; i < pages.Length; i++)
        {
            cursor.MoveTo(address + ((ulong)i << Paging.PageShift));
            pages[i] = cursor.TryQuery(out _) ? (byte)1 : (byte)0;
        }
        cursor.Dispose();
        for (int i = 0; i < pages.Length && area.Memory is not null; i++)
        {
            // What the page cache holds is resident without being mapped.
            if (pages[i] == 0 && area.Memory.TryGetCachedPage(area.PageAt(address + ((ulong)i << Paging.PageShift))) is { IsNull: false } cached)
            {
                cached.Release();
                pages[i] = 1;
            }
        }
    }
}
