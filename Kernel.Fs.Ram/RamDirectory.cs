// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Files;

namespace Kernel.Fs.Ram;

/// <summary>A directory. All operations come under its directory lock, which the VFS takes.</summary>
internal sealed class RamDirectory : RamInode
{
    /// <summary>What tmpfs counts for an entry in the directory's size (BOGO_DIRENT_SIZE).</summary>
    private const int EntrySizeBytes = 20;

    private readonly NameTable _names = new();

    /// <summary>The file system is unmounted: who still stands here can make nothing any more. Under the directory lock, as the names.</summary>
    private bool _isAbandoned;

    public RamDirectory(RamFileSystem system, int mode, uint uid, uint gid)
        : base(system, mode, uid, gid) => AddLink();

    public override InodeType Type => InodeType.Directory;

    public override InodeAttributes GetAttributes()
    {
        var attributes = base.GetAttributes();
        attributes.SizeBytes = System.CountsEntrySizes ? (long)_names.Count * EntrySizeBytes : 0;
        return attributes;
    }

    public override Result<Inode> Lookup(ReadOnlySpan<byte> name) => _names.Find(name) is { } inode ? inode : Errno.ENOENT;

    public override Errno ReadEntries(long position, IDirectoryVisitor visitor)
    {
        _names.Visit(position, visitor);
        Accessed();
        return Errno.Success;
    }

    public override Result<Inode> Create(ReadOnlySpan<byte> name, InodeType type, int mode, uint uid, uint gid, DeviceNumber device)
    {
        if (_isAbandoned)
        {
            return Errno.ENOENT;
        }

        if (!System.TryReserveInode())
        {
            return Errno.ENOSPC;
        }

        RamInode inode = type switch
        {
            InodeType.Directory => new RamDirectory(System, mode, uid, gid),
            InodeType.Regular => new RamFile(System, mode, uid, gid),
            _ => new RamSpecialFile(System, type, mode, uid, gid, device),
        };

        Enter(name, inode);
        return inode;
    }

    public override Result<Inode> CreateSymbolicLink(ReadOnlySpan<byte> name, ReadOnlySpan<byte> target, uint uid, uint gid)
    {
        if (_isAbandoned)
        {
            return Errno.ENOENT;
        }

        if (!System.TryReserveInode())
        {
            return Errno.ENOSPC;
        }

        var inode = new RamSymbolicLink(System, target, uid, gid);
        Enter(name, inode);
        return inode;
    }

    public override Result<Inode> CreateTemporary(int mode, uint uid, uint gid)
    {
        if (!System.TryReserveInode())
        {
            return Errno.ENOSPC;
        }

        return new RamFile(System, mode, uid, gid);
    }

    public override Errno Link(ReadOnlySpan<byte> name, Inode target)
    {
        // A file whose storage is gone has no name to come back from.
        if (_isAbandoned || target is not RamInode inode || !inode.TryAddLink())
        {
            return Errno.ENOENT;
        }

        _names.Add(name, inode);
        Modified();
        inode.Changed();
        return Errno.Success;
    }

    public override Errno Unlink(ReadOnlySpan<byte> name)
    {
        if (_names.Find(name) is not RamInode inode)
        {
            return Errno.ENOENT;
        }

        _names.Remove(name);
        Modified();
        inode.Changed();
        inode.RemoveLink();
        return Errno.Success;
    }

    public override Errno RemoveDirectory(ReadOnlySpan<byte> name)
    {
        if (_names.Find(name) is not RamDirectory directory)
        {
            return Errno.ENOTDIR;
        }

        if (directory._names.Count != 0)
        {
            return Errno.ENOTEMPTY;
        }

        _names.Remove(name);
        Modified();
        directory.Changed();
        directory.RemoveAllLinks();
        RemoveLink();
        return Errno.Success;
    }

    public override Errno Rename(ReadOnlySpan<byte> oldName, Inode newDirectory, ReadOnlySpan<byte> newName, bool exchange)
    {
        if (newDirectory is not RamDirectory { _isAbandoned: false } target || _names.Find(oldName) is not RamInode moved)
        {
            return Errno.ENOENT;
        }

        var replaced = (RamInode?)target._names.Find(newName);
        if (exchange)
        {
            return Exchange(oldName, moved, target, newName, replaced);
        }

        if (replaced is RamDirectory { _names.Count: not 0 })
        {
            return Errno.ENOTEMPTY;
        }

        _names.Remove(oldName);
        if (replaced is null)
        {
            target._names.Add(newName, moved);
        }
        else
        {
            target._names.Replace(newName, moved);
            if (replaced is RamDirectory)
            {
                replaced.RemoveAllLinks();
                target.RemoveLink();
            }
            else
            {
                replaced.RemoveLink();
            }

            replaced.Changed();
        }

        MoveParentLink(moved, target);
        Modified();
        target.Modified();
        moved.Changed();
        return Errno.Success;
    }

    /// <summary>Adds the first entry of a new inode.</summary>
    internal void Enter(ReadOnlySpan<byte> name, RamInode inode)
    {
        inode.AddLink();
        _names.Add(name, inode);
        if (inode is RamDirectory)
        {
            AddLink();
        }

        Modified();
    }

    /// <summary>Gives up the whole tree below: files that are open go when they are closed.</summary>
    internal void Abandon()
    {
        Inode[] inodes;
        using (DirectoryLock.Acquire())
        {
            _isAbandoned = true;
            inodes = _names.ToArray();
            _names.Clear();
        }

        foreach (var inode in inodes)
        {
            (inode as RamDirectory)?.Abandon();
            ((RamInode)inode).RemoveAllLinks();
        }
    }

    private Errno Exchange(ReadOnlySpan<byte> oldName, RamInode moved, RamDirectory target, ReadOnlySpan<byte> newName, RamInode? other)
    {
        if (other is null)
        {
            return Errno.ENOENT;
        }

        _names.Replace(oldName, other);
        target._names.Replace(newName, moved);
        MoveParentLink(moved, target);
        target.MoveParentLink(other, this);
        Modified();
        target.Modified();
        moved.Changed();
        other.Changed();
        return Errno.Success;
    }

    /// <summary>The ".." of a directory that changes parents is a link to the new one.</summary>
    private void MoveParentLink(RamInode moved, RamDirectory target)
    {
        if (moved is RamDirectory && !ReferenceEquals(this, target))
        {
            target.AddLink();
            RemoveLink();
        }
    }
}
