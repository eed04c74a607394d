// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Memory;
using Kernel.Abstractions.Processes;
using Ostd.Memory;
using Ostd.Sync;

namespace Kernel.Memory;

/// <content>Page faults: demand paging, copy-on-write, stack growth.</content>
internal sealed partial class AddressSpace
{
    // A read fault on a file maps what the page cache holds of the aligned group around it (Linux: fault_around_bytes, 64 KiB).
    private const int AroundPages = 16;

    /// <inheritdoc/>
    public bool HandlePageFault(ulong address, PageFaultAccess access) => HandleFault(address, access) == FaultResult.Resolved;

    /// <inheritdoc/>
    public FaultResult HandleFault(ulong address, PageFaultAccess access)
    {
        if (address >= Paging.UserSpaceEnd)
        {
            return FaultResult.NotMapped;
        }
        while (true)
        {
            using (RwMutexReadGuard guard = _lock.AcquireRead())
            {
                Area? area = _areas.FindEndingAfter(address);
                if (area is null)
                {
                    return FaultResult.NotMapped;
                }
                if (area.Start <= address)
                {
                    return ResolveFault(area, address & ~PageMask, access);
                }
                if ((area.Flags & AreaFlags.GrowsDown) == 0)
                {
                    return FaultResult.NotMapped;
                }
            }
            if (!TryGrowStack(address))
            {
                return FaultResult.NotMapped;
            }
        }
    }

    // Extends the stack above the address down to it.
    private bool TryGrowStack(ulong address)
    {
        using RwMutexWriteGuard guard = _lock.AcquireWrite();
        Area? area = _areas.FindEndingAfter(address);
        if (area is null || (area.Flags & AreaFlags.GrowsDown) == 0)
        {
            return false;
        }
        ulong start = address & ~PageMask;
        if (area.Start <= start)
        {
            // Another thread was faster.
            return true;
        }
        if (start < Paging.UserSpaceStart
            || (area.Previous is { } previous && previous.Protection != PageProtection.None && start - previous.End < StackGuardGap))
        {
            return false;
        }
        if (CurrentThread.OrNull?.Process.Limits is { } limits)
        {
            ulong added = area.Start - start;
            if (area.End - start > limits.Soft(ResourceKind.Stack)
                || (limits.Soft(ResourceKind.AddressSpace) is var limit and not ResourceLimits.Infinity && _virtualBytes + added > limit))
            {
                return false;
            }
        }
        Resize(area, start, area.End);
        return true;
    }

    private FaultResult ResolveFault(Area area, ulong page, PageFaultAccess access)
    {
        PageProtection needed = access switch
        {
            PageFaultAccess.Write => PageProtection.Write,
            PageFaultAccess.Execute => PageProtection.Execute,

            // On all three architectures what can be written or executed can be read.
            _ => PageProtection.Read | PageProtection.Write | PageProtection.Execute,
        };
        if ((area.Protection & needed) == 0)
        {
            return FaultResult.NotAllowed;
        }
        return area.Memory is null ? ResolveAnonymous(area, page, access) : ResolveObject(area, area.Memory, page, access);
    }

    private FaultResult ResolveAnonymous(Area area, ulong page, PageFaultAccess access)
    {
        VmCursor cursor = VmSpace.Open(page);
        try
        {
            _minorFaults++;
            if (cursor.TryQuery(out PageMapping mapping))
            {
                return ResolvePresent(ref cursor, area, in mapping, access);
            }
            if (access == PageFaultAccess.Write)
            {
                return Frame.TryAllocate(out Frame frame) && MapNew(ref cursor, frame, area.Protection) ? FaultResult.Resolved : FaultResult.OutOfMemory;
            }
            return MapNew(ref cursor, _services.ZeroFrame.Share(), area.Protection & ~PageProtection.Write) ? FaultResult.Resolved : FaultResult.OutOfMemory;
        }
        finally
        {
            cursor.Dispose();
        }
    }

