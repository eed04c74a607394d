// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Ostd.Memory;
using Ostd.Sync;

namespace Kernel.Memory;

/// <content>mprotect(2).</content>
internal sealed partial class AddressSpace
{
    /// <inheritdoc/>
    public Errno Protect(ulong address, ulong length, PageProtection protection)
    {
        if ((address & PageMask) != 0)
        {
            return Errno.EINVAL;
        }
        if (length == 0)
        {
            return Errno.Success;
        }
        ulong size = (length + PageMask) & ~PageMask;
        if (size == 0 || address > Paging.UserSpaceEnd || size > Paging.UserSpaceEnd - address)
        {
            return Errno.ENOMEM;
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
            error = ProtectRange(address, address + size, protection, ref removed);
        }
        DropRemoved(removed);
        return error;
    }

    // As Linux does: what lies before a hole or a refusal is changed all the same.
    private Errno ProtectRange(ulong start, ulong end, PageProtection protection, ref Area? removed)
    {
        Area? area = _areas.Find(start);
        if (area is null)
        {
            return Errno.ENOMEM;
        }
        SplitAt(start);
        area = _areas.Find(start)!;
        ulong position = start;
        while (position < end)
        {
            if (area is null || area.Start > position)
            {
                return Errno.ENOMEM;
            }
            if (((protection & PageProtection.Write) != 0 && (area.Flags & AreaFlags.NeverWritable) != 0)
                || ((protection & PageProtection.Execute) != 0 && (area.Flags & AreaFlags.NeverExecutable) != 0))
            {
                return Errno.EACCES;
            }
            if (area.End > end)
            {
                if (_areas.Count >= MaxAreas)
                {
                    return Errno.ENOMEM;
                }
                SplitAt(end);
            }
            if (area.Protection != protection)
            {
                area.Protection = protection;
                VmCursor cursor = VmSpace.Open(area.Start);
                cursor.Protect(area.Length, protection);
                cursor.Dispose();
            }
            area = Merge(area, ref removed);

            // Merged with what follows, it may reach further than before: that part has the protection already.
            position = area.End;
            area = area.Next;
        }
        return Errno.Success;
    }
}
