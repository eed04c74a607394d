// SPDX-License-Identifier: MPL-2.0
using System;
using System.Threading;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Ostd.Sync;
using SpinLock = Ostd.Sync.SpinLock;

namespace Kernel.Fs.Dentries;

/// <summary>
/// The dentry cache: a hash table by parent and name. Lookups take no lock; changes take a spinning one. Entries that nobody uses are evicted when there are more than <see cref="Capacity"/>.
/// </summary>
[Component]
public sealed class DentryCache
{
    private const int BucketCount = 4096;

    private readonly DentryName?[] _buckets = new DentryName?[BucketCount];
    private readonly SpinLock _lock = new();
    private int _count;
    private int _clockHand;

    /// <summary>Entries above this number are evicted where possible (<c>dentries=</c> on the kernel command line).</summary>
    [KernelParameter("dentries")]
    public int Capacity { get; set; } = 16384;

    /// <summary>Entries cached now.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>The entry of a name, negative or not; null when the cache does not know.</summary>
    internal Dentry? Find(Dentry parent, ReadOnlySpan<byte> name)
    {
        var hash = HashOf(parent, name);
        for (var node = Volatile.Read(ref _buckets[hash & (BucketCount - 1)]); node is not null; node = Volatile.Read(ref node.Next))
        {
            if (node.Matches(parent, name, hash))
            {
                var entry = node.Entry;
                entry.WasUsed = true;
                return entry;
            }
        }

        return null;
    }

    /// <summary>Adds an entry. Under the parent's directory lock, with no entry of that name cached.</summary>
    internal void Insert(Dentry entry)
    {
        if (Count >= Capacity)
        {
            Shrink();
        }

        using var guard = _lock.Acquire();
        Link(entry, entry.Location);
    }

    /// <summary>A cached entry for a name that is not cached: a new one, but for a directory that has one already. Under the parent's directory lock.</summary>
    internal Dentry Add(Dentry parent, ReadOnlySpan<byte> name, Inode? inode)
    {
        if (inode is { Type: InodeType.Directory, Entry: Dentry known })
        {
            // It was evicted, and somebody may still stand on it.
            Move(known, parent, name);
            return known;
        }

        var entry = new Dentry(parent, name, inode);
        if (inode is not null)
        {
            entry.Remember(inode);
        }

        Insert(entry);
        return entry;
    }

    /// <summary>Puts an entry that was evicted back, in place of one that came for its name since. Under the parent's directory lock; the entry must not be deleted.</summary>
    internal void Restore(Dentry entry)
    {
        var place = entry.Location;
        if (place.Parent is not { } parent)
        {
            return;
        }

        var location = new DentryName(parent, place.Name, place.Hash, entry);
        using var guard = _lock.Acquire();
        if (entry.IsHashed)
        {
            return;
        }

        if (Find(parent, place.Name) is { } other)
        {
            Unlink(other);
        }

        entry.SetLocation(location);
        Link(entry, location);
    }

    /// <summary>The name is gone (unlink, rmdir, a replaced rename target). Holders of the entry keep it, marked as deleted.</summary>
    internal void Delete(Dentry entry)
    {
        entry.MarkDeleted();
        Remove(entry);
    }

    /// <summary>Drops an entry from the cache without saying that it was deleted.</summary>
    internal void Remove(Dentry entry)
    {
        using var guard = _lock.Acquire();
        Unlink(entry);
    }

    /// <summary>The entry has another parent or name now. Under both directory locks; no other entry may be cached at the new place.</summary>
    internal void Move(Dentry entry, Dentry newParent, ReadOnlySpan<byte> newName)
    {
        var bytes = newName.ToArray();
        var location = new DentryName(newParent, bytes, HashOf(newParent, bytes), entry);
        using var guard = _lock.Acquire();
        Unlink(entry);
        entry.SetLocation(location);
        Link(entry, location);
    }

    /// <summary>Two entries change places.</summary>
    internal void Exchange(Dentry first, Dentry second)
    {
        var firstLocation = first.Location;
        var secondLocation = second.Location;
        var newFirst = new DentryName(secondLocation.Parent, secondLocation.Name, secondLocation.Hash, first);
        var newSecond = new DentryName(firstLocation.Parent, firstLocation.Name, firstLocation.Hash, second);
        using var guard = _lock.Acquire();
        Unlink(first);
        Unlink(second);
        first.SetLocation(newFirst);
        second.SetLocation(newSecond);
        Link(first, newFirst);
        Link(second, newSecond);
    }

    /// <summary>Drops everything that nobody uses (umount, memory pressure).</summary>
    public void Shrink(bool everything)
    {
        if (!everything)
        {
            Shrink();
            return;
        }

        // Children before parents: a pass may free parents for the next one.
        int before;
        do
        {
            before = Count;
            for (var bucket = 0; bucket < BucketCount; bucket++)
            {
                using var guard = _lock.Acquire();
                Sweep(bucket, isForced: true);
            }
        }
        while (Count < before);
    }

    /// <summary>Drops all entries below a root: its file system is unmounted for good.</summary>
    internal void RemoveTree(Dentry root)
    {
        for (var bucket = 0; bucket < BucketCount; bucket++)
        {
            using var guard = _lock.Acquire();
            for (var node = _buckets[bucket]; node is not null; node = node.Next)
            {
                if (node.Entry.IsSameOrBelow(root))
                {
                    Unlink(node.Entry);
                }
            }
        }
    }

    /// <summary>FNV-1a over the name, seeded by the parent.</summary>
    internal static uint HashOf(Dentry parent, ReadOnlySpan<byte> name)
    {
        var hash = 2166136261 ^ (parent.Identity * 2654435761);
        foreach (var value in name)
        {
            hash = (hash ^ value) * 16777619;
        }

        return hash ^ (hash >> 15);
    }

    /// <summary>Second chance: entries used since the hand last passed stay once more. Looks at a bounded number of buckets, each under the lock for itself.</summary>
    private void Shrink()
    {
        for (var step = 0; step < BucketCount / 4 && Count > Capacity - Capacity / 16; step++)
        {
            using var guard = _lock.Acquire();
            _clockHand = (_clockHand + 1) & (BucketCount - 1);
            Sweep(_clockHand, isForced: false);
        }
    }

    private void Sweep(int bucket, bool isForced)
    {
        var node = _buckets[bucket];
        while (node is not null)
        {
            var next = node.Next;
            var entry = node.Entry;
            if (entry.IsEvictable && (isForced || !entry.WasUsed))
            {
                Unlink(entry);
            }

            entry.WasUsed = false;
            node = next;
        }
    }

    private void Link(Dentry entry, DentryName location)
    {
        ref var bucket = ref _buckets[location.Hash & (BucketCount - 1)];
        location.Next = bucket;
        Volatile.Write(ref bucket, location);
        entry.IsHashed = true;
        entry.WasUsed = true;
        location.Parent!.ChildCount++;
        _count++;
    }

    private void Unlink(Dentry entry)
    {
        if (!entry.IsHashed)
        {
            return;
        }

        var location = entry.Location;
        ref var link = ref _buckets[location.Hash & (BucketCount - 1)];
        while (!ReferenceEquals(link, location))
        {
            link = ref link!.Next;
        }

        Volatile.Write(ref link, location.Next);
        entry.IsHashed = false;
        location.Parent!.ChildCount--;
        _count--;
    }
}
