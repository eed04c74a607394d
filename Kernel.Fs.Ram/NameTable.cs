// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions.Files;

namespace Kernel.Fs.Ram;

/// <summary>
/// The entries of a directory: a hash table by name over an array in order of creation. Every entry has a number that only grows; the directory position of an entry is counted down from it, so that
/// a listing shows the newest first, as Linux's dcache-based file systems do, and stays valid while entries come and go. Not synchronised: the directory's lock is held.
/// </summary>
internal sealed class NameTable
{
    /// <summary>Position of the entry numbered 0; positions 0, 1 and 2 are taken by the start, "." and "..".</summary>
    private const long LastPosition = 1L << 62;

    private Entry[] _entries = [];
    private int[] _buckets = [];
    private int _used;
    private long _nextNumber = 1;

    public int Count { get; private set; }

    public Inode? Find(ReadOnlySpan<byte> name)
    {
        var index = IndexOf(name);
        return index < 0 ? null : _entries[index].Inode;
    }

    /// <summary>Adds a name that is not there.</summary>
    public void Add(ReadOnlySpan<byte> name, Inode inode)
    {
        if (_used == _entries.Length)
        {
            Rebuild();
        }

        var hash = HashOf(name);
        ref var bucket = ref _buckets[hash & (_buckets.Length - 1)];
        _entries[_used] = new Entry { Name = name.ToArray(), Inode = inode, Hash = hash, Number = _nextNumber++, Next = bucket - 1 };
        bucket = ++_used;
        Count++;
    }

    /// <summary>Lets a name that is there lead elsewhere; its place in listings stays.</summary>
    public void Replace(ReadOnlySpan<byte> name, Inode inode) => _entries[IndexOf(name)].Inode = inode;

    public void Remove(ReadOnlySpan<byte> name)
    {
        var hash = HashOf(name);
        ref var bucket = ref _buckets[hash & (_buckets.Length - 1)];
        var previous = -1;
        for (var index = bucket - 1; index >= 0; previous = index, index = _entries[index].Next)
        {
            ref var entry = ref _entries[index];
            if (entry.Hash != hash || !name.SequenceEqual(entry.Name))
            {
                continue;
            }

            if (previous < 0)
            {
                bucket = entry.Next + 1;
            }
            else
            {
                _entries[previous].Next = entry.Next;
            }

            entry.Inode = null;
            entry.Name = [];
            Count--;
            while (_used > 0 && _entries[_used - 1].Inode is null)
            {
                _used--;
            }

            return;
        }
    }

    /// <summary>Shows the entries from a position on, newest first, until the visitor has enough.</summary>
    public void Visit(long position, IDirectoryVisitor visitor)
    {
        var newest = position <= 2 ? long.MaxValue : LastPosition - position;
        for (var index = LastAtOrBelow(newest); index >= 0; index--)
        {
            ref var entry = ref _entries[index];
            if (entry.Inode is { } inode && !visitor.Visit(entry.Name, inode.Number, inode.Type, LastPosition - entry.Number + 1))
            {
                return;
            }
        }
    }

    /// <summary>All inodes, for giving up the whole tree.</summary>
    public Inode[] ToArray()
    {
        var inodes = new Inode[Count];
        var count = 0;
        for (var index = 0; index < _used; index++)
        {
            if (_entries[index].Inode is { } inode)
            {
                inodes[count++] = inode;
            }
        }

        return inodes;
    }

    public void Clear()
    {
        _entries = [];
        _buckets = [];
        _used = 0;
        Count = 0;
    }

    private int IndexOf(ReadOnlySpan<byte> name)
    {
        if (_buckets.Length == 0)
        {
            return -1;
        }

        var hash = HashOf(name);
        for (var index = _buckets[hash & (_buckets.Length - 1)] - 1; index >= 0; index = _entries[index].Next)
        {
            ref var entry = ref _entries[index];
            if (entry.Hash == hash && name.SequenceEqual(entry.Name))
            {
                return index;
            }
        }

        return -1;
    }

    private int LastAtOrBelow(long number)
    {
        int low = 0, high = _used;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_entries[middle].Number <= number)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low - 1;
    }

    /// <summary>Makes room: removed entries are squeezed out, and the arrays double when most are live.</summary>
    private void Rebuild()
    {
        var capacity = Math.Max(8, Count * 2 > _entries.Length ? _entries.Length * 2 : _entries.Length);
        var entries = new Entry[capacity];
        var buckets = new int[capacity];
        var used = 0;
        for (var index = 0; index < _used; index++)
        {
            if (_entries[index].Inode is not null)
            {
                ref var bucket = ref buckets[_entries[index].Hash & (capacity - 1)];
                entries[used] = _entries[index];
                entries[used].Next = bucket - 1;
                bucket = ++used;
            }
        }

        _entries = entries;
        _buckets = buckets;
        _used = used;
    }

    private static uint HashOf(ReadOnlySpan<byte> name)
    {
        var hash = 2166136261;
        foreach (var value in name)
        {
            hash = (hash ^ value) * 16777619;
        }

        return hash ^ (hash >> 15);
    }

    private struct Entry
    {
        public byte[] Name;
        public Inode? Inode;
        public uint Hash;
        public long Number;

        /// <summary>Index of the next entry in the bucket, -1 at the end. Buckets hold index + 1, so that zeroed arrays are empty.</summary>
        public int Next;
    }
}
