// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Syscalls;
using Kernel.Fs.Dentries;
using Kernel.Fs.Paths;
using Ostd.Memory;
using Ostd.Sync;

namespace Kernel.Fs;

/// <summary>
/// renameat2(2). One rename at a time: its mutex keeps the tree from changing shape under the check that a directory does not move below itself, and makes any order of two unrelated directory locks
/// safe. An ancestor is locked before its descendant.
/// </summary>
[Component]
public sealed class RenameOperation(PathWalker walker, DentryCache dentries)
{
    private readonly Mutex _renameLock = new();

    internal Errno Execute(IThread? thread, FileDescriptor oldDirectory, ReadOnlySpan<byte> oldPath, FileDescriptor newDirectory, ReadOnlySpan<byte> newPath, RenameFlags flags)
    {
        if ((flags & ~(RenameFlags.RENAME_NOREPLACE | RenameFlags.RENAME_EXCHANGE)) != 0 || flags == (RenameFlags.RENAME_NOREPLACE | RenameFlags.RENAME_EXCHANGE))
        {
            return Errno.EINVAL;
        }

        var error = walker.TryBegin(thread, oldDirectory, oldPath, out var from);
        if (error == Errno.Success)
        {
            error = walker.WalkParent(ref from, oldPath);
        }

        if (error != Errno.Success)
        {
            return error;
        }

        error = walker.TryBegin(thread, newDirectory, newPath, out var to);
        if (error == Errno.Success)
        {
            error = walker.WalkParent(ref to, newPath);
        }

        if (error != Errno.Success)
        {
            return error;
        }

        if (!ReferenceEquals(from.Current.Mount, to.Current.Mount))
        {
            return Errno.EXDEV;
        }

        if (from.LastKind != LastComponent.Normal)
        {
            return Errno.EBUSY;
        }

        if (to.LastKind != LastComponent.Normal)
        {
            return (flags & RenameFlags.RENAME_NOREPLACE) != 0 ? Errno.EEXIST : Errno.EBUSY;
        }

        if (from.Current.Mount.IsReadOnly)
        {
            return Errno.EROFS;
        }

        using var renameGuard = _renameLock.Acquire();
        var oldParent = from.Current.Entry;
        var newParent = to.Current.Entry;
        if (ReferenceEquals(oldParent.Inode, newParent.Inode))
        {
            using var guard = oldParent.Inode.DirectoryLock.Acquire();
            return ExecuteLocked(ref from, ref to, flags);
        }

        // The ancestor first. Where neither is one, any order does: nobody else locks two directories that are not parent and child, and the tree's shape is that of the rename lock's holder.
        var newFirst = oldParent.IsSameOrBelow(newParent);
        using var firstGuard = (newFirst ? newParent : oldParent).Inode.DirectoryLock.Acquire();
        using var secondGuard = (newFirst ? oldParent : newParent).Inode.DirectoryLock.AcquireNested(1);
        return ExecuteLocked(ref from, ref to, flags);
    }

    private Errno ExecuteLocked(ref Walk from, ref Walk to, RenameFlags flags)
    {
        var oldParent = from.Current.Entry;
        var newParent = to.Current.Entry;
        if (!walker.LookupLocked(oldParent, from.LastName.Bytes).TryGet(out var oldEntry, out var error))
        {
            return error;
        }

        if (oldEntry.InodeOrNull is not { } inode)
        {
            return Errno.ENOENT;
        }

        if (to.LastName.IsTooLong)
        {
            return Errno.ENAMETOOLONG;
        }

        if (!walker.LookupLocked(newParent, to.LastName.Bytes).TryGet(out var newEntry, out error))
        {
            return error;
        }

        var isExchange = (flags & RenameFlags.RENAME_EXCHANGE) != 0;
        var target = newEntry.InodeOrNull;
        if ((flags & RenameFlags.RENAME_NOREPLACE) != 0 && target is not null)
        {
            return Errno.EEXIST;
        }

        if (isExchange && target is null)
        {
            return Errno.ENOENT;
        }

        var isDirectory = inode.Type == InodeType.Directory;
        if (isExchange && target!.Type != InodeType.Directory && to.HasTrailingSlash)
        {
            return Errno.ENOTDIR;
        }

        if (!isDirectory && (from.HasTrailingSlash || (!isExchange && to.HasTrailingSlash)))
        {
            return Errno.ENOTDIR;
        }

        // A directory cannot move below itself; nothing can replace what it lies in.
        if (newParent.IsSameOrBelow(oldEntry))
        {
            return Errno.EINVAL;
        }

        if (oldParent.IsSameOrBelow(newEntry))
        {
            return isExchange ? Errno.EINVAL : Errno.ENOTEMPTY;
        }

        if (ReferenceEquals(inode, target))
        {
            return Errno.Success;
        }

        error = CheckPermissions(in from, in to, oldEntry, newEntry, isExchange);
        if (error != Errno.Success)
        {
            return error;
        }

        if (isExchange || target is not { Type: InodeType.Directory })
        {
            return Apply(in from, in to, oldEntry, newEntry, isExchange);
        }

        // The directory that goes is locked too, so that nothing is created in it meanwhile. Its parent is locked already.
        using var victimGuard = target.DirectoryLock.AcquireNested(2);
        return Apply(in from, in to, oldEntry, newEntry, isExchange);
    }

    private Errno Apply(in Walk from, in Walk to, Dentry oldEntry, Dentry newEntry, bool isExchange)
    {
        if (!HeapReserve.HasRoom)
        {
            return Errno.ENOMEM;
        }

        // Both directories and the cache change, or none of them: there is room.
        using var reserve = HeapReserve.Enter();
        var newParent = to.Current.Entry;
        var error = from.Current.Inode.Rename(from.LastName.Bytes, newParent.Inode, to.LastName.Bytes, isExchange);
        if (error != Errno.Success)
        {
            return error;
        }

        if (isExchange)
        {
            dentries.Exchange(oldEntry, newEntry);
        }
        else
        {
            if (newEntry.InodeOrNull is null)
            {
                dentries.Remove(newEntry);
            }
            else
            {
                dentries.Delete(newEntry);
            }

            dentries.Move(oldEntry, newParent, to.LastName.Bytes);
        }

        return Errno.Success;
    }

    private static Errno CheckPermissions(in Walk from, in Walk to, Dentry oldEntry, Dentry newEntry, bool isExchange)
    {
        var isDirectory = oldEntry.Inode.Type == InodeType.Directory;
        var error = DirectoryOperations.MayDelete(in from, oldEntry, isDirectory);
        if (error != Errno.Success)
        {
            return error;
        }

        if (newEntry.InodeOrNull is not { } target)
        {
            error = DirectoryOperations.MayCreate(in to);
        }
        else
        {
            error = DirectoryOperations.MayDelete(in to, newEntry, isExchange ? target.Type == InodeType.Directory : isDirectory);
        }

        if (error != Errno.Success || from.Thread is null || ReferenceEquals(from.Current.Entry, to.Current.Entry))
        {
            return error;
        }

        // A directory that gets another parent is itself written: its ".." changes.
        if (isDirectory)
        {
            error = Permissions.Check(from.Credentials, oldEntry.Inode, Permissions.Write);
        }

        if (error == Errno.Success && isExchange && newEntry.Inode.Type == InodeType.Directory)
        {
            error = Permissions.Check(from.Credentials, newEntry.Inode, Permissions.Write);
        }

        return error;
    }
}
