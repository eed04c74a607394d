// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Syscalls;
using Kernel.Fs.Dentries;
using Kernel.Fs.Mounts;
using Kernel.Fs.Paths;
using Ostd.Memory;

namespace Kernel.Fs;

/// <summary>mknod, mkdir, link, symlink, readlink, unlink, rmdir; rename is in a class of its own. Without a thread the kernel acts for itself, with all rights and from the root of the mount tree.</summary>
[Component]
public sealed class DirectoryOperations(PathWalker walker, DentryCache dentries, RenameOperation rename) : IDirectoryOperations
{
    /// <inheritdoc/>
    public Errno MakeNode(IThread? thread, FileDescriptor directory, ReadOnlySpan<byte> path, InodeType type, int mode, DeviceNumber device)
        => Make(thread, directory, path, type, mode, device, default, null, out _);

    /// <inheritdoc/>
    public Result<FilePath> MakeSocket(IThread? thread, ReadOnlySpan<byte> path, int mode)
    {
        var error = Make(thread, FileDescriptor.CurrentDirectory, path, InodeType.Socket, mode, default, default, null, out var place);
        return error == Errno.Success ? place.ToPath() : error;
    }

    /// <inheritdoc/>
    public Errno MakeDirectory(IThread? thread, FileDescriptor directory, ReadOnlySpan<byte> path, int mode)
        => Make(thread, directory, path, InodeType.Directory, mode & 0x3ff, default, default, null, out _);

    /// <inheritdoc/>
    public Errno SymbolicLink(IThread? thread, ReadOnlySpan<byte> target, FileDescriptor directory, ReadOnlySpan<byte> path)
        => target.Length == 0 ? Errno.ENOENT : Make(thread, directory, path, InodeType.SymbolicLink, 0, default, target, null, out _);

    /// <inheritdoc/>
    public Errno Link(IThread? thread, FileDescriptor oldDirectory, ReadOnlySpan<byte> oldPath, FileDescriptor newDirectory, ReadOnlySpan<byte> newPath, WalkFlags flags)
    {
        var error = walker.TryBegin(thread, oldDirectory, oldPath, out var walk);
        if (error != Errno.Success)
        {
            return error;
        }

        if (oldPath.Length != 0 || (flags & WalkFlags.AllowEmpty) == 0)
        {
            error = walker.WalkFull(ref walk, oldPath, (flags & WalkFlags.Follow) != 0);
        }

        return error == Errno.Success ? Make(thread, newDirectory, newPath, walk.Current.Inode.Type, 0, default, default, walk.Current, out _) : error;
    }

    /// <inheritdoc/>
    public Result<int> ReadLink(IThread? thread, FileDescriptor directory, ReadOnlySpan<byte> path, Span<byte> target)
    {
        var error = walker.TryBegin(thread, directory, path, out var walk);
        if (error != Errno.Success)
        {
            return error;
        }

        // An empty path reads the link that the descriptor itself stands for (O_PATH | O_NOFOLLOW).
        if (path.Length == 0)
        {
            if (directory == FileDescriptor.CurrentDirectory || walk.Current.Inode.Type != InodeType.SymbolicLink)
            {
                return Errno.ENOENT;
            }
        }
        else
        {
            error = walker.WalkFull(ref walk, path, follow: false);
            if (error != Errno.Success)
            {
                return error;
            }
        }

        return walk.Current.Inode.Type == InodeType.SymbolicLink ? walk.Current.Inode.ReadLink(target) : Errno.EINVAL;
    }

    /// <inheritdoc/>
    public Errno Unlink(IThread? thread, FileDescriptor directory, ReadOnlySpan<byte> path)
    {
        var error = BeginParent(thread, directory, path, out var walk);
        if (error != Errno.Success)
        {
            return error;
        }

        if (walk.LastKind != LastComponent.Normal)
        {
            return Errno.EISDIR;
        }

        if (walk.Current.Mount.IsReadOnly)
        {
            return Errno.EROFS;
        }

        var parent = walk.Current.Entry;
        using var guard = parent.Inode.DirectoryLock.Acquire();
        if (!walker.LookupLocked(parent, walk.LastName.Bytes).TryGet(out var entry, out error))
        {
            return error;
        }

        if (entry.InodeOrNull is not { } inode)
        {
            return Errno.ENOENT;
        }

        if (walk.HasTrailingSlash)
        {
            return inode.Type == InodeType.Directory ? Errno.EISDIR : Errno.ENOTDIR;
        }

        error = MayDelete(in walk, entry, wantsDirectory: false);
        using var reserve = HeapReserve.Enter();
        if (error == Errno.Success)
        {
            error = parent.Inode.Unlink(walk.LastName.Bytes);
        }

        if (error == Errno.Success)
        {
            dentries.Delete(entry);
        }

        return error;
    }

    /// <inheritdoc/>
    public Errno RemoveDirectory(IThread? thread, FileDescriptor directory, ReadOnlySpan<byte> path)
    {
        var error = BeginParent(thread, directory, path, out var walk);
        if (error != Errno.Success)
        {
            return error;
        }

        switch (walk.LastKind)
        {
            case LastComponent.DotDot:
                return Errno.ENOTEMPTY;
            case LastComponent.Dot:
                return Errno.EINVAL;
            case LastComponent.Root:
                return Errno.EBUSY;
        }

        if (walk.Current.Mount.IsReadOnly)
        {
            return Errno.EROFS;
        }

        var parent = walk.Current.Entry;
        using var guard = parent.Inode.DirectoryLock.Acquire();
        if (!walker.LookupLocked(parent, walk.LastName.Bytes).TryGet(out var entry, out error))
        {
            return error;
        }

        if (entry.InodeOrNull is not { } inode)
        {
            return Errno.ENOENT;
        }

        error = MayDelete(in walk, entry, wantsDirectory: true);
        if (error != Errno.Success)
        {
            return error;
        }

        // The victim is locked too, so that nothing is created in it meanwhile. Parent before child.
        using var victimGuard = inode.DirectoryLock.AcquireNested(1);
        using var reserve = HeapReserve.Enter();
        error = parent.Inode.RemoveDirectory(walk.LastName.Bytes);
        if (error == Errno.Success)
        {
            dentries.Delete(entry);
        }

        return error;
    }

