// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Memory;
using Ostd.Memory;
using Ostd.Sync;

namespace Kernel.Fs.Files;

/// <summary>What a page-cached file's inode offers its open files beyond <see cref="Inode"/>.</summary>
public interface IPageCachedInode
{
    PageCache.PageCache Pages { get; }

    /// <summary>The file was read: access time.</summary>
    void OnRead();

    /// <summary>The file was written: modification time, set-id bits.</summary>
    void OnWritten();
}

/// <summary>An open regular file whose contents are in a page cache. The position has a lock of its own, as POSIX asks for reads and writes of one open file to be atomic to each other.</summary>
public sealed class PageCacheFile : OpenFile
{
    private readonly Mutex _positionLock = new();
    private readonly IPageCachedInode _file;
    private long _position;

    /// <summary>Opens an inode that is <see cref="IPageCachedInode"/> too.</summary>
    public PageCacheFile(Inode inode, OpenFlags flags)
        : base(inode, flags) => _file = (IPageCachedInode)inode;

    /// <inheritdoc/>
    public override Result<int> Read(ref VmWriter destination)
    {
        using var guard = _positionLock.Acquire();
        var result = ReadAt(ref destination, _position);
        if (result.IsOk)
        {
            _position += result.Value;
        }

        return result;
    }

    /// <inheritdoc/>
    public override Result<int> Write(ref VmReader source)
    {
        using var guard = _positionLock.Acquire();
        var result = WriteFrom(ref source, (StatusFlags & OpenFlags.O_APPEND) != 0 ? -1 : _position, out var end);
        if (result.IsOk)
        {
            _position = end;
        }

        return result;
    }

    /// <inheritdoc/>
    public override Result<int> ReadAt(ref VmWriter destination, long offset)
    {
        var result = _file.Pages.Read(ref destination, offset);
        if (result.IsOk && result.Value > 0 && (StatusFlags & OpenFlags.O_NOATIME) == 0)
        {
            _file.OnRead();
        }

        return result;
    }

    /// <inheritdoc/>
    /// <remarks>With O_APPEND the data goes to the end whatever the offset: Linux's documented deviation (man 2 pwrite, BUGS).</remarks>
    public override Result<int> WriteAt(ref VmReader source, long offset) => WriteFrom(ref source, (StatusFlags & OpenFlags.O_APPEND) != 0 ? -1 : offset, out _);

    /// <inheritdoc/>
    public override Result<long> Seek(long offset, SeekOrigin origin)
    {
        using var guard = _positionLock.Acquire();
        switch (origin)
        {
            case SeekOrigin.SEEK_SET:
                break;
            case SeekOrigin.SEEK_CUR:
                offset = unchecked(_position + offset);
                break;
            case SeekOrigin.SEEK_END:
                offset = unchecked(_file.Pages.LengthBytes + offset);
                break;
            case SeekOrigin.SEEK_DATA or SeekOrigin.SEEK_HOLE:
                if (!_file.Pages.FindDataOrHole(offset, origin == SeekOrigin.SEEK_DATA).TryGet(out offset, out var error))
                {
                    return error;
                }

                break;
            default:
                return Errno.EINVAL;
        }

        if (offset < 0)
        {
            return Errno.EINVAL;
        }

        _position = offset;
        return offset;
    }

    /// <inheritdoc/>
    public override Result<IMemoryObject> GetMemoryObject() => _file.Pages;

    /// <inheritdoc/>
    public override Errno Synchronize() => Inode.FileSystem.Synchronize();

    /// <inheritdoc/>
    public override Errno Truncate(long length)
        => length > _file.Pages.LengthBytes && length > FileSizeLimit.CurrentBytes ? Errno.EFBIG : Inode.SetAttributes(new AttributeChange { SizeBytes = length });

    /// <inheritdoc/>
    public override Errno Allocate(int mode, long offset, long length)
    {
        const int keepSize = 1, punchHole = 2;
        if (mode == 0 && offset + length > FileSizeLimit.CurrentBytes)
        {
            return Errno.EFBIG;
        }

        Errno error;
        switch (mode)
        {
            case 0 or keepSize:
                error = _file.Pages.Reserve(offset, length, extend: mode == 0);
                break;
            case punchHole | keepSize:
                error = _file.Pages.PunchHole(offset, length);
                break;
            default:
                return Errno.EOPNOTSUPP;
        }

        if (error == Errno.Success)
        {
            _file.OnWritten();
        }

        return error;
    }

    private Result<int> WriteFrom(ref VmReader source, long offset, out long end)
    {
        var result = _file.Pages.Write(ref source, offset, out end, FileSizeLimit.CurrentBytes);
        if (result.IsOk && result.Value > 0)
        {
            _file.OnWritten();
        }

        return result;
    }
}
