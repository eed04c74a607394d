// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Memory;
using Kernel.Abstractions.Processes;
using Ostd.Memory;
using Ostd.Sync;

namespace Kernel.Memory;

/// <content>mlock(2) and its family. Nothing is ever paged out, so locking means making resident, and its limits.</content>
internal sealed partial class AddressSpace
{
    /// <inheritdoc/>
    public Errno Lock(ulong address, ulong length, bool onFault, ResourceLimits limits)
    {
        ulong start = address & ~PageMask;
        ulong size = (length + (address & PageMask) + PageMask) & ~PageMask;
        if (size < length)
        {
            return Errno.EINVAL;
        }
        if (start > Paging.UserSpaceEnd || size > Paging.UserSpaceEnd - start)
        {
            return Errno.ENOMEM;
        }
        if (size == 0)
        {
            return Errno.Success;
        }
        if (limits.Soft(ResourceKind.LockedMemory) == 0 && !HasLockCapability)
        {
            return Errno.EPERM;
        }
        Errno error = SetLocked(start, start + size, isLocked: true, size, limits);
        if (error != Errno.Success || onFault)
        {
            return error;
        }
        error = Populate(start, size, forWrite: false);

        // A page that cannot be made resident: EAGAIN or ENOMEM in Linux; a protection that forbids all access counts as locked.
        return error == Errno.EFAULT ? Errno.Success : error;
    }

    /// <inheritdoc/>
    public Errno Unlock(ulong address, ulong length)
    {
        ulong start = address & ~PageMask;
        ulong size = (length + (address & PageMask) + PageMask) & ~PageMask;
        if (size < length)
        {
            return Errno.EINVAL;
        }
        if (start > Paging.UserSpaceEnd || size > Paging.UserSpaceEnd - start)
        {
            return Errno.ENOMEM;
        }
        return size == 0 ? Errno.Success : SetLocked(start, start + size, isLocked: false, 0, null);
    }

    /// <inheritdoc/>
    public Errno LockAll(bool current, bool future, bool onFault, ResourceLimits limits)
    {
        if (limits.Soft(ResourceKind.LockedMemory) == 0 && !HasLockCapability)
        {
            return Errno.EPERM;
        }
        using var reserve = HeapReserve.Enter();
        Area? removed = null;
        using (RwMutexWriteGuard guard = _lock.AcquireWrite())
        {
            if (current && !MayLock(_virtualBytes - _lockedBytes, limits))
            {
                return Errno.ENOMEM;
            }
            _locksFuture = future;
            if (current)
            {
                SetLockedAll(isLocked: true, ref removed);
            }
        }
        DropRemoved(removed);
        if (current && !onFault)
        {
            PopulateLocked();
        }
        return Errno.Success;
    }

    /// <inheritdoc/>
    public void UnlockAll()
    {
        using var reserve = HeapReserve.Enter();
        Area? removed = null;
        using (RwMutexWriteGuard guard = _lock.AcquireWrite())
        {
            _locksFuture = false;
            SetLockedAll(isLocked: false, ref removed);
        }
        DropRemoved(removed);
    }

    // CAP_IPC_LOCK.
    private static bool HasLockCapability => CurrentThread.OrNull is not { } thread || thread.Credentials.HasCapability((Capability)14);

    private bool MayLock(ulong added, ResourceLimits limits)
    {
        ulong limit = limits.Soft(ResourceKind.LockedMemory);
        return limit == ResourceLimits.Infinity || _lockedBytes + added <= limit || HasLockCapability;
    }

    private Errno SetLocked(ulong start, ulong end, bool isLocked, ulong added, ResourceLimits? limits)
    {
        if (isLocked && !HeapReserve.HasRoom)
        {
            return Errno.ENOMEM;
        }
        using var reserve = HeapReserve.Enter();
        Area? removed = null;
        Errno result = Errno.Success;
        using (RwMutexWriteGuard guard = _lock.AcquireWrite())
        {
            if (limits is not null && !MayLock(added, limits))
            {
                return Errno.ENOMEM;
            }
            ulong position = start;
            while (position < end)
            {
                if (_areas.Find(position) is not { } area)
                {
                    result = Errno.ENOMEM;
                    break;
                }
                ulong stop = Math.Min(area.End, end);
                result = ChangeFlags(
                    ref area, position, stop, isLocked ? AreaFlags.Locked : AreaFlags.None, isLocked ? AreaFlags.None : AreaFlags.Locked, ref removed);
                if (result != Errno.Success)
                {
                    break;
                }
                position = stop;
            }
        }
        DropRemoved(removed);
        return result;
    }

    private void SetLockedAll(bool isLocked, ref Area? removed)
    {
        Area? area = _areas.First;
        while (area is not null)
        {
            if (((area.Flags & AreaFlags.Locked) != 0) != isLocked)
            {
                area.Flags ^= AreaFlags.Locked;
                _lockedBytes = isLocked ? _lockedBytes + area.Length : _lockedBytes - area.Length;
                area = Merge(area, ref removed);
            }
            area = area.Next;
        }
    }

    private void PopulateLocked()
    {
        ulong position = 0;
        while (true)
        {
            ulong start;
            ulong length;
            using (RwMutexReadGuard guard = _lock.AcquireRead())
            {
                if (_areas.FindEndingAfter(position) is not { } area)
                {
                    return;
                }
                start = Math.Max(area.Start, position);
                length = area.End - start;
                position = area.End;
                if (area.Protection == PageProtection.None)
                {
                    continue;
                }
            }
            _ = Populate(start, length, forWrite: false);
        }
    }
}