    // Something is mapped at the cursor: it needs the right to write, or another thread has resolved the fault before.
    private FaultResult ResolvePresent(ref VmCursor cursor, Area area, in PageMapping mapping, PageFaultAccess access)
    {
        if (access != PageFaultAccess.Write || (mapping.Protection & PageProtection.Write) != 0)
        {
            return FaultResult.Resolved;
        }
        if (mapping.Frame.ReferenceCount == 1 && !area.IsShared)
        {
            // The only mapping of a private page: all others have gone or were copied.
            cursor.ProtectPage(area.Protection);
            return FaultResult.Resolved;
        }
        return MapCopy(ref cursor, area, mapping.Frame);
    }

    // Maps a private, writable copy of a page in place of what is at the cursor.
    private FaultResult MapCopy(ref VmCursor cursor, Area area, Frame source)
    {
        Frame copy;
        if (source == _services.ZeroFrame)
        {
            if (!Frame.TryAllocate(out copy))
            {
                return FaultResult.OutOfMemory;
            }
        }
        else
        {
            if (!Frame.TryAllocateUninitialized(out copy))
            {
                return FaultResult.OutOfMemory;
            }
            copy.CopyFrom(source);
        }
        if (!cursor.TryMap(copy, area.Protection))
        {
            copy.Release();
            return FaultResult.OutOfMemory;
        }
        return FaultResult.Resolved;
    }

    // Maps a page where none was, taking over the reference.
    private bool MapNew(ref VmCursor cursor, Frame frame, PageProtection protection)
    {
        if (!cursor.TryMap(frame, protection))
        {
            frame.Release();
            return false;
        }
        _residentPages++;
        _peakResidentPages = Math.Max(_peakResidentPages, _residentPages);
        return true;
    }

    private FaultResult ResolveObject(Area area, IMemoryObject memory, ulong page, PageFaultAccess access)
    {
        bool isWrite = access == PageFaultAccess.Write;
        VmCursor cursor = VmSpace.Open(page);
        try
        {
            _minorFaults++;
            if (cursor.TryQuery(out PageMapping mapping) && !(isWrite && area.IsShared && (mapping.Protection & PageProtection.Write) == 0))
            {
                return ResolvePresent(ref cursor, area, in mapping, access);
            }
        }
        finally
        {
            cursor.Dispose();
        }

        // Shared anonymous memory has no store to keep clean: it is writable from the first fault on.
        bool isDirtying = area.IsShared && (isWrite || (area.File is null && (area.Protection & PageProtection.Write) != 0));
        bool isMajor = false;
        long removals = memory.RemovalCount;
        if (!isWrite && area.File is not null)
        {
            if (TryMapAround(area, memory, page, removals))
            {
                return FaultResult.Resolved;
            }
            isMajor = true;
        }
        long index = area.PageAt(page);
        if (!memory.GetPage(index, isDirtying).TryGet(out Frame source, out Errno error))
        {
            return error == Errno.ENOMEM ? FaultResult.OutOfMemory : FaultResult.BusError;
        }
        PageProtection protection = isDirtying ? area.Protection : area.Protection & ~PageProtection.Write;
        cursor = VmSpace.Open(page);
        try
        {
            if (isMajor)
            {
                _majorFaults++;
                _minorFaults--;
            }
            if (memory.RemovalCount != removals)
            {
                // Truncated meanwhile, or a hole was made: the page may no longer be the object's. It must not be mapped even for a moment; the access comes again.
                source.Release();
                return FaultResult.Resolved;
            }
            return MapObjectPage(ref cursor, area, source, protection, isWrite);
        }
        finally
        {
            cursor.Dispose();
        }
    }

