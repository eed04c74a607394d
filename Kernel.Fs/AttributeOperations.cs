// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Fs.Paths;

namespace Kernel.Fs;

/// <summary>chmod, chown, utimensat, truncate. Without a thread the kernel acts for itself.</summary>
[Component]
public sealed class AttributeOperations : IAttributeOperations
{
    private const int GroupExecuteBit = 0x8;

    /// <inheritdoc/>
    public Errno ChangeMode(IThread? thread, IMount? mount, Inode inode, int mode)
    {
        if (mount is { IsReadOnly: true })
        {
            return Errno.EROFS;
        }

        // The kernel has no way to set the mode of a link (man 2 fchmodat, ENOTSUP).
        if (inode.Type == InodeType.SymbolicLink)
        {
            return Errno.EOPNOTSUPP;
        }

        // Owner and mode are the same from the check to the change: the owner must not change in between.
        using var guard = inode.DirectoryLock.Acquire();
        mode &= 0xfff;
        if (thread is not null)
        {
            var credentials = thread.Credentials;
            if (!Permissions.IsOwnerOrCapable(credentials, inode))
            {
                return Errno.EPERM;
            }

            if (!credentials.IsInGroup(inode.GetPermission().Gid) && !credentials.HasCapability(Capability.CAP_FSETID))
            {
                mode &= ~Permissions.SetGidBit;
            }
        }

        return inode.SetAttributes(new AttributeChange { Mode = mode });
    }

    /// <inheritdoc/>
    public Errno ChangeOwner(IThread? thread, IMount? mount, Inode inode, uint? uid, uint? gid)
    {
        if (mount is { IsReadOnly: true })
        {
            return Errno.EROFS;
        }

        using var guard = inode.DirectoryLock.Acquire();
        var permission = inode.GetPermission();
        if (thread is not null && !thread.Credentials.HasCapability(Capability.CAP_CHOWN))
        {
            var credentials = thread.Credentials;
            var isOwner = credentials.FileSystemUid == permission.Uid;
            if (uid is { } newUid && (!isOwner || newUid != permission.Uid))
            {
                return Errno.EPERM;
            }

            if (gid is { } newGid && (!isOwner || (newGid != permission.Gid && !credentials.IsInGroup(newGid))))
            {
                return Errno.EPERM;
            }
        }

        // A change of owner takes the set-id bits away (man 2 chown), but for mandatory-locking style set-gid without execute.
        int? mode = null;
        if (inode.Type != InodeType.Directory)
        {
            var cleared = permission.Mode & ~Permissions.SetUidBit;
            if ((permission.Mode & GroupExecuteBit) != 0)
            {
                cleared &= ~Permissions.SetGidBit;
            }

            mode = cleared != permission.Mode ? cleared : null;
        }

        return inode.SetAttributes(new AttributeChange { Uid = uid, Gid = gid, Mode = mode });
    }

    /// <inheritdoc/>
    public Errno SetTimes(IThread? thread, IMount? mount, Inode inode, long? accessTimeNs, long? modificationTimeNs, bool isNow)
    {
        if (mount is { IsReadOnly: true })
        {
            return Errno.EROFS;
        }

        if (accessTimeNs is null && modificationTimeNs is null)
        {
            return Errno.Success;
        }

        using var guard = inode.DirectoryLock.Acquire();
        if (thread is not null && !Permissions.IsOwnerOrCapable(thread.Credentials, inode))
        {
            if (!isNow)
            {
                return Errno.EPERM;
            }

            var error = Permissions.Check(thread.Credentials, inode, Permissions.Write);
            if (error != Errno.Success)
            {
                return error;
            }
        }

        return inode.SetAttributes(new AttributeChange { AccessTimeNs = accessTimeNs, ModificationTimeNs = modificationTimeNs });
    }

    /// <inheritdoc/>
    public Errno Truncate(IThread? thread, FilePath path, long length)
    {
        if (length < 0)
        {
            return Errno.EINVAL;
        }

        var place = Place.From(path);
        var inode = place.Inode;
        if (inode.Type == InodeType.Directory)
        {
            return Errno.EISDIR;
        }

        if (inode.Type != InodeType.Regular)
        {
            return Errno.EINVAL;
        }

        if (place.Mount.IsReadOnly)
        {
            return Errno.EROFS;
        }

        if (thread is not null)
        {
            var error = Permissions.Check(thread.Credentials, place, Permissions.Write);
            if (error != Errno.Success)
            {
                return error;
            }
        }

        if (length > Files.FileSizeLimit.CurrentBytes && length > inode.GetAttributes().SizeBytes)
        {
            return Errno.EFBIG;
        }

        if (!inode.WriteAccess.TryAddWriter())
        {
            return Errno.ETXTBSY;
        }

        var result = inode.SetAttributes(new AttributeChange { SizeBytes = length });
        inode.WriteAccess.RemoveWriter();
        return result;
    }
}
