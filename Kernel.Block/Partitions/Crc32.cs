// SPDX-License-Identifier: MPL-2.0
using System;

namespace Kernel.Block.Partitions;

/// <summary>The checksum of Ethernet (ISO 3309), which the GUID partition table uses. Bit by bit: tables are short.</summary>
internal static class Crc32
{
    /// <summary>Before the first byte.</summary>
    public const uint Start = uint.MaxValue;

    private const uint Polynomial = 0xedb8_8320;

    /// <summary>Of all bytes.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes) => End(Add(Start, bytes));

    /// <summary>Goes on with more bytes.</summary>
    public static uint Add(uint state, ReadOnlySpan<byte> bytes)
    {
        foreach (var value in bytes)
        {
            state ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                state = (state >> 1) ^ ((state & 1) != 0 ? Polynomial : 0);
            }
        }

        return state;
    }

    /// <summary>After the last byte.</summary>
    public static uint End(uint state) => ~state;
}
