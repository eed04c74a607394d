// SPDX-License-Identifier: MPL-2.0
using System.Collections.Generic;
using System.Threading;
using Kernel.Abstractions.Block;
using Ostd.Devices;
using Ostd.Sync;
using SpinLock = Ostd.Sync.SpinLock;

namespace Kernel.Block;

/// <summary>The requests of a disk: as many transfers as there are can be under way, further ones wait for their turn.</summary>
internal sealed class RequestPool
{
    private readonly SpinLock _lock = new();
    private readonly WaitQueue _waiters = new();
    private readonly BlockRequest[] _free;
    private int _freeCount;
    private int _usableCount;

    private RequestPool(BlockRequest[] requests)
    {
        _free = requests;
        _freeCount = _usableCount = requests.Length;
    }

    /// <summary>Makes a pool.</summary>
    /// <param name="count">Requests.</param>
    /// <param name="length">Bytes of memory of each.</param>
    /// <returns>Null when there is no memory.</returns>
    public static RequestPool? TryCreate(int count, int length)
    {
        var requests = new List<BlockRequest>();
        while (requests.Count < count && DmaCoherent.TryAllocate(length, out var buffer))
        {
            requests.Add(new BlockRequest(buffer));
        }

        return requests.Count == 0 ? null : new RequestPool(requests.ToArray());
    }

    /// <summary>Takes a request, and waits for one if there is none. Whoever has one gives it back without taking another.</summary>
    /// <returns>Null when the disk has kept the memory of all of them.</returns>
    public BlockRequest? Rent()
    {
        while (true)
        {
            using (_lock.Acquire())
            {
                if (_freeCount > 0)
                {
                    return _free[--_freeCount];
                }

                if (_usableCount == 0)
                {
                    return null;
                }
            }

            _waiters.Wait(this, static pool => Volatile.Read(ref pool._freeCount) > 0 || Volatile.Read(ref pool._usableCount) == 0);
        }
    }

    /// <summary>Gives a request back; one whose memory the disk has kept is never given out again.</summary>
    public void Return(BlockRequest request)
    {
        if (request.IsAbandoned)
        {
            using (_lock.Acquire())
            {
                _usableCount--;
            }

            _waiters.WakeAll();
            return;
        }

        using (_lock.Acquire())
        {
            _free[_freeCount++] = request;
        }

        _waiters.WakeOne();
    }
}
