// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;
using System.Threading;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Fs.Dentries;
using Mutex = Ostd.Sync.Mutex;

namespace Kernel.Fs.Mounts;

/// <summary>The tree of mounts: one namespace for the whole system. Changes take a mutex; walking it does not.</summary>
[Component]
public sealed class MountTree(DentryCache dentries)
{
    private readonly Mutex _lock = new();
    private Mount? _root;
    private int _nextId = 1;
    private Mount[] _all = [];

    /// <summary>Where every walk without a root of its own starts.</summary>
    /// <exception cref="InvalidOperationException">Nothing is mounted yet.</exception>
    public Mount Root => Volatile.Read(ref _root) ?? throw new InvalidOperationException("No root file system is mounted.");

    /// <summary>All attached mounts in the order in which they were made; never changed in place.</summary>
    public ReadOnlySpan<Mount> All => Volatile.Read(ref _all);

    /// <summary>Mounts the first file system.</summary>
    public Mount MountRoot(IFileSystemInstance instance, string source)
    {
        using var guard = _lock.Acquire();
        var superBlock = new SuperBlock(instance);
        var mount = new Mount(_nextId++, superBlock, superBlock.Root, source, MountFlags.None);
        Register(mount);
        Volatile.Write(ref _root, mount);
        return mount;
    }

    /// <summary>Attaches a file system instance to a place.</summary>
    /// <returns>ENOTDIR; EBUSY when the same file system is already on that place; ENOENT for a deleted place.</returns>
    public Errno Attach(IFileSystemInstance instance, string source, MountFlags flags, Place place)
    {
        using var guard = _lock.Acquire();
        place = Topmost(place);
        if (ReferenceEquals(place.Mount.FileSystem, instance) && ReferenceEquals(place.Mount.Root, place.Entry))
        {
            return Errno.EBUSY;
        }

        var superBlock = FindSuperBlock(instance) ?? new SuperBlock(instance);
        var mount = new Mount(_nextId++, superBlock, superBlock.Root, source, flags & MountFlags.PerMount);
        var error = LinkTo(mount, place);
        if (error == Errno.Success)
        {
            Register(mount);
        }

        return error;
    }

    /// <summary>MS_BIND: shows a place at another one, with all mounts below it when <paramref name="isRecursive"/>.</summary>
    public Errno Bind(Place source, Place target, bool isRecursive)
    {
        using var guard = _lock.Acquire();
        if (!source.Mount.IsAttached)
        {
            return Errno.EINVAL;
        }

        // Listed before anything is attached: the target may lie below the source.
        var originals = new List<(Mount Mount, int Parent)> { (source.Mount, -1) };
        if (isRecursive)
        {
            ListBelow(originals, 0, source.Entry);
        }

        var clones = new Mount[originals.Count];
        clones[0] = Clone(source.Mount, source.Entry);
        var error = LinkTo(clones[0], Topmost(target));
        if (error != Errno.Success)
        {
            return error;
        }

        Register(clones[0]);
        for (var i = 1; i < clones.Length; i++)
        {
            // The original keeps its mount point from being removed: this cannot fail.
            var (original, parent) = originals[i];
            clones[i] = Clone(original, original.Root);
            _ = LinkTo(clones[i], new Place(clones[parent], original.MountPoint!));
            Register(clones[i]);
        }

        return Errno.Success;
    }

    /// <summary>MS_MOVE.</summary>
    public Errno Move(Place source, Place target)
    {
        using var guard = _lock.Acquire();
        target = Topmost(target);
        var mount = source.Mount;
        if (!ReferenceEquals(source.Entry, mount.Root) || mount.Parent is null || !mount.IsAttached || !target.Mount.IsAttached)
        {
            return Errno.EINVAL;
        }

        var error = CheckTarget(source.Entry, target);
        if (error != Errno.Success)
        {
            return error == Errno.ENOTDIR ? Errno.EINVAL : error;
        }

        for (var ancestor = target.Mount; ancestor is not null; ancestor = ancestor.Parent)
        {
            if (ReferenceEquals(ancestor, mount))
            {
                return Errno.ELOOP;
            }
        }

        var old = mount.Attachment!.Value;
        error = LinkTo(mount, target);
        if (error == Errno.Success)
        {
            Unlink(mount, old);
        }

        return error;
    }

