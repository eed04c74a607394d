// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions;
using Kernel.Abstractions.Block;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Syscalls;
using Ostd.Memory;
using Ostd.Sync;

namespace Kernel.Block;

/// <summary>An open disk.</summary>
internal sealed class DiskFile(Inode inode, OpenFlags flags, Disk disk) : OpenFile(inode, flags)
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
        => IsDirectAndUnaligned(offset, destination.Remaining) ? Errno.EINVAL : disk.Read(ref destination, offset);

    public override Result<int> WriteAt(ref VmReader source, long offset)
    {
        if (IsDirectAndUnaligned(offset, source.Remaining) && !disk.Geometry.IsReadOnly)
        {
            return Errno.EINVAL;
        }

        var result = disk.Write(ref source, offset);

        // O_SYNC contains the bit of O_DSYNC.
        if (result.IsOk && (StatusFlags & OpenFlags.O_DSYNC) != 0)
        {
            var error = disk.Flush();
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
            SeekOrigin.SEEK_END => disk.Geometry.SizeBytes,
            _ => -1,
        };
        if (start < 0 || offset < -start || offset > disk.Geometry.SizeBytes - start)
        {
            return Errno.EINVAL;
        }

        return _position = start + offset;
    }

    public override Errno Synchronize() => disk.Flush();

    /// <summary>No disk here can give blocks back or write zeros by itself.</summary>
    public override Errno Allocate(int mode, long offset, long length) => Errno.EOPNOTSUPP;

    public override SyscallResult Ioctl(in SyscallContext context, uint command, ulong argument)
    {
        var geometry = disk.Geometry;
        switch (command)
        {
            case BLKGETSIZE64:
                return new UserPtr<long>(argument).Write(geometry.SizeBytes);
            case BLKGETSIZE:
                return new UserPtr<long>(argument).Write(geometry.SectorCount);
            case BLKSSZGET or BLKPBSZGET or BLKIOMIN:
                return new UserPtr<int>(argument).Write(geometry.LogicalBlockSize);
            case BLKBSZGET:
                return new UserPtr<int>(argument).Write(Paging.PageSizeBytes);
            case BLKIOOPT or BLKALIGNOFF:
                return new UserPtr<int>(argument).Write(0);
            case BLKROGET:
                return new UserPtr<int>(argument).Write(geometry.IsReadOnly ? 1 : 0);
            case BLKFLSBUF:
                return context.Thread.Credentials.HasCapability(Capability.CAP_SYS_ADMIN) ? disk.Flush() : Errno.EACCES;
            default:
                return Errno.ENOTTY;
        }
    }

    // Man 2 open, O_DIRECT: offset and length are multiples of the logical block size.
    private bool IsDirectAndUnaligned(long offset, int length)
        => (StatusFlags & OpenFlags.O_DIRECT) != 0 && ((offset | (uint)length) & (disk.Geometry.LogicalBlockSize - 1)) != 0;

    private Result<int> Advance(Result<int> transferred)
    {
        _position += transferred.IsOk ? transferred.Value : 0;
        return transferred;
    }
}
