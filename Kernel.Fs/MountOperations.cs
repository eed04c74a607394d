// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Syscalls;
using Kernel.Fs.Mounts;
using Kernel.Fs.Paths;
using Ostd.Memory;

namespace Kernel.Fs;

/// <summary>mount(2), umount2(2), pivot_root(2), sync(2).</summary>
[Component]
public sealed class MountOperations(PathWalker walker, MountTree mounts, Late<FileSystemEntry[]> types, Late<IProcessTable> processes) : IMountOperations
{
    private const ulong MagicMask = 0xffff0000;
    private const ulong Magic = 0xc0ed0000;
    private const MountFlags Propagation = MountFlags.MS_SHARED | MountFlags.MS_PRIVATE | MountFlags.MS_SLAVE | MountFlags.MS_UNBINDABLE;

    private const int MNT_FORCE = 1;
    private const int MNT_DETACH = 2;
    private const int MNT_EXPIRE = 4;
    private const int UMOUNT_NOFOLLOW = 8;

    /// <summary>The file systems of the image.</summary>
    public ReadOnlySpan<FileSystemEntry> Types => types.Value;

    /// <inheritdoc/>
    public Errno Mount(IThread? thread, string source, ReadOnlySpan<byte> sourcePath, ReadOnlySpan<byte> target, string type, ulong flags, string data)
    {
        // The magic number of old programs is dropped (man 2 mount, NOTES).
        if ((flags & MagicMask) == Magic)
        {
            flags &= ~MagicMask;
        }

        var mountFlags = (MountFlags)(uint)flags;
        var error = WalkTo(thread, target, follow: true, out var place);
        if (error != Errno.Success)
        {
            return error;
        }

        if (thread is not null && !thread.Credentials.HasCapability(Capability.CAP_SYS_ADMIN))
        {
            return Errno.EPERM;
        }

        if (!HeapReserve.HasRoom)
        {
            return Errno.ENOMEM;
        }

        // The tree of mounts never stands half changed: there is room.
        using var reserve = HeapReserve.Enter();
        if ((mountFlags & (MountFlags.MS_REMOUNT | MountFlags.MS_BIND)) == (MountFlags.MS_REMOUNT | MountFlags.MS_BIND))
        {
            return mounts.Remount(place, mountFlags, wholeFileSystem: false);
        }

        if ((mountFlags & MountFlags.MS_REMOUNT) != 0)
        {
            return mounts.Remount(place, mountFlags, wholeFileSystem: true);
        }

        if ((mountFlags & MountFlags.MS_BIND) != 0)
        {
            error = WalkTo(thread, sourcePath, follow: true, out var from);
            return error == Errno.Success ? mounts.Bind(from, place, (mountFlags & MountFlags.MS_REC) != 0) : error;
        }

        if ((mountFlags & Propagation) != 0)
        {
            return ChangePropagation(place, mountFlags);
        }

        if ((mountFlags & MountFlags.MS_MOVE) != 0)
        {
            error = WalkTo(thread, sourcePath, follow: true, out var from);
            return error == Errno.Success ? mounts.Move(from, place) : error;
        }

        return MountNew(thread, source, place, type, mountFlags, data);
    }

    /// <inheritdoc/>
    public Errno Unmount(IThread? thread, ReadOnlySpan<byte> target, int flags)
    {
        if ((flags & ~(MNT_FORCE | MNT_DETACH | MNT_EXPIRE | UMOUNT_NOFOLLOW)) != 0)
        {
            return Errno.EINVAL;
        }

        var error = WalkTo(thread, target, (flags & UMOUNT_NOFOLLOW) == 0, out var place);
        if (error != Errno.Success)
        {
            return error;
        }

        if (!ReferenceEquals(place.Entry, place.Mount.Root))
        {
            return Errno.EINVAL;
        }

        if (thread is not null && !thread.Credentials.HasCapability(Capability.CAP_SYS_ADMIN))
        {
            return Errno.EPERM;
        }

        if ((flags & MNT_EXPIRE) != 0)
        {
            // Two calls in a row without use between would be needed; nothing here expires (EAGAIN is the answer of the first call).
            return (flags & (MNT_FORCE | MNT_DETACH)) != 0 ? Errno.EINVAL : Errno.EAGAIN;
        }

        using var reserve = HeapReserve.Enter();
        return mounts.Detach(place.Mount, (flags & MNT_DETACH) != 0, IsSomebodyInside);
    }

    /// <inheritdoc/>
    public Errno PivotRoot(IThread? thread, ReadOnlySpan<byte> newRoot, ReadOnlySpan<byte> oldRoot)
    {
        if (thread is null || !thread.Credentials.HasCapability(Capability.CAP_SYS_ADMIN))
        {
            return Errno.EPERM;
        }

        var error = WalkTo(thread, newRoot, follow: true, out var newPlace);
        if (error == Errno.Success)
        {
            error = WalkTo(thread, oldRoot, follow: true, out var oldPlace);
            if (error == Errno.Success)
            {
                return Pivot(thread, newPlace, oldPlace);
            }
        }

        return error;
    }

