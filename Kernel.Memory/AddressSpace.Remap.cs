// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Memory;
using Kernel.Abstractions.Processes;
using Ostd.Memory;
using Ostd.Sync;

namespace Kernel.Memory;

/// <content>mremap(2).</content>
internal sealed partial class AddressSpace
{
    /// <inheritdoc/>
    public Result<ulong> Remap(ulong address, ulong oldLength, ulong newLength, RemapFlags flags, ulong newAddress, ResourceLimits limits)
    {
        bool isFixed = (flags & RemapFlags.MREMAP_FIXED) != 0;
        bool mayMove = (flags & RemapFlags.MREMAP_MAYMOVE) != 0;
        ulong oldSize = (oldLength + PageMask) & ~PageMask;
        ulong newSize = (newLength + PageMask) & ~PageMask;
        if ((address & PageMask) != 0 || newSize == 0 || (isFixed && !mayMove) || newSize > Paging.UserSpaceEnd)
        {
            return Errno.EINVAL;
        }
        if (address > Paging.UserSpaceEnd || oldSize > Paging.UserSpaceEnd - address)
        {
            return Errno.EFAULT;
        }
        if (isFixed)
        {
            if ((newAddress & PageMask) != 0 || newAddress > Paging.UserSpaceEnd || newSize > Paging.UserSpaceEnd - newAddress
                || (newAddress < address + oldSize && address < newAddress + newSize))
            {
                return Errno.EINVAL;
            }
            if (newAddress < Paging.UserSpaceStart)
            {
                return Errno.EPERM;
            }
        }
        if (!HeapReserve.HasRoom)
        {
            return Errno.ENOMEM;
        }
        using var reserve = HeapReserve.Enter();
        Area? removed = null;
        Result<ulong> result;
        bool isLocked = false;
        using (RwMutexWriteGuard guard = _lock.AcquireWrite())
        {
            result = RemapLocked(address, oldSize, newSize, mayMove, isFixed, newAddress, limits, ref removed);
            isLocked = result.IsOk && newSize > oldSize && (_areas.Find(result.Value)!.Flags & AreaFlags.Locked) != 0;
        }
        DropRemoved(removed);
        if (isLocked)
        {
            _ = Populate(result.Value + oldSize, newSize - oldSize, forWrite: false);
        }
        return result;
    }

    private Result<ulong> RemapLocked(
        ulong address, ulong oldSize, ulong newSize, bool mayMove, bool isFixed, ulong newAddress, ResourceLimits limits, ref Area? removed)
    {
        if (_areas.Find(address) is not { } area)
        {
            return Errno.EFAULT;
        }
        if (oldSize == 0 && !area.IsShared)
        {
            // An old size of 0 duplicates a mapping, which only a shared one allows (mremap(2)).
            return Errno.EINVAL;
        }
        if (!isFixed && newSize <= oldSize)
        {
            Errno error = newSize == oldSize ? Errno.Success : RemoveRange(address + newSize, address + oldSize, ref removed);
            return error == Errno.Success ? address : error;
        }
        if (area.End - address < oldSize)
        {
            // The range spans areas: it cannot grow or move.
            return Errno.EFAULT;
        }
        if (isFixed && newSize < oldSize)
        {
            if (RemoveRange(address + newSize, address + oldSize, ref removed) is var error and not Errno.Success)
            {
                return error;
            }
            oldSize = newSize;
            area = _areas.Find(address)!;
        }
        ulong added = newSize - oldSize;
        if (added > 0 && CheckLimits(added, area, 0, limits) is var limitError and not Errno.Success)
        {
            return limitError;
        }
        if (!isFixed && oldSize > 0 && address + oldSize == area.End && newSize <= Paging.UserSpaceEnd - address && !_areas.Overlaps(area.End, address + newSize))
        {
            Resize(area, area.Start, address + newSize);
            _ = Merge(area, ref removed);
            return address;
        }
        if (!mayMove)
        {
            return Errno.ENOMEM;
        }
        return MoveArea(area, address, oldSize, newSize, isFixed, newAddress, ref removed);
    }

    private Result<ulong> MoveArea(Area area, ulong address, ulong oldSize, ulong newSize, bool isFixed, ulong newAddress, ref Area? removed)
    {
        if (_areas.Count + 3 > MaxAreas)
        {
            return Errno.ENOMEM;
        }
        if (isFixed)
        {
            if (RemoveRange(newAddress, newAddress + newSize, ref removed) is var error and not Errno.Success)
            {
                return error;
            }
        }
        else if (!TryFindRoom(0, newSize, out newAddress))
        {
            return Errno.ENOMEM;
        }
        Area moved = area.Describe();
        moved.FirstPage = area.Memory is null ? 0 : area.PageAt(address);
        moved.Start = newAddress;
        moved.End = newAddress + newSize;
        moved.Flags &= ~(AreaFlags.Heap | AreaFlags.Stack | AreaFlags.GrowsDown);
        TakeBacking(this, moved);
        if (MovePages(moved, address, oldSize) is var outcome and not Errno.Success)
        {
            moved.Next = removed;
            removed = moved;
            return outcome;
        }
        if (oldSize > 0)
        {
            Errno error = RemoveRange(address, address + oldSize, ref removed);
            if (error != Errno.Success)
            {
                throw new InvalidOperationException("The number of areas was checked before.");
            }
        }
        _ = Merge(moved, ref removed);
        return newAddress;
    }

    // Brings pages to a new area and enters it, in one step for who truncates: the pages are always in an area that it finds.
    private Errno MovePages(Area moved, ulong address, ulong size)
    {
        using SpinGuard guard = LockObjects(moved);
        if (size > 0)
        {
            VmCursor cursor = VmSpace.Open(address);
            bool isComplete = cursor.MovePagesTo(moved.Start, size);
            if (!isComplete)
            {
                // Put back what was moved: the tables it came from may be gone, but no more are needed than there were.
                cursor.MoveTo(moved.Start);
                isComplete = cursor.MovePagesTo(address, size);
                cursor.Dispose();
                return isComplete ? Errno.ENOMEM : Errno.EFAULT;
            }
            cursor.Dispose();
        }
        AttachLocked(moved);
        return Errno.Success;
    }
}
