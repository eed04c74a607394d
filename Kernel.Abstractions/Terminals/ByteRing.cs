// SPDX-License-Identifier: MPL-2.0
using System;
using System.Numerics;
using Ostd;

namespace Kernel.Abstractions.Terminals;

/// <summary>Bytes on their way between a terminal and its driver. Not thread-safe: its owner's lock guards it.</summary>
public sealed class ByteRing
{
    private readonly byte[] _bytes;
    private uint _head;
    private uint _tail;

    /// <summary>Makes an empty ring.</summary>
    /// <param name="capacity">Bytes that fit, a power of two.</param>
    public ByteRing(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        if (!BitOperations.IsPow2(capacity))
        {
            throw new ArgumentException("not a power of two", nameof(capacity));
        }

        _bytes = new byte[capacity];
    }

    /// <summary>Bytes that fit.</summary>
    public int Capacity => _bytes.Length;

    /// <summary>Bytes that wait.</summary>
    [InterruptSafe]
    public int Count => (int)(_head - _tail);

    /// <summary>Bytes that there is room for.</summary>
    public int Room => _bytes.Length - Count;

    [InterruptSafe]
    private int Mask => _bytes.Length - 1;

    /// <summary>Adds as many bytes as there is room for.</summary>
    /// <returns>How many.</returns>
    public int Write(ReadOnlySpan<byte> source)
    {
        int count = Math.Min(source.Length, Room);
        int start = (int)_head & Mask;
        int first = Math.Min(count, _bytes.Length - start);
        source[..first].CopyTo(_bytes.AsSpan(start));
        source[first..count].CopyTo(_bytes);
        _head += (uint)count;
        return count;
    }

    /// <summary>Takes the oldest bytes.</summary>
    /// <returns>How many.</returns>
    public int Read(Span<byte> destination)
    {
        int total = 0;
        while (total < destination.Length && Count > 0)
        {
            ReadOnlySpan<byte> run = Peek();
            int count = Math.Min(run.Length, destination.Length - total);
            run[..count].CopyTo(destination[total..]);
            Skip(count);
            total += count;
        }

        return total;
    }

    /// <summary>Takes the oldest byte; there must be one.</summary>
    [InterruptSafe]
    public byte Take() => _bytes[(int)_tail++ & Mask];

    /// <summary>The longest run of bytes that can be taken in one piece.</summary>
    [InterruptSafe]
    public ReadOnlySpan<byte> Peek()
    {
        int start = (int)_tail & Mask;
        return _bytes.AsSpan(start, Math.Min(Count, _bytes.Length - start));
    }

    /// <summary>Drops bytes that <see cref="Peek"/> showed.</summary>
    [InterruptSafe]
    public void Skip(int count) => _tail += (uint)count;

    /// <summary>Drops everything.</summary>
    [InterruptSafe]
    public void Clear() => _tail = _head;
}