    // Maps an object's page, or a private copy of it, unless another thread was faster. Takes over the reference to `source`.
    private FaultResult MapObjectPage(ref VmCursor cursor, Area area, Frame source, PageProtection protection, bool isWrite)
    {
        bool isPresent = cursor.TryQuery(out PageMapping mapping);
        if (isWrite && !area.IsShared)
        {
            FaultResult result = FaultResult.Resolved;
            if (!isPresent)
            {
                result = MapCopy(ref cursor, area, source);
                if (result == FaultResult.Resolved)
                {
                    _residentPages++;
                    _peakResidentPages = Math.Max(_peakResidentPages, _residentPages);
                }
            }
            source.Release();
            return result;
        }
        if (!isPresent)
        {
            return MapNew(ref cursor, source, protection) ? FaultResult.Resolved : FaultResult.OutOfMemory;
        }
        if (!area.IsShared)
        {
            // Another thread was faster, and may have written to a copy of its own already.
            source.Release();
            return FaultResult.Resolved;
        }
        if (mapping.Frame == source)
        {
            cursor.ProtectPage(protection);
            source.Release();
            return FaultResult.Resolved;
        }
        if (!cursor.TryMap(source, protection))
        {
            source.Release();
            return FaultResult.OutOfMemory;
        }
        return FaultResult.Resolved;
    }

    // Maps the pages around that the object holds already, without the right to write. False when the page itself is not among them.
    private bool TryMapAround(Area area, IMemoryObject memory, ulong page, long removals)
    {
        ulong groupSize = AroundPages * PageSize;
        ulong start = Math.Max(page & ~(groupSize - 1), area.Start);
        ulong end = Math.Min((page & ~(groupSize - 1)) + groupSize, area.End);
        Frame own = memory.TryGetCachedPage(area.PageAt(page));
        if (own.IsNull)
        {
            return false;
        }
        Span<Frame> frames = stackalloc Frame[AroundPages];
        int count = (int)((end - start) >> Paging.PageShift);
        for (int i = 0; i < count; i++)
        {
            ulong address = start + ((ulong)i << Paging.PageShift);
            frames[i] = address == page ? own : memory.TryGetCachedPage(area.PageAt(address));
        }
        bool isMapped = false;
        long length = memory.LengthBytes;
        VmCursor cursor = VmSpace.Open(start);
        try
        {
            // Truncated meanwhile, or a hole was made: nothing is mapped that may no longer be the object's; the access comes again.
            bool isStale = memory.RemovalCount != removals;
            isMapped = isStale;
            for (int i = 0; i < count; i++)
            {
                if (frames[i].IsNull)
                {
                    continue;
                }
                ulong address = start + ((ulong)i << Paging.PageShift);
                cursor.MoveTo(address);
                bool isOwn = address == page;
                if (isStale || cursor.TryQuery(out _) || area.PageAt(address) << Paging.PageShift >= length)
                {
                    frames[i].Release();
                    isMapped |= isOwn && area.PageAt(address) << Paging.PageShift < length;
                }
                else if (MapNew(ref cursor, frames[i], area.Protection & ~PageProtection.Write))
                {
                    isMapped |= isOwn;
                }
            }
        }
        finally
        {
            cursor.Dispose();
        }
        return isMapped;
    }

    /// <summary>Makes the pages of a range resident.</summary>
    /// <param name="forWrite">Breaks copy-on-write too (MADV_POPULATE_WRITE).</param>
    /// <returns>ENOMEM at a hole or without memory; EFAULT where access is not allowed or possible.</returns>
    private Errno Populate(ulong start, ulong length, bool forWrite)
    {
        for (ulong address = start; address < start + length; address += PageSize)
        {
            PageFaultAccess access;
            using (RwMutexReadGuard guard = _lock.AcquireRead())
            {
                if (_areas.Find(address) is not { } area)
                {
                    return Errno.ENOMEM;
                }
                access = forWrite || area.IsPrivateWritable ? PageFaultAccess.Write
                    : (area.Protection & PageProtection.Read) == 0 && (area.Protection & PageProtection.Execute) != 0 ? PageFaultAccess.Execute
                    : PageFaultAccess.Read;
            }
            switch (HandleFault(address, access))
            {
                case FaultResult.Resolved:
                    break;
                case FaultResult.NotMapped:
                case FaultResult.OutOfMemory:
                    return Errno.ENOMEM;
                default:
                    return Errno.EFAULT;
            }
        }
        return Errno.Success;
    }
}
