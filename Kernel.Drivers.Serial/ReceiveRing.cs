// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions.Terminals;
using Ostd;

namespace Kernel.Drivers.Serial;

/// <summary>Bytes that came in, each with its error if it has one. Guarded by the port's lock.</summary>
internal sealed class ReceiveRing
{
    public const int Capacity = 4096;

    private const uint Mask = Capacity - 1;

    // The byte, and above it 0 or one more than the ReceiveError.
    private readonly ushort[] _entries = new ushort[Capacity];
    private uint _head;
    private uint _tail;

    [InterruptSafe]
    public int Count => (int)(_head - _tail);

    [InterruptSafe]
    public int Room => Capacity - Count;

    /// <summary>Adds a byte; the caller has checked the room.</summary>
    [InterruptSafe]
    public void Add(byte value, ReceiveError? error) => _entries[_head++ & Mask] = (ushort)(value | (error is { } kind ? (int)kind + 1 : 0) << 8);

    /// <summary>Copies the oldest bytes without taking them, up to one with an error.</summary>
    public int Peek(Span<byte> destination)
    {
        var count = Math.Min(destination.Length, Count);
        for (var index = 0; index < count; index++)
        {
            var entry = _entries[(_tail + (uint)index) & Mask];
            if (entry >> 8 != 0)
            {
                return index;
            }

            destination[index] = (byte)entry;
        }

        return count;
    }

    /// <summary>Takes the oldest entry if it is one with an error.</summary>
    public bool TryTakeError(out byte value, out ReceiveError error)
    {
        var entry = Count > 0 ? _entries[_tail & Mask] : 0;
        value = (byte)entry;
        error = (ReceiveError)((entry >> 8) - 1);
        if (entry >> 8 == 0)
        {
            return false;
        }

        _tail++;
        return true;
    }

    /// <summary>Takes bytes that <see cref="Peek"/> showed.</summary>
    public void Skip(int count) => _tail += (uint)Math.Min(count, Count);

    public void Clear() => _tail = _head;
}
