// SPDX-License-Identifier: MPL-2.0
using System;
using System.Threading;
using Kernel.Abstractions.Memory;
using Mutex = Ostd.Sync.Mutex;
using SpinLock = Ostd.Sync.SpinLock;

namespace Kernel.Fs.PageCache;

/// <summary>What a <see cref="PageCache"/> needs as soon as there is something in it: its frames, who maps them, and the locks of both (the lock order is that of <see cref="PageCache"/>).</summary>
internal sealed class PageStore
{
    private IMappingOwner[] _owners = [];
    private int _mappingCount;
    private long _removalCount;

    /// <summary>Serialises writes and changes of the length; held across user copies.</summary>
    public Mutex WriteLock { get; } = new();

    /// <summary>Serialises whoever makes nodes of the tree, takes frames out, or changes the mappings.</summary>
    public Mutex GrowthLock { get; } = new();

    /// <summary>Guards <see cref="Tree"/>.</summary>
    public SpinLock Lock { get; } = new();

    /// <summary>The pages.</summary>
    public FrameTree Tree { get; } = new();

    /// <summary>How many mappings there are.</summary>
    public int MappingCount => Volatile.Read(ref _mappingCount);

    /// <summary>How often pages went away.</summary>
    public long RemovalCount => Volatile.Read(ref _removalCount);

    /// <summary>Who maps the pages. The array never changes; another one takes its place.</summary>
    public IMappingOwner[] Owners => Volatile.Read(ref _owners);

    public void CountRemoval() => Interlocked.Increment(ref _removalCount);

    public void AddMapping(IMappingOwner owner)
    {
        using var guard = GrowthLock.Acquire();
        var owners = new IMappingOwner[_owners.Length + 1];
        _owners.CopyTo(owners, 0);
        owners[^1] = owner;
        Volatile.Write(ref _owners, owners);
        _mappingCount++;
    }

    /// <returns>False when it is not there.</returns>
    public bool RemoveMapping(IMappingOwner owner)
    {
        using var guard = GrowthLock.Acquire();
        var index = Array.IndexOf(_owners, owner);
        if (index < 0)
        {
            return false;
        }

        var owners = new IMappingOwner[_owners.Length - 1];
        Array.Copy(_owners, owners, index);
        Array.Copy(_owners, index + 1, owners, index, owners.Length - index);
        Volatile.Write(ref _owners, owners);
        _mappingCount--;
        return true;
    }
}