    /// <inheritdoc/>
    public void SynchronizeAll()
    {
        foreach (var mount in mounts.All)
        {
            // sync(2) always succeeds; the error shows at the next fsync(2).
            _ = mount.FileSystem.Synchronize();
        }
    }

    private Errno MountNew(IThread? thread, string source, Place place, string type, MountFlags flags, string data)
    {
        // An empty type is no type (do_new_mount).
        if (type.Length == 0)
        {
            return Errno.EINVAL;
        }

        foreach (var entry in types.Value)
        {
            if (entry.Name != type)
            {
                continue;
            }

            if (!entry.Type.Mount(source, data, thread).TryGet(out var instance, out var error))
            {
                return error;
            }

            if ((flags & (MountFlags.MS_NOATIME | MountFlags.MS_STRICTATIME)) == 0)
            {
                flags |= MountFlags.MS_RELATIME;
            }

            error = mounts.Attach(instance, source, flags, place);
            if (error != Errno.Success && !IsMounted(instance))
            {
                instance.OnUnmounted();
            }

            return error;
        }

        return Errno.ENODEV;
    }

    private bool IsMounted(IFileSystemInstance instance)
    {
        foreach (var mount in mounts.All)
        {
            if (ReferenceEquals(mount.FileSystem, instance))
            {
                return true;
            }
        }

        return false;
    }

    private Errno ChangePropagation(Place place, MountFlags flags)
    {
        if (!ReferenceEquals(place.Entry, place.Mount.Root))
        {
            return Errno.EINVAL;
        }

        // With one namespace and nothing ever shared, private is what every mount is; a slave without a master is private too.
        var kind = flags & Propagation;
        const MountFlags others = MountFlags.MS_REC | MountFlags.MS_SILENT;
        if ((flags & ~(Propagation | others)) != 0 || kind is not (MountFlags.MS_PRIVATE or MountFlags.MS_SLAVE or MountFlags.MS_SHARED or MountFlags.MS_UNBINDABLE))
        {
            return Errno.EINVAL;
        }

        return kind is MountFlags.MS_PRIVATE or MountFlags.MS_SLAVE ? Errno.Success : Errno.EINVAL;
    }

    private Errno Pivot(IThread thread, Place newRoot, Place oldRootTarget)
    {
        var context = thread.FileSystem;
        var root = Place.From(context.Root);
        if (newRoot.Inode.Type != InodeType.Directory || oldRootTarget.Inode.Type != InodeType.Directory)
        {
            return Errno.ENOTDIR;
        }

        if (ReferenceEquals(newRoot.Mount, root.Mount) || ReferenceEquals(oldRootTarget.Mount, root.Mount))
        {
            return Errno.EBUSY;
        }

        // The root file system itself has no parent to be put back into (man 2 pivot_root, NOTES: it cannot be pivoted).
        if (!ReferenceEquals(newRoot.Entry, newRoot.Mount.Root) || !ReferenceEquals(root.Entry, root.Mount.Root) || root.Mount.Parent is null || newRoot.Mount.Parent is null)
        {
            return Errno.EINVAL;
        }

        if (!IsBelow(oldRootTarget, newRoot))
        {
            return Errno.EINVAL;
        }

        var error = mounts.Pivot(newRoot.Mount, root.Mount, oldRootTarget);
        if (error != Errno.Success)
        {
            return error;
        }

        // Whoever had the old root as root or working directory has the new one (pivot_root(2)).
        var oldPath = root.ToPath();
        var newPath = newRoot.ToPath();
        foreach (var process in processes.Value.Processes)
        {
            foreach (var member in process.Threads)
            {
                member.FileSystem.Replace(oldPath, newPath);
            }
        }

        return Errno.Success;
    }

    private static bool IsBelow(Place place, Place ancestor)
    {
        while (!ReferenceEquals(place.Mount, ancestor.Mount))
        {
            if (place.Mount.Attachment is not { } attachment)
            {
                return false;
            }

            place = attachment;
        }

        return place.Entry.IsSameOrBelow(ancestor.Entry);
    }

    private bool IsSomebodyInside(Mount mount)
    {
        foreach (var process in processes.Value.Processes)
        {
            foreach (var thread in process.Threads)
            {
                if (ReferenceEquals(thread.FileSystem.Root.Mount, mount) || ReferenceEquals(thread.FileSystem.WorkingDirectory.Mount, mount))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private Errno WalkTo(IThread? thread, ReadOnlySpan<byte> path, bool follow, out Place place)
    {
        var error = walker.TryBegin(thread, FileDescriptor.CurrentDirectory, path, out var walk);
        if (error == Errno.Success)
        {
            error = walker.WalkFull(ref walk, path, follow);
        }

        place = walk.Current;
        return error;
    }
}
