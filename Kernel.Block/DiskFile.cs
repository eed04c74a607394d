// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Block;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Syscalls;
using Ostd.Memory;
using Ostd.Sync;

namespace Kernel.Block;

/// <summary>An open disk, or partition.</summary>
internal sealed class DiskFile(Inode inode, OpenFlags flags, BlockRange range) : OpenFile(inode, flags)
{
    // linux/fs.h
    private const uint BLKROGET = 0x125e;
    private const uint BLKGETSIZE = 0x1260;
    private const uint BLKFLSBUF = 0x1261;
    private const uint BLKSSZGET = 0x1268;
    private const uint BLKIOMIN = 0x1278;
    private const uint BLKIOOPT = 0x1279;
    private const uint BLKALIGNOFF = 0x127a;
    private const uint BLKPBSZGET = 0x127b;
    private const uint BLKBSZGET = 0x80081270;
    private const uint BLKGETSIZE64 = 0x80081272;

    // Of O_DIRECT: what Linux wants where the driver wants nothing (queue_dma_alignment).
    private const int MemoryAlignment = 512;

    private readonly Mutex _positionLock = new();
    private long _position;

    public override Result<int> Read(ref VmWriter destination)
    {
        using var guard = _positionLock.Acquire();
        return Advance(ReadAt(ref destination, _position));
    }

    public override Result<int> Write(ref VmReader source)
    {
        using var guard = _positionLock.Acquire();
        return Advance(WriteAt(ref source, _position));
    }

    public override Result<int> ReadAt(ref VmWriter destination, long offset)
        => IsDirectAndUnaligned(offset, destination.Remaining, destination.IsAligned(MemoryAlignment)) ? Errno.EINVAL : range.Read(ref destination, offset);

    public override Result<int> WriteAt(ref VmReader source, long offset)
    {
        if (!range.Disk.Geometry.IsReadOnly && IsDirectAndUnaligned(offset, source.Remaining, source.IsAligned(MemoryAlignment)))
        {
            return Errno.EINVAL;
        }

        var result = range.Write(ref source, offset);

        // O_SYNC contains the bit of O_DSYNC.
        if (result.IsOk && (StatusFlags & OpenFlags.O_DSYNC) != 0)
        {
            var error = range.Disk.Flush();
            return error == Errno.Success ? result : error;
        }

        return result;
    }

    /// <summary>As blkdev_llseek of Linux: nothing beyond the end, and neither data nor holes.</summary>
    public override Result<long> Seek(long offset, SeekOrigin origin)
    {
        using var guard = _positionLock.Acquire();
        var start = origin switch
        {
            SeekOrigin.SEEK_SET => 0,
            SeekOrigin.SEEK_CUR => _position,
            SeekOrigin.SEEK_END => range.SizeBytes,
            _ => -1,
        };
        if (start < 0 || offset < -start || offset > range.SizeBytes - start)
        {
            return Errno.EINVAL;
        }

        return _position = start + offset;
    }

    public override Errno Synchronize() => range.Disk.Flush();

    /// <summary>No disk here can give blocks back or write zeros by itself.</summary>
    public override Errno Allocate(int mode, long offset, long length) => Errno.EOPNOTSUPP;

    public override SyscallResult Ioctl(in SyscallContext context, uint command, ulong argument)
    {
        var geometry = range.Disk.Geometry;
        switch (command)
        {
            case BLKGETSIZE64:
                return new UserPtr<long>(argument).Write(range.SizeBytes);
            case BLKGETSIZE:
                return new UserPtr<long>(argument).Write(range.SectorCount);
            case BLKSSZGET or BLKPBSZGET or BLKIOMIN:
                return new UserPtr<int>(argument).Write(geometry.LogicalBlockSize);
            case BLKBSZGET:
                return new UserPtr<int>(argument).Write(Paging.PageSizeBytes);
            case BLKIOOPT or BLKALIGNOFF:
                return new UserPtr<int>(argument).Write(0);
            case BLKROGET:
                return new UserPtr<int>(argument).Write(geometry.IsReadOnly ? 1 : 0);
            case BLKFLSBUF:
                return context.Thread.Credentials.HasCapability(Capability.CAP_SYS_ADMIN) ? range.Disk.Flush() : Errno.EACCES;
            default:
                return Errno.ENOTTY;
        }
    }

    // Man 2 open, O_DIRECT. As in Linux's block/fops.c, only what lies before the end counts.
    private bool IsDirectAndUnaligned(long offset, int length, bool isMemoryAligned)
    {
        if ((StatusFlags & OpenFlags.O_DIRECT) == 0 || length == 0 || offset >= range.SizeBytes)
        {
            return false;
        }

        var transferred = Math.Min(length, range.SizeBytes - offset);
        return !isMemoryAligned || ((offset | transferred) & (range.Disk.Geometry.LogicalBlockSize - 1)) != 0;
    }

    private Result<int> Advance(Result<int> transferred)
    {
        _position += transferred.IsOk ? transferred.Value : 0;
        return transferred;
    }
}
