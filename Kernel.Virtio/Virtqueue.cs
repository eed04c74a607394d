// SPDX-License-Identifier: MPL-2.0
using System;
using System.Threading;
using Kernel.Abstractions.Devices;
using Ostd;
using Ostd.Devices;

namespace Kernel.Virtio;

/// <summary>
/// A split virtqueue (VIRTIO 1.2, section 2.7). The device is not trusted: which descriptors are chained, which are in use and how much of them can be written is kept here, in objects that the device does not
/// reach, and never read back from the memory that it shares.
/// </summary>
internal sealed class Virtqueue : IVirtqueue
{
    /// <summary>Most entries that a queue can have here.</summary>
    public const int MaxSize = 1024;

    private const int DescriptorLength = 16;
    private const ushort DescriptorNext = 1;
    private const ushort DescriptorWrite = 2;
    private const ushort UsedNoNotify = 1;
    private const int NoToken = -1;

    private readonly VirtioDevice _device;
    private readonly DmaCoherent _memory;
    private readonly int _mask;

    // By descriptor: the next one of its chain or of the free list, and of a chain's head the driver's token, the bytes that the device may write and the number of descriptors.
    private readonly ushort[] _next;
    private readonly int[] _token;
    private readonly uint[] _writable;
    private readonly int[] _lengths;

    private readonly int _available;
    private readonly int _used;
    private ushort _firstFree;
    private int _chains;
    private ushort _availableIndex;
    private ushort _usedIndex;

    private Virtqueue(VirtioDevice device, int index, int size, IVirtqueueHandler handler, DmaCoherent memory)
    {
        _device = device;
        _memory = memory;
        Index = index;
        Size = size;
        FreeCount = size;
        Handler = handler;
        _mask = size - 1;
        _next = new ushort[size];
        _token = new int[size];
        _writable = new uint[size];
        _lengths = new int[size];
        for (var i = 0; i < size; i++)
        {
            _next[i] = (ushort)(i + 1);
            _token[i] = NoToken;
        }

        _available = AvailableOffset(size);
        _used = UsedOffset(size);
    }

    /// <inheritdoc/>
    public int Index { get; }

    /// <inheritdoc/>
    public int Size { get; }

    /// <inheritdoc/>
    public int FreeCount { get; private set; }

    /// <summary>Who hears of its progress.</summary>
    public IVirtqueueHandler Handler { get; }

    /// <summary>Where the device finds the descriptor table.</summary>
    public ulong DescriptorAddress => _memory.DeviceAddress;

    /// <summary>Where the device finds the available ring.</summary>
    public ulong AvailableAddress => _memory.DeviceAddress + (uint)_available;

    /// <summary>Where the device finds the used ring.</summary>
    public ulong UsedAddress => _memory.DeviceAddress + (uint)_used;

    /// <summary>Makes a queue.</summary>
    /// <param name="device">Whose it is.</param>
    /// <param name="index">Its number.</param>
    /// <param name="size">A power of two up to <see cref="MaxSize"/>.</param>
    /// <param name="handler">Who hears of its progress.</param>
    /// <returns>Null when there is no memory.</returns>
    public static Virtqueue? TryCreate(VirtioDevice device, int index, int size, IVirtqueueHandler handler)
        => DmaCoherent.TryAllocate(UsedOffset(size) + 6 + 8 * size, out var memory) ? new Virtqueue(device, index, size, handler, memory) : null;

    /// <summary>Gives its memory back. The device was reset, and is not taken into service.</summary>
    public void Release() => _memory.Dispose();

    /// <inheritdoc/>
    public bool TryAdd(ReadOnlySpan<VirtioBuffer> buffers, int token)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(token);
        ArgumentOutOfRangeException.ThrowIfZero(buffers.Length, nameof(buffers));
        if (buffers.Length > FreeCount || _device.IsBroken)
        {
            return false;
        }

        var head = _firstFree;
        var descriptor = head;
        uint writable = 0;
        var hasWritable = false;
        for (var i = 0; i < buffers.Length; i++)
        {
            var buffer = buffers[i];
            if (hasWritable && !buffer.IsDeviceWritten)
            {
#pragma warning disable OST2009, OST2010 // A driver's mistake, which is to end as one: an oops, or in an interrupt handler a panic.
                throw new ArgumentException("Buffers that the device reads come before those that it writes.", nameof(buffers));
#pragma warning restore OST2009, OST2010
            }

            hasWritable = buffer.IsDeviceWritten;
            writable += hasWritable ? buffer.Length : 0;
            var offset = descriptor * DescriptorLength;
            _memory.WriteUInt64(offset, buffer.DeviceAddress);
            _memory.WriteUInt32(offset + 8, buffer.Length);
            _memory.WriteUInt16(offset + 12, (ushort)((hasWritable ? DescriptorWrite : 0) | (i + 1 < buffers.Length ? DescriptorNext : 0)));
            _memory.WriteUInt16(offset + 14, _next[descriptor]);
            if (i + 1 < buffers.Length)
            {
                descriptor = _next[descriptor];
            }
        }

        _firstFree = _next[descriptor];
        FreeCount -= buffers.Length;
        _chains++;
        _token[head] = token;
        _writable[head] = writable;
        _lengths[head] = buffers.Length;

        // Section 2.7.13: the entry first, then the index.
        _memory.WriteUInt16(_available + 4 + (_availableIndex & _mask) * 2, head);
        _memory.WriteUInt16(_available + 2, ++_availableIndex);
        return true;
    }

    /// <inheritdoc/>
    public void Kick()
    {
        // Section 2.7.13.4.1: the index must be out before the device's wish is looked at.
        Interlocked.MemoryBarrier();
        if (!_device.IsBroken && (_memory.ReadUInt16(_used) & UsedNoNotify) == 0)
        {
            _device.Notify(Index);
        }
    }

    /// <inheritdoc/>
    public bool TryTake(out int token, out uint length)
    {
        token = NoToken;
        length = 0;
        if (_device.IsBroken)
        {
            return false;
        }

        var done = (ushort)(_memory.ReadUInt16(_used + 2) - _usedIndex);
        if (done == 0)
        {
            return false;
        }

        if (done > _chains)
        {
            _device.Fail("used more requests than there are");
            return false;
        }

        var entry = _used + 4 + (_usedIndex & _mask) * 8;
        var id = _memory.ReadUInt32(entry);
        length = _memory.ReadUInt32(entry + 4);
        if (id >= (uint)Size || _token[id] == NoToken)
        {
            _device.Fail("used a request that there is not");
            return false;
        }

        if (length > _writable[id])
        {
            _device.Fail("wrote more than a request has room for");
            return false;
        }

        token = _token[id];
        _usedIndex++;
        Free((ushort)id);
        return true;
    }

    [InterruptSafe]
    private void Free(ushort head)
    {
        var last = head;
        for (var i = 1; i < _lengths[head]; i++)
        {
            last = _next[last];
        }

        _next[last] = _firstFree;
        _firstFree = head;
        FreeCount += _lengths[head];
        _token[head] = NoToken;
        _chains--;
    }

    private static int AvailableOffset(int size) => size * DescriptorLength;

    // Section 2.7: the used ring is aligned to 4 bytes.
    private static int UsedOffset(int size) => (AvailableOffset(size) + 6 + 2 * size + 3) & ~3;
}