    /// <summary>MS_REMOUNT: other flags for a mount, or for its whole file system.</summary>
    public Errno Remount(Place place, MountFlags flags, bool wholeFileSystem)
    {
        using var guard = _lock.Acquire();
        var mount = place.Mount;
        if (!ReferenceEquals(place.Entry, mount.Root) || !mount.IsAttached)
        {
            return Errno.EINVAL;
        }

        // A remount without an atime flag keeps the ones that the mount has (man 2 mount, MS_REMOUNT).
        const MountFlags atime = MountFlags.MS_NOATIME | MountFlags.MS_NODIRATIME | MountFlags.MS_RELATIME;
        var kept = (flags & (atime | MountFlags.MS_STRICTATIME)) == 0 ? mount.Flags & atime : MountFlags.None;
        if (wholeFileSystem)
        {
            mount.SuperBlock.IsReadOnly = (flags & MountFlags.MS_RDONLY) != 0;
        }

        mount.Flags = (flags & MountFlags.PerMount) | kept;
        return Errno.Success;
    }

    /// <summary>Removes a mount, or with <paramref name="isLazy"/> it and all below it.</summary>
    /// <param name="isBusy">Says whether somebody's root or working directory is in the mount.</param>
    public Errno Detach(Mount mount, bool isLazy, Func<Mount, bool> isBusy)
    {
        var gone = new List<SuperBlock>();
        using (_lock.Acquire())
        {
            if (!mount.IsAttached || mount.Parent is null)
            {
                return Errno.EINVAL;
            }

            if (!isLazy && (mount.Children.Length != 0 || mount.PinCount != 0 || isBusy(mount)))
            {
                return Errno.EBUSY;
            }

            DetachLocked(mount, gone);
        }

        foreach (var superBlock in gone)
        {
            // Nobody is left who could be told of an error: the mount is gone.
            _ = superBlock.Instance.Synchronize();
            superBlock.Instance.OnUnmounted();
            dentries.RemoveTree(superBlock.Root);
        }

        return Errno.Success;
    }

    /// <summary>pivot_root(2): the mount of <paramref name="newRoot"/> becomes the root, the old root goes to <paramref name="oldRootTarget"/>.</summary>
    public Errno Pivot(Mount newRoot, Mount oldRoot, Place oldRootTarget)
    {
        using var guard = _lock.Acquire();
        if (newRoot.Attachment is not { } newPlace || oldRoot.Attachment is not { } oldPlace || !newRoot.IsAttached || !oldRoot.IsAttached)
        {
            return Errno.EINVAL;
        }

        // In this order no mount is ever below itself, which would lead readers of the tree round in circles.
        var error = LinkTo(newRoot, oldPlace);
        if (error != Errno.Success)
        {
            return error;
        }

        error = LinkTo(oldRoot, oldRootTarget);
        if (error != Errno.Success)
        {
            Unlink(newRoot, oldPlace);
            newRoot.Attachment = newPlace;
            return error;
        }

        Unlink(oldRoot, oldPlace);
        Unlink(newRoot, newPlace);
        return Errno.Success;
    }

    /// <summary>A mount outside of the tree, for files that are reached by descriptors alone.</summary>
    public static Mount MakeDetached(IFileSystemInstance instance)
    {
        var superBlock = new SuperBlock(instance);
        return new Mount(0, superBlock, superBlock.Root, "none", MountFlags.None);
    }

    /// <summary>A place with a name that was never linked: it shows as deleted.</summary>
    public static FilePath MakeUnlinkedPlace(Mount mount, ReadOnlySpan<byte> name, Inode inode)
    {
        ArgumentNullException.ThrowIfNull(mount);
        var entry = new Dentry(mount.Root, name, inode);
        entry.MarkDeleted();
        return new FilePath(mount, entry);
    }

