// SPDX-License-Identifier: MPL-2.0
using System;

namespace Kernel.Fs.Ram;

/// <summary>
/// Canonical Huffman codes (RFC 1951, 3.2.2), decoded by a table of the next <see cref="RootBits"/> bits; longer codes go on by counting, as the RFC defines them.
/// </summary>
internal sealed class HuffmanTable
{
    public const int MaxBits = 15;
    private const int RootBits = 9;

    private readonly ushort[] _root = new ushort[1 << RootBits];
    private readonly ushort[] _counts = new ushort[MaxBits + 1];
    private readonly ushort[] _symbols = new ushort[288];

    /// <summary>Builds the codes from the lengths of the symbols.</summary>
    /// <param name="allowIncomplete">A single code may stand alone (a distance code of one symbol).</param>
    /// <returns>False for lengths that no code has.</returns>
    public bool TryBuild(ReadOnlySpan<byte> lengths, bool allowIncomplete)
    {
        Array.Clear(_counts);
        Array.Clear(_root);
        foreach (var length in lengths)
        {
            _counts[length]++;
        }

        var used = lengths.Length - _counts[0];
        _counts[0] = 0;
        var left = 1;
        for (var length = 1; length <= MaxBits; length++)
        {
            left = (left << 1) - _counts[length];
            if (left < 0)
            {
                return false;
            }
        }

        if (left > 0 && !(allowIncomplete && used <= 1))
        {
            return false;
        }

        Span<ushort> offsets = stackalloc ushort[MaxBits + 2];
        Span<int> nextCode = stackalloc int[MaxBits + 2];
        offsets.Clear();
        nextCode.Clear();
        for (var length = 1; length <= MaxBits; length++)
        {
            offsets[length + 1] = (ushort)(offsets[length] + _counts[length]);
            nextCode[length + 1] = (nextCode[length] + _counts[length]) << 1;
        }

        for (var symbol = 0; symbol < lengths.Length; symbol++)
        {
            int length = lengths[symbol];
            if (length == 0)
            {
                continue;
            }

            _symbols[offsets[length]++] = (ushort)symbol;
            var code = nextCode[length]++;
            if (length <= RootBits)
            {
                // The stream gives codes from their most significant bit on: the index is the code reversed.
                for (var index = Reverse(code, length); index < _root.Length; index += 1 << length)
                {
                    _root[index] = (ushort)(symbol << 4 | length);
                }
            }
        }

        return true;
    }

    /// <summary>The symbol at the front of the bits.</summary>
    /// <returns>-1 when they are no code.</returns>
    public int Decode(uint bits, out int length)
    {
        var entry = _root[bits & ((1 << RootBits) - 1)];
        if (entry != 0)
        {
            length = entry & 15;
            return entry >> 4;
        }

        int code = 0, first = 0, index = 0;
        for (length = 1; length <= MaxBits; length++)
        {
            code |= (int)(bits & 1);
            bits >>= 1;
            int count = _counts[length];
            if (code - count < first)
            {
                return _symbols[index + (code - first)];
            }

            index += count;
            first = (first + count) << 1;
            code <<= 1;
        }

        return -1;
    }

    private static int Reverse(int code, int length)
    {
        var reversed = 0;
        for (var i = 0; i < length; i++)
        {
            reversed = reversed << 1 | (code & 1);
            code >>= 1;
        }

        return reversed;
    }
}
