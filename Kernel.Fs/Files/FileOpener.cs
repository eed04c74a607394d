// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Syscalls;
using Kernel.Fs.Dentries;
using Kernel.Fs.Devices;
using Kernel.Fs.Paths;
using Ostd.Memory;

namespace Kernel.Fs.Files;

/// <summary>open(2): from a path to an open file, creating it where asked.</summary>
[Component]
public sealed class FileOpener(PathWalker walker, DentryCache dentries, DeviceRegistry devices, IPipeFactory? pipes)
{
    private const OpenFlags TemporaryBit = OpenFlags.O_TMPFILE & ~OpenFlags.O_DIRECTORY;
    private const OpenFlags PathFlags = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW | OpenFlags.O_CLOEXEC;

    /// <summary>Opens a path as openat(2) does. Without a thread the kernel opens for itself.</summary>
    internal Result<OpenFile> Open(IThread? thread, FileDescriptor directory, ReadOnlySpan<byte> path, OpenFlags flags, int mode)
    {
        var error = CheckFlags(ref flags);
        if (error != Errno.Success)
        {
            return error;
        }

        if (path.Length == 0)
        {
            return Errno.ENOENT;
        }

        if (!HeapReserve.HasRoom)
        {
            return Errno.ENOMEM;
        }

        error = walker.TryBegin(thread, directory, path, out var walk);
        if (error != Errno.Success)
        {
            return error;
        }

        if ((flags & TemporaryBit) != 0)
        {
            return OpenTemporary(ref walk, path, flags, mode);
        }

        if ((flags & OpenFlags.O_CREAT) != 0)
        {
            return OpenOrCreate(ref walk, path, flags, mode);
        }

        error = walker.WalkFull(ref walk, path, (flags & OpenFlags.O_NOFOLLOW) == 0);
        return error == Errno.Success ? OpenExisting(ref walk, flags) : error;
    }

    /// <summary>Opens a place that was walked to and whose permissions were checked by the caller.</summary>
    internal Result<OpenFile> OpenPlace(IThread? thread, Place place, OpenFlags flags)
    {
        if ((flags & OpenFlags.O_PATH) != 0)
        {
            return new PathFile(place.Inode, flags) { Path = place.ToPath() };
        }

        // A file that is half open would keep its user for ever.
        using var reserve = HeapReserve.Enter();
        if (!OpenInode(thread, place, flags).TryGet(out var file, out var error))
        {
            return error;
        }

        if (file.Path.IsNowhere)
        {
            file.Path = place.ToPath();
        }

        if (file.IsWritable && place.Inode.Type == InodeType.Regular && !file.TryClaimWriting())
        {
            file.Release();
            return Errno.ETXTBSY;
        }

        return file;
    }

    /// <summary>The checks of build_open_flags in Linux' fs/open.c.</summary>
    private static Errno CheckFlags(ref OpenFlags flags)
    {
        if ((flags & TemporaryBit) != 0)
        {
            if ((flags & (OpenFlags.O_TMPFILE | OpenFlags.O_CREAT)) != OpenFlags.O_TMPFILE || (flags & OpenFlags.O_ACCMODE) == OpenFlags.O_RDONLY)
            {
                return Errno.EINVAL;
            }
        }
        else if ((flags & OpenFlags.O_PATH) != 0)
        {
            flags &= PathFlags;
        }
        else if ((flags & (OpenFlags.O_CREAT | OpenFlags.O_DIRECTORY)) == (OpenFlags.O_CREAT | OpenFlags.O_DIRECTORY))
        {
            return Errno.EINVAL;
        }

        return Errno.Success;
    }

