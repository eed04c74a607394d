// SPDX-License-Identifier: MPL-2.0
using Ostd.Sync;

namespace Kernel.Memory;

/// <summary>The waiters whose keys share a hash, in the order of their arrival. All members but the lock are guarded by it.</summary>
internal sealed class FutexBucket(int index)
{
    /// <summary>Guards the list and its members' keys. Of two buckets the one with the lower index is locked first.</summary>
    public readonly SpinLock Lock = new();

    private FutexWaiter? _last;

    /// <summary>Place in the table.</summary>
    public int Index { get; } = index;

    /// <summary>The waiter that has waited longest.</summary>
    public FutexWaiter? First { get; private set; }

    /// <summary>Appends a waiter.</summary>
    public void Add(FutexWaiter waiter)
    {
        waiter.Previous = _last;
        waiter.Next = null;
        if (_last is null)
        {
            First = waiter;
        }
        else
        {
            _last.Next = waiter;
        }
        _last = waiter;
        waiter.Bucket = this;
    }

    /// <summary>Takes a waiter out. The caller sets its bucket.</summary>
    public void Remove(FutexWaiter waiter)
    {
        if (waiter.Previous is null)
        {
            First = waiter.Next;
        }
        else
        {
            waiter.Previous.Next = waiter.Next;
        }
        if (waiter.Next is null)
        {
            _last = waiter.Previous;
        }
        else
        {
            waiter.Next.Previous = waiter.Previous;
        }
        waiter.Previous = null;
        waiter.Next = null;
    }

    /// <summary>Wakes waiters of a key.</summary>
    /// <returns>How many.</returns>
    public int Wake(in FutexKey key, int count, uint bitset)
    {
        int woken = 0;
        FutexWaiter? waiter = First;
        while (waiter is not null && woken < count)
        {
            FutexWaiter? next = waiter.Next;
            if (waiter.Key.Matches(in key) && (waiter.Bitset & bitset) != 0)
            {
                Remove(waiter);
                waiter.Bucket = null;
                waiter.Queue.WakeAll();
                woken++;
            }
            waiter = next;
        }
        return woken;
    }

    /// <summary>Moves waiters of a key to another key, whose bucket may be this one. Both locks are held.</summary>
    /// <returns>How many.</returns>
    public int Requeue(in FutexKey key, int count, FutexBucket target, in FutexKey targetKey)
    {
        int moved = 0;
        FutexWaiter? waiter = First;
        FutexWaiter? last = _last;
        while (waiter is not null && moved < count)
        {
            FutexWaiter? next = ReferenceEquals(waiter, last) ? null : waiter.Next;
            if (waiter.Key.Matches(in key))
            {
                Remove(waiter);
                waiter.Key = targetKey;
                target.Add(waiter);
                moved++;
            }
            waiter = next;
        }
        return moved;
    }
}
