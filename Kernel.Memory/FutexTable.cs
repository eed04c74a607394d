// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Memory;
using Kernel.Abstractions.Processes;
using Ostd.Memory;
using Ostd.Sync;

namespace Kernel.Memory;

/// <summary>
/// Futexes (man 2 futex; Franke, Russell, Kirkwood, "Fuss, Futexes and Furwocks", 2002): a hash table of waiters. A futex word is read under its bucket's lock without resolving faults, so
/// that comparing and queueing are one step; when the word's page is missing, it is brought in without the lock and the step starts over.
/// </summary>
[Component]
public sealed class FutexTable : IFutexService
{
    private const int BucketCount = 256;
    private const int PoolLimit = 64;
    private const uint AllBits = uint.MaxValue;

    private readonly FutexBucket[] _buckets = new FutexBucket[BucketCount];
    private readonly SpinLock _poolLock = new();
    private FutexWaiter? _pool;
    private int _poolCount;

    /// <summary>Makes the buckets.</summary>
    public FutexTable()
    {
        for (int i = 0; i < _buckets.Length; i++)
        {
            _buckets[i] = new FutexBucket(i);
        }
    }

    /// <inheritdoc/>
    public int Wake(ulong address, int count)
    {
        // Whoever waits may have said private or not: a private mapping has one key for both.
        Result<int> shared = Wake(address, count, AllBits, isPrivate: false);
        int woken = shared.IsOk ? shared.Value : 0;
        if (woken < count && Wake(address, count - woken, AllBits, isPrivate: true) is { IsOk: true } own)
        {
            woken += own.Value;
        }
        return woken;
    }

    /// <inheritdoc/>
    public Result<int> Wake(ulong address, int count, uint bitset, bool isPrivate)
    {
        if (bitset == 0)
        {
            return Errno.EINVAL;
        }
        if (!TryGetKey(address, isPrivate, out FutexKey key, out Errno error))
        {
            return error;
        }
        FutexBucket bucket = BucketOf(in key);
        using SpinGuard guard = bucket.Lock.Acquire();
        return bucket.Wake(in key, count, bitset);
    }

    /// <inheritdoc/>
    public Errno Wait(ulong address, uint expected, uint bitset, bool isPrivate, long deadlineNs)
    {
        if (bitset == 0)
        {
            return Errno.EINVAL;
        }
        if (!TryGetKey(address, isPrivate, out FutexKey key, out Errno error))
        {
            return error;
        }
        FutexWaiter waiter = Rent();
        waiter.Key = key;
        waiter.Bitset = bitset;
        error = EnqueueIfEqual(waiter, address, expected);
        if (error == Errno.Success)
        {
            WaitResult result = waiter.Queue.WaitInterruptible(waiter, static w => w.Bucket is null, deadlineNs);

            // A wake that came first counts, whatever ended the sleep: it must not be lost.
            error = !TryLeave(waiter) || result == WaitResult.Ready ? Errno.Success : result == WaitResult.TimedOut ? Errno.ETIMEDOUT : Errno.EINTR;
        }
        Return(waiter);
        return error;
    }

    /// <inheritdoc/>
    public Result<int> Requeue(ulong address, int wakeCount, int moveCount, ulong target, uint? expected, bool isPrivate)
    {
        if (wakeCount < 0 || moveCount < 0)
        {
            return Errno.EINVAL;
        }
        if (!TryGetKey(address, isPrivate, out FutexKey key, out Errno error) || !TryGetKey(target, isPrivate, out FutexKey targetKey, out error))
        {
            return error;
        }
        FutexBucket bucket = BucketOf(in key);
        FutexBucket targetBucket = BucketOf(in targetKey);
        while (true)
        {
            using (var both = new TwoBuckets(bucket, targetBucket))
            {
                bool isLoaded = true;
                uint value = 0;
                if (expected is not null)
                {
                    isLoaded = UserMemory.TryLoadAtomically(address, out value);
                    if (isLoaded && value != expected)
                    {
                        return Errno.EAGAIN;
                    }
                }
                if (isLoaded)
                {
                    int woken = bucket.Wake(in key, wakeCount, AllBits);
                    int moved = key.Matches(in targetKey) ? 0 : bucket.Requeue(in key, moveCount, targetBucket, in targetKey);
                    return woken + moved;
                }
            }
            if (!UserMemory.TryLoad(address, out _))
            {
                return Errno.EFAULT;
            }
        }
    }

