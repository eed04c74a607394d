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
        var mount = new Mount(_nextId++, superBlock, superBlock.Root, source, MountFlags.None) { IsAttached = true };
        superBlock.MountCount++;
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
        var error = CheckTarget(superBlock.Root, place);
        if (error != Errno.Success)
        {
            return error;
        }

        AttachLocked(new Mount(_nextId++, superBlock, superBlock.Root, source, flags & MountFlags.PerMount), place);
        return Errno.Success;
    }

    /// <summary>MS_BIND: shows a place at another one, with all mounts below it when <paramref name="isRecursive"/>.</summary>
    public Errno Bind(Place source, Place target, bool isRecursive)
    {
        using var guard = _lock.Acquire();
        if (!source.Mount.IsAttached)
        {
            return Errno.EINVAL;
        }

        target = Topmost(target);
        var error = CheckTarget(source.Entry, target);
        if (error != Errno.Success)
        {
            return error;
        }

        var clone = Clone(source.Mount, source.Entry);
        if (isRecursive)
        {
            CloneChildren(source.Mount, clone, source.Entry);
        }

        AttachLocked(clone, target);
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

        DetachFromParent(mount);
        LinkTo(mount, target);
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
        if (newRoot.Parent is null || oldRoot.Parent is not null && !oldRoot.IsAttached)
        {
            return Errno.EINVAL;
        }

        var oldPlace = oldRoot.Parent is { } parent ? new Place(parent, oldRoot.MountPoint!) : (Place?)null;
        DetachFromParent(newRoot);
        if (oldPlace is { } place)
        {
            DetachFromParent(oldRoot);
            LinkTo(newRoot, place);
        }
        else
        {
            newRoot.Parent = null;
            newRoot.MountPoint = null;
            Volatile.Write(ref _root, newRoot);
        }

        LinkTo(oldRoot, oldRootTarget);
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

    private void CloneChildren(Mount from, Mount to, Dentry below)
    {
        foreach (var child in from.Children)
        {
            if (child.MountPoint!.IsSameOrBelow(below))
            {
                var clone = Clone(child, child.Root);
                CloneChildren(child, clone, child.Root);
                AttachLocked(clone, new Place(to, child.MountPoint!));
            }
        }
    }

    private void AttachLocked(Mount mount, Place place)
    {
        mount.SuperBlock.MountCount++;
        mount.IsAttached = true;
        LinkTo(mount, place);
        Register(mount);
    }

    private static void LinkTo(Mount mount, Place place)
    {
        mount.Parent = place.Mount;
        mount.MountPoint = place.Entry;
        place.Mount.AddChild(mount);
        place.Entry.AddMount();
    }

    private static void DetachFromParent(Mount mount)
    {
        mount.Parent!.RemoveChild(mount);
        mount.MountPoint!.RemoveMount();
    }

    private void DetachLocked(Mount mount, List<SuperBlock> gone)
    {
        while (mount.Children.Length != 0)
        {
            DetachLocked(mount.Children[^1], gone);
        }

        DetachFromParent(mount);
        mount.Parent = null;
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
        var all = new Mount[_all.Length + 1];
        _all.CopyTo(all, 0);
        all[^1] = mount;
        Volatile.Write(ref _all, all);
    }
}
