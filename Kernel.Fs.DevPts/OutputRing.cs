// SPDX-License-Identifier: MPL-2.0
using System;

namespace Kernel.Fs.DevPts;

/// <summary>Bytes from the slave on their way to the master. Guarded by the pair's lock.</summary>
internal sealed class OutputRing
{
    public const int Capacity = 8192;

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

    /// <summary>Takes the oldest bytes.</summary>
    public int Read(Span<byte> destination)
    {
        var count = Math.Min(destination.Length, Count);
        var start = (int)(_tail & Mask);
        var first = Math.Min(count, Capacity - start);
        _bytes.AsSpan(start, first).CopyTo(destination);
        _bytes.AsSpan(0, count - first).CopyTo(destination[first..]);
        _tail += (uint)count;
        return count;
    }

    public void Clear() => _tail = _head;
}