    /// <inheritdoc/>
    public Result<int> WakeOperation(ulong address, int wakeCount, ulong target, int targetWakeCount, uint operation, bool isPrivate)
    {
        if (!TryGetKey(address, isPrivate, out FutexKey key, out Errno error) || !TryGetKey(target, isPrivate, out FutexKey targetKey, out error))
        {
            return error;
        }
        if (!FutexOperation.TryDecode(operation, out FutexOperation decoded))
        {
            return Errno.ENOSYS;
        }
        FutexBucket bucket = BucketOf(in key);
        FutexBucket targetBucket = BucketOf(in targetKey);
        while (true)
        {
            using (var both = new TwoBuckets(bucket, targetBucket))
            {
                if (TryChangeWord(target, in decoded, out uint old))
                {
                    int woken = bucket.Wake(in key, wakeCount, AllBits);
                    return decoded.Compare(old) ? woken + targetBucket.Wake(in targetKey, targetWakeCount, AllBits) : woken;
                }
            }

            // A write of the value that is there makes the page writable.
            if (!UserMemory.TryLoad(target, out uint present) || !UserMemory.TryCompareExchange(target, present, present, out _))
            {
                return Errno.EFAULT;
            }
        }
    }

    /// <inheritdoc/>
    public void ExitRobustList(IThread thread) => RobustList.Walk(this, thread);

    private static bool TryChangeWord(ulong address, in FutexOperation operation, out uint old)
    {
        if (!UserMemory.TryLoadAtomically(address, out old))
        {
            return false;
        }
        while (true)
        {
            if (!UserMemory.TryCompareExchangeAtomically(address, old, operation.Apply(old), out uint observed))
            {
                return false;
            }
            if (observed == old)
            {
                return true;
            }
            old = observed;
        }
    }

    private static bool TryGetKey(ulong address, bool isPrivate, out FutexKey key, out Errno error)
    {
        key = default;
        if ((address & 3) != 0)
        {
            error = Errno.EINVAL;
            return false;
        }
        error = Errno.EFAULT;
        if (address > Paging.UserSpaceEnd - sizeof(uint) || CurrentThread.OrNull?.Process.AddressSpace is not AddressSpace space)
        {
            return false;
        }
        if (isPrivate)
        {
            key = new FutexKey(space, address);
            error = Errno.Success;
            return true;
        }
        if (!space.TryGetFutexKey(address, out key))
        {
            return false;
        }
        error = Errno.Success;
        return true;
    }

    private FutexBucket BucketOf(in FutexKey key) => _buckets[key.Hash() & (BucketCount - 1)];

    private Errno EnqueueIfEqual(FutexWaiter waiter, ulong address, uint expected)
    {
        FutexBucket bucket = BucketOf(in waiter.Key);
        while (true)
        {
            using (SpinGuard guard = bucket.Lock.Acquire())
            {
                if (UserMemory.TryLoadAtomically(address, out uint value))
                {
                    if (value != expected)
                    {
                        return Errno.EAGAIN;
                    }
                    bucket.Add(waiter);
                    return Errno.Success;
                }
            }
            if (!UserMemory.TryLoad(address, out _))
            {
                return Errno.EFAULT;
            }
        }
    }

    // Leaves the queue. False when the waiter had been woken.
    private static bool TryLeave(FutexWaiter waiter)
    {
        while (waiter.Bucket is { } bucket)
        {
            using SpinGuard guard = bucket.Lock.Acquire();
            if (ReferenceEquals(waiter.Bucket, bucket))
            {
                bucket.Remove(waiter);
                waiter.Bucket = null;
                return true;
            }
            // Requeued or woken between the look and the lock: look again.
        }

        // The waker may still be about to call Queue.WakeAll: if the waiter serves somebody else by then, that one's condition is just checked once more.
        return false;
    }

    private FutexWaiter Rent()
    {
        using (SpinGuard guard = _poolLock.Acquire())
        {
            if (_pool is { } waiter)
            {
                _pool = waiter.Next;
                _poolCount--;
                waiter.Next = null;
                return waiter;
            }
        }
        return new FutexWaiter();
    }

    private void Return(FutexWaiter waiter)
    {
        waiter.Key = default;
        using SpinGuard guard = _poolLock.Acquire();
        if (_poolCount < PoolLimit)
        {
            waiter.Next = _pool;
            _pool = waiter;
            _poolCount++;
        }
    }

    // Locks two buckets, which may be one, in the order of their indices.
    private ref struct TwoBuckets
    {
        private SpinGuard _first;
        private SpinGuard _second;
        private readonly bool _areTwo;

        public TwoBuckets(FutexBucket one, FutexBucket other)
        {
            _areTwo = !ReferenceEquals(one, other);
            _first = (one.Index <= other.Index ? one : other).Lock.Acquire();
            if (_areTwo)
            {
                _second = (one.Index <= other.Index ? other : one).Lock.AcquireNested(1);
            }
        }

        public void Dispose()
        {
            if (_areTwo)
            {
                _second.Dispose();
            }
            _first.Dispose();
        }
    }
}
