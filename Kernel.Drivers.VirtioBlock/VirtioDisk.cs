// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Block;
using Kernel.Abstractions.Devices;
using Ostd;
using Ostd.Devices;
using Ostd.Sync;

namespace Kernel.Drivers.VirtioBlock;

/// <summary>One disk. A request is a header, the data, and a byte in which the device says how it went (VIRTIO 1.2, section 5.2.6); header and byte lie in memory of their slot.</summary>
internal sealed class VirtioDisk(IVirtioDevice device) : IBlockDriver, IVirtqueueHandler
{
    private const uint TypeRead = 0;
    private const uint TypeWrite = 1;
    private const uint TypeFlush = 4;

    private const int HeaderLength = 16;
    private const int StatusLength = 1;
    private const byte StatusOk = 0;
    private const byte StatusUnset = 0xff;

    private const int SlotLength = 32;
    private const int BuffersPerRequest = 3;

    private readonly SpinLock _lock = new();
    private IVirtqueue _queue = null!;
    private DmaCoherent _headers = null!;

    // By slot, which is also the queue's token: the request that the device has. Guarded by _lock.
    private BlockRequest?[] _slots = [];

    /// <inheritdoc/>
    public BlockGeometry Geometry { get; private set; }

    /// <summary>Requests that fit into a queue at the same time.</summary>
    public static int RequestCount(IVirtqueue queue) => queue.Size / BuffersPerRequest;

    /// <summary>Bytes of memory that headers and status bytes need.</summary>
    public static int HeaderBytes(IVirtqueue queue) => Math.Max(1, RequestCount(queue)) * SlotLength;

    /// <summary>Completes the disk, before the device starts.</summary>
    public void Prepare(IVirtqueue queue, DmaCoherent headers, in BlockGeometry geometry)
    {
        _queue = queue;
        _headers = headers;
        _slots = new BlockRequest?[RequestCount(queue)];
        Geometry = geometry;
    }

    /// <inheritdoc/>
    public void Start(BlockRequest request)
    {
        bool isAdded;
        using (_lock.AcquireIrqSafe())
        {
            isAdded = TryAddLocked(request);
            if (isAdded)
            {
                _queue.Kick();
            }
        }

        if (!isAdded)
        {
            request.Complete(Errno.EIO);
        }
    }

    /// <inheritdoc/>
    public void OnUsed(IVirtqueue queue)
    {
        using var guard = _lock.AcquireIrqSafe();
        while (_queue.TryTake(out var slot, out var length))
        {
            var request = _slots[slot]!;
            _slots[slot] = null;
            request.Complete(Judge(request, slot, length));
        }
    }

    /// <inheritdoc/>
    public void OnBroken(bool isQuiet)
    {
        using var guard = _lock.AcquireIrqSafe();
        for (var slot = 0; slot < _slots.Length; slot++)
        {
            var request = _slots[slot];
            _slots[slot] = null;
            if (isQuiet)
            {
                request?.Complete(Errno.EIO);
            }
            else
            {
                request?.Abandon();
            }
        }
    }

    /// <inheritdoc/>
    public void Expire(BlockRequest request)
    {
        using (_lock.AcquireIrqSafe())
        {
            // The answer may have come at the last moment.
            if (Array.IndexOf(_slots, request) < 0)
            {
                return;
            }
        }

        device.Fail("has kept a request for too long");
    }

    private bool TryAddLocked(BlockRequest request)
    {
        var slot = 0;
        while (slot < _slots.Length && _slots[slot] is not null)
        {
            slot++;
        }

        if (slot == _slots.Length || device.IsBroken)
        {
            return false;
        }

        var at = slot * SlotLength;
        _headers.WriteUInt32(at, request.Operation switch { BlockOperation.Read => TypeRead, BlockOperation.Write => TypeWrite, _ => TypeFlush });
        _headers.WriteUInt32(at + 4, 0);
        _headers.WriteUInt64(at + 8, (ulong)request.Sector);
        _headers.WriteByte(at + HeaderLength, StatusUnset);
        var header = VirtioBuffer.ToDevice(_headers, at, HeaderLength);
        var status = VirtioBuffer.FromDevice(_headers, at + HeaderLength, StatusLength);
        var isAdded = request.Operation switch
        {
            BlockOperation.Read => _queue.TryAdd([header, VirtioBuffer.FromDevice(request.Buffer, 0, request.Length), status], slot),
            BlockOperation.Write => _queue.TryAdd([header, VirtioBuffer.ToDevice(request.Buffer, 0, request.Length), status], slot),
            _ => _queue.TryAdd([header, status], slot),
        };
        if (isAdded)
        {
            _slots[slot] = request;
        }

        return isAdded;
    }

    // The status byte counts, and for a read that all of the data was written, too: else the memory still has what another read left there.
    [InterruptSafe]
    private Errno Judge(BlockRequest request, int slot, uint length)
    {
        var expected = StatusLength + (request.Operation == BlockOperation.Read ? request.Length : 0);
        return _headers.ReadByte(slot * SlotLength + HeaderLength) == StatusOk && length >= (uint)expected ? Errno.Success : Errno.EIO;
    }
}
