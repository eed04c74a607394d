// SPDX-License-Identifier: MPL-2.0
using System;
using System.Threading;
using Kernel.Abstractions.Files;

namespace Kernel.Fs.Dentries;

/// <summary>A name in a directory and what it leads to; a negative one remembers that there is nothing. Counts and links to others change under the lock of <see cref="DentryCache"/>.</summary>
public sealed class Dentry : IDirectoryEntry
{
    private DentryName _location;
    private Inode? _inode;
    private int _pins;
    private int _mountCount;
    private volatile bool _isDeleted;

    /// <summary>An entry that is not in the cache yet.</summary>
    internal Dentry(Dentry? parent, ReadOnlySpan<byte> name, Inode? inode)
    {
        var bytes = name.ToArray();
        _location = new DentryName(parent, bytes, parent is null ? 0 : DentryCache.HashOf(parent, bytes), this);
        Identity = (uint)System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
        _inode = inode;
    }

    /// <summary>The dentry of a file system's root: the same one each time the file system is mounted.</summary>
    internal static Dentry OfRoot(Inode root)
    {
        ArgumentNullException.ThrowIfNull(root);
        return (Dentry)root.AttachEntry(new Dentry(null, default, root));
    }

    /// <summary>Spreads the hash of children; fixed for the entry's life.</summary>
    internal uint Identity { get; }

    internal DentryName Location => Volatile.Read(ref _location);

    /// <summary>The directory it is in; null for the root of a file system and for files without a place.</summary>
    public Dentry? Parent => Location.Parent;

    /// <summary>The name, without slashes.</summary>
    public ReadOnlySpan<byte> Name => Location.Name;

    /// <summary>What the name leads to, or null for a negative entry.</summary>
    public Inode? InodeOrNull => Volatile.Read(ref _inode);

    /// <inheritdoc/>
    public Inode Inode => InodeOrNull ?? throw new InvalidOperationException("The dentry is negative.");

    /// <inheritdoc/>
    public bool IsDeleted => _isDeleted;

    /// <summary>True when something is mounted here, in some mount.</summary>
    public bool IsMountPoint => Volatile.Read(ref _mountCount) != 0;

    /// <summary>How many cached entries have this one as their parent. Under the cache's lock.</summary>
    internal int ChildCount { get; set; }

    /// <summary>In the hash table now. Under the cache's lock.</summary>
    internal bool IsHashed { get; set; }

    /// <summary>Used since the cache last looked for something to evict.</summary>
    internal bool WasUsed { get; set; }

    /// <summary>May be dropped from the cache: nobody's place, nobody's parent, nobody's mount point.</summary>
    internal bool IsEvictable => ChildCount == 0 && Volatile.Read(ref _pins) == 0 && !IsMountPoint;

    /// <inheritdoc/>
    public void Pin() => Interlocked.Increment(ref _pins);

    /// <inheritdoc/>
    public void Unpin() => Interlocked.Decrement(ref _pins);

    internal void AddMount() => Interlocked.Increment(ref _mountCount);

    internal void RemoveMount() => Interlocked.Decrement(ref _mountCount);

    /// <summary>The name now leads to an inode (create). Under the parent's directory lock.</summary>
    internal void Instantiate(Inode inode)
    {
        Remember(inode);
        Volatile.Write(ref _inode, inode);
    }

    /// <summary>
    /// A directory has one dentry for its life, whether the cache holds it or not: who walked to it before it was evicted, and who walks to it afterwards, must agree on what is in it. The inode remembers it.
    /// </summary>
    internal void Remember(Inode inode)
    {
        if (inode.Type == InodeType.Directory && inode.IsCacheable)
        {
            inode.AttachEntry(this);
        }
    }

    internal void MarkDeleted() => _isDeleted = true;

    internal void SetLocation(DentryName location) => Volatile.Write(ref _location, location);

    /// <summary>True when the entry is the given one or lies below it.</summary>
    internal bool IsSameOrBelow(Dentry ancestor)
    {
        for (var entry = this; entry is not null; entry = entry.Parent)
        {
            if (ReferenceEquals(entry, ancestor))
            {
                return true;
            }
        }

        return false;
    }
}
