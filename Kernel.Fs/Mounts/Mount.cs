// SPDX-License-Identifier: MPL-2.0
using System;
using System.Threading;
using Kernel.Abstractions.Files;
using Kernel.Fs.Dentries;

namespace Kernel.Fs.Mounts;

/// <summary>A file system instance with its root dentry, shared by all mounts of it (Linux's superblock).</summary>
public sealed class SuperBlock(IFileSystemInstance instance)
{
    public IFileSystemInstance Instance { get; } = instance;

    /// <summary>The root's one dentry, also when the file system was mounted before.</summary>
    internal Dentry Root { get; } = Dentry.OfRoot(instance.Root);

    /// <summary>Remounted read-only as a whole.</summary>
    public bool IsReadOnly { get; set; }

    /// <summary>Mounts of it. Under the mount tree's lock.</summary>
    internal int MountCount { get; set; }
}

/// <summary>A mount: a subtree of a file system, attached to a dentry of another mount. The tree changes under the lock of <see cref="MountTree"/>; reading it needs no lock.</summary>
public sealed class Mount : IMount
{
    private Mount[] _children = [];
    private Box? _attachment;
    private int _pins;

    internal Mount(int id, SuperBlock superBlock, Dentry root, string source, MountFlags flags)
    {
        Id = id;
        SuperBlock = superBlock;
        Root = root;
        Source = source;
        Flags = flags;
    }

    /// <summary>As in /proc/pid/mountinfo.</summary>
    public int Id { get; }

    public SuperBlock SuperBlock { get; }

    /// <summary>What shows at the mount point: the file system's root, or for a bind mount any of its entries.</summary>
    public Dentry Root { get; }

    /// <summary>As given to mount(2).</summary>
    public string Source { get; }

    /// <summary>Per-mount flags (MS_RDONLY, MS_NOSUID, ...).</summary>
    public MountFlags Flags { get; internal set; }

    /// <summary>What it covers: a place in the mount above it; null for the root of the tree and for detached ones. Mount and entry are of one moment, also while it is moved.</summary>
    public Place? Attachment
    {
        get => Volatile.Read(ref _attachment)?.Place;
        internal set => Volatile.Write(ref _attachment, value is { } place ? new Box(place) : null);
    }

    /// <summary>The mount it is attached to; null for the root of the tree and for detached ones.</summary>
    public Mount? Parent => Volatile.Read(ref _attachment)?.Place.Mount;

    /// <summary>The entry of <see cref="Parent"/> it covers.</summary>
    internal Dentry? MountPoint => Volatile.Read(ref _attachment)?.Place.Entry;

    /// <summary>In the tree; false after umount.</summary>
    public bool IsAttached { get; internal set; }

    /// <summary>Mounts attached to this one, oldest first; never changed in place.</summary>
    public ReadOnlySpan<Mount> Children => Volatile.Read(ref _children);

    /// <inheritdoc/>
    public IFileSystemInstance FileSystem => SuperBlock.Instance;

    /// <inheritdoc/>
    public bool IsReadOnly => (Flags & MountFlags.MS_RDONLY) != 0 || SuperBlock.IsReadOnly;

    /// <inheritdoc/>
    public bool IsNoExec => (Flags & MountFlags.MS_NOEXEC) != 0;

    /// <inheritdoc/>
    public bool IsNoSuid => (Flags & MountFlags.MS_NOSUID) != 0;

    /// <inheritdoc/>
    public ulong StatFlags => (ulong)((IsReadOnly ? MountFlags.MS_RDONLY : 0) | (Flags & (MountFlags.MS_NOSUID | MountFlags.MS_NODEV | MountFlags.MS_NOEXEC | MountFlags.MS_NOATIME | MountFlags.MS_NODIRATIME)))
        | ((Flags & MountFlags.MS_RELATIME) != 0 ? 0x1000UL : 0);

    /// <summary>Device nodes cannot be opened.</summary>
    public bool IsNoDev => (Flags & MountFlags.MS_NODEV) != 0;

    /// <summary>Open files with a place in this mount.</summary>
    internal int PinCount => Volatile.Read(ref _pins);

    /// <inheritdoc/>
    public void Pin() => Interlocked.Increment(ref _pins);

    /// <inheritdoc/>
    public void Unpin() => Interlocked.Decrement(ref _pins);

    /// <summary>The mount that covers the entry, or null.</summary>
    internal Mount? FindChild(Dentry mountPoint)
    {
        foreach (var child in Children)
        {
            if (ReferenceEquals(child.MountPoint, mountPoint))
            {
                return child;
            }
        }

        return null;
    }

    internal void AddChild(Mount child)
    {
        var children = new Mount[_children.Length + 1];
        _children.CopyTo(children, 0);
        children[^1] = child;
        Volatile.Write(ref _children, children);
    }

    internal void RemoveChild(Mount child)
    {
        var index = Array.IndexOf(_children, child);
        var children = new Mount[_children.Length - 1];
        Array.Copy(_children, children, index);
        Array.Copy(_children, index + 1, children, index, children.Length - index);
        Volatile.Write(ref _children, children);
    }

    /// <summary>A place that is read and written as one word.</summary>
    private sealed record Box(Place Place);
}
