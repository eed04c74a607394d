// SPDX-License-Identifier: MPL-2.0
using System;

namespace Kernel.Tty.Discipline;

/// <summary>A ring of bytes with a power-of-two capacity. Not thread-safe.</summary>
internal sealed class ByteRing(int capacity)
{
    private readonly byte[] _bytes = new byte[capacity];
    private uint _head;
    private uint _tail;

    public int Count => (int)(_head - _tail);

    public int Room => _bytes.Length - Count;

    /// <summary>Adds as many bytes as there is room for.</summary>
    public int Write(ReadOnlySpan<byte> source)
    {
        var count = Math.Min(source.Length, Room);
        var start = (int)(_head & (uint)(_bytes.Length - 1));
        var first = Math.Min(count, _bytes.Length - start);
        source[..first].CopyTo(_bytes.AsSpan(start));
        source[first..count].CopyTo(_bytes);
        _head += (uint)count;
        return count;
    }

    /// <summary>The longest run of bytes that can be taken in one piece.</summary>
    public ReadOnlySpan<byte> Peek()
    {
        var start = (int)(_tail & (uint)(_bytes.Length - 1));
        return _bytes.AsSpan(start, Math.Min(Count, _bytes.Length - start));
    }

    /// <summary>Drops bytes that <see cref="Peek"/> showed.</summary>
    public void Skip(int count) => _tail += (uint)count;

    public void Clear() => _tail = _head;
}