    private Result<OpenFile> OpenExisting(ref Walk walk, OpenFlags flags)
    {
        var error = MayOpen(ref walk, flags);
        if (error != Errno.Success)
        {
            return error;
        }

        if (!OpenPlace(walk.Thread, walk.Current, flags).TryGet(out var file, out error))
        {
            return error;
        }

        if ((flags & OpenFlags.O_TRUNC) != 0 && walk.Current.Inode.Type == InodeType.Regular)
        {
            // With O_RDONLY the file is no writer, but a program that runs must not be cut either.
            var inode = walk.Current.Inode;
            error = Errno.ETXTBSY;
            if (inode.WriteAccess.TryAddWriter())
            {
                error = inode.SetAttributes(new AttributeChange { SizeBytes = 0 });
                inode.WriteAccess.RemoveWriter();
            }

            if (error != Errno.Success)
            {
                file.Release();
                return error;
            }
        }

        return file;
    }

    private Result<OpenFile> OpenOrCreate(ref Walk walk, ReadOnlySpan<byte> path, OpenFlags flags, int mode)
    {
        var error = walker.WalkParent(ref walk, path);
        while (true)
        {
            if (error != Errno.Success)
            {
                return error;
            }

            if (walk.LastKind != LastComponent.Normal)
            {
                return Errno.EISDIR;
            }

            if (walk.HasTrailingSlash)
            {
                return Errno.EISDIR;
            }

            if (!FindOrCreate(ref walk, flags, mode, out var isNew).TryGet(out var entry, out error))
            {
                return error;
            }

            if (isNew)
            {
                walk.Current = walk.Current with { Entry = entry };
                return OpenPlace(walk.Thread, walk.Current, flags);
            }

            if ((flags & OpenFlags.O_EXCL) != 0)
            {
                return Errno.EEXIST;
            }

            var inode = entry.Inode;
            if (inode.Type == InodeType.SymbolicLink && (flags & OpenFlags.O_NOFOLLOW) == 0)
            {
                if (inode.IsMagicLink)
                {
                    error = walker.FollowLink(ref walk, inode);
                    return error == Errno.Success ? OpenExistingForCreate(ref walk, flags) : error;
                }

                error = walker.FollowLinkParent(ref walk, inode);
                continue;
            }

            walk.Current = Mounts.MountTree.Topmost(walk.Current with { Entry = entry });
            return OpenExistingForCreate(ref walk, flags);
        }
    }

    private Result<OpenFile> OpenExistingForCreate(ref Walk walk, OpenFlags flags)
        => walk.Current.Inode.Type == InodeType.Directory ? Errno.EISDIR : OpenExisting(ref walk, flags);

    private Result<Dentry> FindOrCreate(ref Walk walk, OpenFlags flags, int mode, out bool isNew)
    {
        isNew = false;
        var directory = walk.Current.Entry;
        var name = walk.LastName.Bytes;
        if (walk.LastName.IsTooLong)
        {
            return Errno.ENAMETOOLONG;
        }

        if (dentries.Find(directory, name) is { InodeOrNull: not null } cached)
        {
            return cached;
        }

        var parent = directory.Inode;
        using var guard = parent.DirectoryLock.Acquire();
        if (!walker.LookupLocked(directory, name).TryGet(out var entry, out var error) || entry.InodeOrNull is not null)
        {
            return error == Errno.Success ? entry : error;
        }

        if (directory.IsDeleted)
        {
            return Errno.ENOENT;
        }

        error = MayCreate(ref walk);
        if (error != Errno.Success)
        {
            return error;
        }

        // Made in the file system and in the cache, or in neither: there is room.
        using var reserve = HeapReserve.Enter();
        var (finalMode, gid) = Permissions.Inherit(walk.Credentials, parent, InodeType.Regular, mode & 0xfff & ~MaskOf(walk.Thread));
        if (!parent.Create(name, InodeType.Regular, finalMode, walk.Credentials.FileSystemUid, gid, default).TryGet(out var inode, out error))
        {
            return error;
        }

        entry.Instantiate(inode);
        isNew = true;
        return entry;
    }