    /// <summary>The place that shows there: the root of the topmost mount that covers it, or itself.</summary>
    internal static Place Topmost(Place place)
    {
        while (place.Entry.IsMountPoint && place.Mount.FindChild(place.Entry) is { } child)
        {
            place = new Place(child, child.Root);
        }

        return place;
    }

    private static Errno CheckTarget(Dentry source, Place target)
    {
        if (!target.Mount.IsAttached)
        {
            return Errno.EINVAL;
        }

        if (target.Entry.IsDeleted)
        {
            return Errno.ENOENT;
        }

        return (source.Inode.Type == InodeType.Directory) != (target.Inode.Type == InodeType.Directory) ? Errno.ENOTDIR : Errno.Success;
    }

    private SuperBlock? FindSuperBlock(IFileSystemInstance instance)
    {
        foreach (var mount in _all)
        {
            if (ReferenceEquals(mount.FileSystem, instance))
            {
                return mount.SuperBlock;
            }
        }

        return null;
    }

    private Mount Clone(Mount mount, Dentry root) => new(_nextId++, mount.SuperBlock, root, mount.Source, mount.Flags);

    /// <summary>Adds the mounts below an entry of the mount at an index, each with the index of its parent.</summary>
    private static void ListBelow(List<(Mount Mount, int Parent)> mounts, int index, Dentry below)
    {
        foreach (var child in mounts[index].Mount.Children)
        {
            if (child.MountPoint!.IsSameOrBelow(below))
            {
                mounts.Add((child, index));
                ListBelow(mounts, mounts.Count - 1, child.Root);
            }
        }
    }

    /// <summary>Lets a mount show at a place, under the lock that who removes the place holds, so that of the two one loses.</summary>
    /// <returns>What <see cref="CheckTarget"/> answers.</returns>
    private Errno LinkTo(Mount mount, Place place)
    {
        while (true)
        {
            var parent = place.Entry.Parent;
            if (parent is null)
            {
                return LinkLocked(mount, place);
            }

            using var guard = parent.Inode.DirectoryLock.Acquire();
            if (!ReferenceEquals(parent, place.Entry.Parent))
            {
                continue; // renamed meanwhile
            }

            var error = LinkLocked(mount, place);
            if (error == Errno.Success && place.Inode.IsCacheable)
            {
                dentries.Restore(place.Entry);
            }

            return error;
        }
    }

    private static Errno LinkLocked(Mount mount, Place place)
    {
        var error = CheckTarget(mount.Root, place);
        if (error == Errno.Success)
        {
            mount.Attachment = place;
            place.Mount.AddChild(mount);
            place.Entry.AddMount();
        }

        return error;
    }

    private static void Unlink(Mount mount, Place place)
    {
        place.Mount.RemoveChild(mount);
        place.Entry.RemoveMount();
    }

    private void DetachLocked(Mount mount, List<SuperBlock> gone)
    {
        while (mount.Children.Length != 0)
        {
            DetachLocked(mount.Children[^1], gone);
        }

        Unlink(mount, mount.Attachment!.Value);
        mount.Attachment = null;
        mount.IsAttached = false;
        var remaining = new Mount[_all.Length - 1];
        var index = Array.IndexOf(_all, mount);
        Array.Copy(_all, remaining, index);
        Array.Copy(_all, index + 1, remaining, index, remaining.Length - index);
        Volatile.Write(ref _all, remaining);
        if (--mount.SuperBlock.MountCount == 0)
        {
            gone.Add(mount.SuperBlock);
        }
    }

    private void Register(Mount mount)
    {
        mount.SuperBlock.MountCount++;
        mount.IsAttached = true;
        var all = new Mount[_all.Length + 1];
        _all.CopyTo(all, 0);
        all[^1] = mount;
        Volatile.Write(ref _all, all);
    }
}
