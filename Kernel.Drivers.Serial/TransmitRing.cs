// SPDX-License-Identifier: MPL-2.0
using System;

namespace Kernel.Drivers.Serial;

/// <summary>Bytes on their way out. Guarded by the port's lock.</summary>
internal sealed class TransmitRing
{
    public const int Capacity = 4096;

    private const uint Mask = Capacity - 1;

    private readonly byte[] _bytes = new byte[Capacity];
    private uint _head;
    private uint _tail;

    public int Count => (int)(_head - _tail);

    public int Room => Capacity - Count;

    /// <summary>Adds bytes; the caller has checked the room.</summary>
    public void Write(ReadOnlySpan<byte> source)
    {
        var start = (int)(_head & Mask);
        var first = Math.Min(source.Length, Capacity - start);
        source[..first].CopyTo(_bytes.AsSpan(start));
        source[first..].CopyTo(_bytes);
        _head += (uint)source.Length;
    }

    /// <summary>Takes the oldest byte; there must be one.</summary>
    public byte Take() => _bytes[_tail++ & Mask];

    public void Clear() => _tail = _head;
}