    private Result<OpenFile> OpenTemporary(ref Walk walk, ReadOnlySpan<byte> path, OpenFlags flags, int mode)
    {
        var error = walker.WalkFull(ref walk, path, follow: true);
        if (error != Errno.Success)
        {
            return error;
        }

        var directory = walk.Current.Inode;
        if (directory.Type != InodeType.Directory)
        {
            return Errno.ENOTDIR;
        }

        error = MayCreate(ref walk);
        if (error != Errno.Success)
        {
            return error;
        }

        var (finalMode, gid) = Permissions.Inherit(walk.Credentials, directory, InodeType.Regular, mode & 0xfff & ~MaskOf(walk.Thread));
        if (!directory.CreateTemporary(finalMode, walk.Credentials.FileSystemUid, gid).TryGet(out var inode, out error))
        {
            return error;
        }

        // It shows in /proc/pid/fd as "#ino (deleted)" below its directory, as in Linux.
        var name = System.Text.Encoding.ASCII.GetBytes("#" + inode.Number.ToString(System.Globalization.CultureInfo.InvariantCulture));
        var entry = new Dentry(walk.Current.Entry, name, inode);
        entry.MarkDeleted();
        return OpenPlace(walk.Thread, walk.Current with { Entry = entry }, flags);
    }

    /// <summary>May_open of Linux' fs/namei.c: what is refused by type, by mount and by mode.</summary>
    private static Errno MayOpen(ref Walk walk, OpenFlags flags)
    {
        var place = walk.Current;
        var inode = place.Inode;
        if ((flags & OpenFlags.O_DIRECTORY) != 0 && inode.Type != InodeType.Directory)
        {
            return Errno.ENOTDIR;
        }

        if ((flags & OpenFlags.O_PATH) != 0)
        {
            return Errno.Success;
        }

        var mask = AccessMaskOf(flags);
        switch (inode.Type)
        {
            case InodeType.SymbolicLink:
                return Errno.ELOOP;
            case InodeType.Directory when (mask & Permissions.Write) != 0:
                return Errno.EISDIR;
            case InodeType.CharacterDevice or InodeType.BlockDevice when place.Mount.IsNoDev:
                return Errno.EACCES;
        }

        if (walk.Thread is null)
        {
            return Errno.Success;
        }

        var error = Permissions.Check(walk.Credentials, place, mask);
        if (error == Errno.Success && (flags & OpenFlags.O_NOATIME) != 0 && !Permissions.IsOwnerOrCapable(walk.Credentials, inode))
        {
            error = Errno.EPERM;
        }

        return error;
    }

    private static Errno MayCreate(ref Walk walk)
    {
        if (walk.Current.Mount.IsReadOnly)
        {
            return Errno.EROFS;
        }

        if (!HeapReserve.HasRoom)
        {
            return Errno.ENOMEM;
        }

        return walk.Thread is null ? Errno.Success : Permissions.Check(walk.Credentials, walk.Current.Inode, Permissions.Write | Permissions.Execute);
    }

    private static int AccessMaskOf(OpenFlags flags)
    {
        var mask = (flags & OpenFlags.O_ACCMODE) switch
        {
            OpenFlags.O_RDONLY => Permissions.Read,
            OpenFlags.O_WRONLY => Permissions.Write,
            _ => Permissions.Read | Permissions.Write,
        };

        return (flags & OpenFlags.O_TRUNC) != 0 ? mask | Permissions.Write : mask;
    }

    private static int MaskOf(IThread? thread) => thread?.FileSystem.FileModeMask ?? 0;

    private Result<OpenFile> OpenInode(IThread? thread, Place place, OpenFlags flags)
    {
        var inode = place.Inode;
        switch (inode.Type)
        {
            case InodeType.CharacterDevice:
                var number = inode.GetAttributes().Device;
                return devices.Find(number) is { } device ? device.Open(inode, number, flags, thread) : Errno.ENXIO;
            case InodeType.BlockDevice:
                var blockNumber = inode.GetAttributes().Device;
                return devices.FindBlock(blockNumber) is { } disk ? disk.Open(inode, blockNumber, flags, thread) : Errno.ENXIO;
            case InodeType.Fifo when pipes is not null && thread is not null:
                return inode.GetFifo(pipes).Open(inode, flags, thread);
            case InodeType.Directory:
                return new DirectoryFile(inode, flags);
            default:
                return inode.Open(flags, thread);
        }
    }
}
