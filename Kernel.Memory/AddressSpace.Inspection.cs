// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Memory;
using Kernel.Abstractions.Processes;
using Ostd.Memory;
using Ostd.Sync;

namespace Kernel.Memory;

/// <content>What others see of it: /proc/pid/maps, statm, another process's bytes.</content>
internal sealed partial class AddressSpace
{
    // In /proc/pid/maps the name starts at this column (Linux: 25 + 6 * sizeof(void*)).
    private const int NameColumn = 73;

    /// <inheritdoc/>
    public AddressSpaceStatistics GetStatistics()
    {
        using RwMutexReadGuard guard = _lock.AcquireRead();
        ulong code = 0;
        ulong data = 0;
        ulong stack = 0;
        long shared = 0;
        for (Area? area = _areas.First; area is not null; area = area.Next)
        {
            if ((area.Flags & AreaFlags.GrowsDown) != 0)
            {
                stack += area.Length;
            }
            else if (area.IsPrivateWritable)
            {
                data += area.Length;
            }
            else if ((area.Protection & PageProtection.Execute) != 0 && area.File is not null)
            {
                code += area.Length;
            }
            if (area.Memory is not null)
            {
                shared += CountObjectPages(area);
            }
        }
        return new AddressSpaceStatistics(
            (long)_virtualBytes, _residentPages << Paging.PageShift, shared << Paging.PageShift, (long)code, (long)data, (long)stack,
            (long)_peakVirtualBytes, _peakResidentPages << Paging.PageShift, VmSpace.PageTableBytes, _minorFaults, _majorFaults);
    }

    /// <inheritdoc/>
    public long ResidentBytes => System.Threading.Volatile.Read(ref _residentPages) << Paging.PageShift;

    /// <inheritdoc/>
    public AddressSpaceUsage GetUsage() => new(_peakResidentPages << Paging.PageShift, _minorFaults, _majorFaults);

    /// <inheritdoc/>
    public void DescribeAreas(PseudoFileWriter writer, IThread reader)
    {
        using RwMutexReadGuard guard = _lock.AcquireRead();
        for (Area? area = _areas.First; area is not null; area = area.Next)
        {
            int lineStart = writer.Length;
            writer.AppendHex(area.Start, 8).Append('-').AppendHex(area.End, 8).Append(' ');
            writer.Append((area.Protection & PageProtection.Read) != 0 ? 'r' : '-');
            writer.Append((area.Protection & PageProtection.Write) != 0 ? 'w' : '-');
            writer.Append((area.Protection & PageProtection.Execute) != 0 ? 'x' : '-');
            writer.Append(area.IsShared ? 's' : 'p').Append(' ');
            writer.AppendHex(area.Memory is null ? 0 : (ulong)area.FirstPage << Paging.PageShift, 8).Append(' ');
            ulong device = 0;
            ulong inode = 0;
            if (area.File is { } file)
            {
                device = file.Inode.FileSystem.DeviceId;
                inode = file.Inode.Number;
            }

            // dev_t as programs see it: the minor's upper bits lie above the major (makedev(3)).
            writer.AppendHex((device >> 8) & 0xfff, 2).Append(':').AppendHex((device & 0xff) | ((device >> 12) & 0xfff00), 2).Append(' ');
            writer.AppendUnsigned(inode).Append(' ');
            AppendName(writer, area, reader, lineStart);
            writer.Append('\n');
        }
    }

    /// <inheritdoc/>
    public int Read(ulong address, Span<byte> destination)
    {
        int done = 0;
        while (done < destination.Length)
        {
            ulong position = address + (ulong)done;
            ulong page = position & ~PageMask;
            int offset = (int)(position - page);
            int count = Math.Min(destination.Length - done, Paging.PageSizeBytes - offset);
            if (position < address || HandleFault(position, PageFaultAccess.Read) != FaultResult.Resolved)
            {
                break;
            }
            Frame frame;
            using (RwMutexReadGuard guard = _lock.AcquireRead())
            {
                if (_areas.Find(page) is null)
                {
                    // Unmapped, maybe because the last user has gone: then the page tables are gone too.
                    break;
                }
                VmCursor cursor = VmSpace.Open(page);
                frame = cursor.TryQuery(out PageMapping mapping) ? mapping.Frame.Share() : default;
                cursor.Dispose();
            }
            if (frame.IsNull)
            {
                // Unmapped between the two: ask again.
                continue;
            }
            frame.Read(offset, destination.Slice(done, count));
            frame.Release();
            done += count;
        }
        return done;
    }

    private long CountObjectPages(Area area)
    {
        long count = 0;
        VmCursor cursor = VmSpace.Open(area.Start);
        while (cursor.FindNext(area.End, out PageMapping mapping))
        {
            // A page with one reference is the process's own copy: the object holds one for each of its pages.
            count += mapping.Frame.ReferenceCount > 1 ? 1 : 0;
            cursor.MoveTo(cursor.Address + PageSize);
        }
        cursor.Dispose();
        return count;
    }

    private void AppendName(PseudoFileWriter writer, Area area, IThread reader, int lineStart)
    {
        if (area.File is { } file)
        {
            AppendPadding(writer, lineStart);
            if (_services.FileSystem.Value is { } fileSystem && !file.Path.IsNowhere)
            {
                writer.Append(fileSystem.GetAbsolutePath(reader, file.Path));
            }
            return;
        }
        string name = (area.Flags & AreaFlags.Heap) != 0 ? "[heap]"
            : (area.Flags & AreaFlags.Stack) != 0 ? "[stack]"
            : area.IsShared ? "/dev/zero (deleted)"
            : "";
        if (name.Length > 0)
        {
            AppendPadding(writer, lineStart);
            writer.Append(name);
        }
    }

    private static void AppendPadding(PseudoFileWriter writer, int lineStart)
    {
        while (writer.Length - lineStart < NameColumn)
        {
            writer.Append(' ');
        }
    }
}