    /// <inheritdoc/>
    public Errno Rename(IThread? thread, FileDescriptor oldDirectory, ReadOnlySpan<byte> oldPath, FileDescriptor newDirectory, ReadOnlySpan<byte> newPath, RenameFlags flags)
        => rename.Execute(thread, oldDirectory, oldPath, newDirectory, newPath, flags);

    /// <summary>may_delete of Linux' fs/namei.c.</summary>
    internal static Errno MayDelete(in Walk walk, Dentry victim, bool wantsDirectory)
    {
        var directory = walk.Current.Inode;
        if (walk.Thread is not null)
        {
            var error = Permissions.Check(walk.Credentials, directory, Permissions.Write | Permissions.Execute);
            if (error != Errno.Success)
            {
                return error;
            }

            if (Permissions.IsKeptBySticky(walk.Credentials, directory, victim.Inode))
            {
                return Errno.EPERM;
            }
        }

        var isDirectory = victim.Inode.Type == InodeType.Directory;
        if (isDirectory != wantsDirectory)
        {
            return wantsDirectory ? Errno.ENOTDIR : Errno.EISDIR;
        }

        return victim.IsMountPoint ? Errno.EBUSY : walk.Current.Entry.IsDeleted ? Errno.ENOENT : Errno.Success;
    }

    internal static Errno MayCreate(in Walk walk)
        => walk.Current.Entry.IsDeleted ? Errno.ENOENT
            : !HeapReserve.HasRoom ? Errno.ENOMEM
            : walk.Thread is null ? Errno.Success : Permissions.Check(walk.Credentials, walk.Current.Inode, Permissions.Write | Permissions.Execute);

    private Errno BeginParent(IThread? thread, FileDescriptor directory, ReadOnlySpan<byte> path, out Walk walk)
    {
        var error = walker.TryBegin(thread, directory, path, out walk);
        return error == Errno.Success ? walker.WalkParent(ref walk, path) : error;
    }

    /// <summary>Everything that makes a name: the checks are the same (filename_create of Linux' fs/namei.c).</summary>
    private Errno Make(
        IThread? thread, FileDescriptor directory, ReadOnlySpan<byte> path, InodeType type, int mode, DeviceNumber device, ReadOnlySpan<byte> linkTarget, Place? hardLinkTo, out Place place)
    {
        place = default;
        var error = BeginParent(thread, directory, path, out var walk);
        if (error != Errno.Success)
        {
            return error;
        }

        if (walk.LastKind != LastComponent.Normal)
        {
            return Errno.EEXIST;
        }

        var parent = walk.Current.Entry;
        var name = walk.LastName.Bytes;
        if (walk.LastName.IsTooLong)
        {
            return Errno.ENAMETOOLONG;
        }

        using var guard = parent.Inode.DirectoryLock.Acquire();
        if (!walker.LookupLocked(parent, name).TryGet(out var entry, out error))
        {
            return error;
        }

        if (entry.InodeOrNull is not null)
        {
            return Errno.EEXIST;
        }

        if (walk.HasTrailingSlash && (type != InodeType.Directory || hardLinkTo is not null))
        {
            return Errno.ENOENT;
        }

        if (walk.Current.Mount.IsReadOnly)
        {
            return Errno.EROFS;
        }

        if (hardLinkTo is { } old && !ReferenceEquals(old.Mount, walk.Current.Mount))
        {
            return Errno.EXDEV;
        }

        error = MayCreate(in walk);
        if (error != Errno.Success)
        {
            return error;
        }

        // From here on the name is made in the file system and in the cache, or in neither: there is room.
        using var reserve = HeapReserve.Enter();
        if (hardLinkTo is { } source)
        {
            error = LinkLocked(in walk, source.Inode);
            if (error == Errno.Success)
            {
                entry.Instantiate(source.Inode);
            }

            return error;
        }

        if (type is InodeType.CharacterDevice or InodeType.BlockDevice && thread is not null && !walk.Credentials.HasCapability(Capability.CAP_MKNOD))
        {
            return Errno.EPERM;
        }

        var masked = thread is null ? mode & 0xfff : mode & 0xfff & ~thread.FileSystem.FileModeMask;
        var (finalMode, gid) = Permissions.Inherit(walk.Credentials, parent.Inode, type, masked);
        var made = type == InodeType.SymbolicLink
            ? parent.Inode.CreateSymbolicLink(name, linkTarget, walk.Credentials.FileSystemUid, gid)
            : parent.Inode.Create(name, type, finalMode, walk.Credentials.FileSystemUid, gid, device);
        if (!made.TryGet(out var inode, out error))
        {
            return error;
        }

        entry.Instantiate(inode);
        place = walk.Current with { Entry = entry };
        return Errno.Success;
    }

    private static Errno LinkLocked(in Walk walk, Inode source)
    {
        if (source.Type == InodeType.Directory)
        {
            return Errno.EPERM;
        }

        return walk.Current.Inode.Link(walk.LastName.Bytes, source);
    }
}
