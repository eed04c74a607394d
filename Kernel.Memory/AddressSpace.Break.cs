// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions;
using Kernel.Abstractions.Processes;
using Ostd.Memory;
using Ostd.Sync;

namespace Kernel.Memory;

/// <content>brk(2).</content>
internal sealed partial class AddressSpace
{
    /// <inheritdoc/>
    public void InitializeBreak(ulong start)
    {
        using RwMutexWriteGuard guard = _lock.AcquireWrite();
        _breakStart = start;
        _break = start;
    }

    /// <inheritdoc/>
    public ulong SetBreak(ulong address, ResourceLimits limits)
    {
        using var reserve = HeapReserve.Enter();
        Area? removed = null;
        ulong result;
        using (RwMutexWriteGuard guard = _lock.AcquireWrite())
        {
            if (TryMoveBreak(address, limits, ref removed))
            {
                _break = address;
            }
            result = _break;
        }
        DropRemoved(removed);
        return result;
    }

    private bool TryMoveBreak(ulong address, ResourceLimits limits, ref Area? removed)
    {
        if (address < _breakStart || address > Paging.UserSpaceEnd - PageSize)
        {
            return false;
        }
        ulong dataLimit = limits.Soft(ResourceKind.Data);
        if (dataLimit != ResourceLimits.Infinity && address - _breakStart + (Layout.DataEnd - Layout.DataStart) > dataLimit)
        {
            return false;
        }
        ulong oldEnd = (_break + PageMask) & ~PageMask;
        ulong newEnd = (address + PageMask) & ~PageMask;
        if (newEnd <= oldEnd)
        {
            return newEnd == oldEnd || RemoveRange(newEnd, oldEnd, ref removed) == Errno.Success;
        }

        // A page is kept free above the break, as Linux does.
        if (_areas.Overlaps(oldEnd, newEnd + PageSize) || _areas.Count >= MaxAreas)
        {
            return false;
        }
        var area = new Area
        {
            Start = oldEnd,
            End = newEnd,
            Protection = PageProtection.Read | PageProtection.Write,
            Flags = AreaFlags.Heap | (_locksFuture ? AreaFlags.Locked : AreaFlags.None),
        };
        if (CheckLimits(area.Length, area, 0, limits) != Errno.Success)
        {
            return false;
        }
        if (_areas.FindEndingAfter(oldEnd - 1) is { } below && below.CanMergeWith(area))
        {
            Resize(below, below.Start, newEnd);
        }
        else
        {
            Attach(area);
        }
        return true;
    }
}
