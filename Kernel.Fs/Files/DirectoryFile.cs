// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Ostd.Memory;
using Ostd.Sync;

namespace Kernel.Fs.Files;

/// <summary>An open directory. "." and ".." come from here, the rest from <see cref="Inode.ReadEntries"/>; the position is the file system's cookie of the next entry.</summary>
internal sealed class DirectoryFile(Inode inode, OpenFlags flags) : OpenFile(inode, flags), IDirectoryVisitor
{
    private readonly Mutex _lock = new();
    private IDirectoryVisitor? _visitor;
    private long _position;

    /// <inheritdoc/>
    public override Result<int> Read(ref VmWriter destination) => Errno.EISDIR;

    /// <inheritdoc/>
    public override Result<int> ReadAt(ref VmWriter destination, long offset) => Errno.EISDIR;

    /// <inheritdoc/>
    public override Errno Synchronize() => Errno.Success;

    /// <inheritdoc/>
    public override Result<long> Seek(long offset, SeekOrigin origin)
    {
        using var guard = _lock.Acquire();
        switch (origin)
        {
            case SeekOrigin.SEEK_SET:
                break;
            case SeekOrigin.SEEK_CUR:
                offset += _position;
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
    public override Errno ReadDirectory(IDirectoryVisitor visitor)
    {
        // Lock order: the file's own lock, then the directory's, as for every operation on the directory.
        using var guard = _lock.Acquire();
        using var directoryGuard = Inode.DirectoryLock.Acquire();
        if (Path.Entry is { IsDeleted: true })
        {
            return Errno.ENOENT;
        }

        if (_position == 0)
        {
            if (!visitor.Visit("."u8, Inode.Number, InodeType.Directory, 1))
            {
                return Errno.Success;
            }

            _position = 1;
        }

        if (_position == 1)
        {
            var parent = Path.Entry is Dentries.Dentry { Parent: { } entry } ? entry.Inode : Inode;
            if (!visitor.Visit(".."u8, parent.Number, InodeType.Directory, 2))
            {
                return Errno.Success;
            }

            _position = 2;
        }

        _visitor = visitor;
        var error = Inode.ReadEntries(_position, this);
        _visitor = null;
        return error;
    }

    /// <summary>Stands between the file system and the caller to keep the position.</summary>
    public bool Visit(ReadOnlySpan<byte> name, ulong inodeNumber, InodeType type, long nextOffset)
    {
        if (!_visitor!.Visit(name, inodeNumber, type, nextOffset))
        {
            return false;
        }

        _position = nextOffset;
        return true;
    }
}
