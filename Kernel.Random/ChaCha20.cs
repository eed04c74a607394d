// SPDX-License-Identifier: MPL-2.0
using System;
using System.Buffers.Binary;
using System.Numerics;

namespace Kernel.Random;

/// <summary>The ChaCha20 block function (RFC 8439, section 2.3).</summary>
internal static class ChaCha20
{
    public const int KeyBytes = 32;
    public const int BlockBytes = 64;

    /// <summary>Computes one block of the key stream.</summary>
    /// <param name="key">32 bytes.</param>
    /// <param name="counter">Block counter, in the first state word of the last row.</param>
    /// <param name="nonce">12 bytes.</param>
    /// <param name="output">64 bytes.</param>
    public static void Block(ReadOnlySpan<byte> key, uint counter, ReadOnlySpan<byte> nonce, Span<byte> output)
    {
        Span<uint> initial = stackalloc uint[16];
        initial[0] = 0x61707865;
        initial[1] = 0x3320646e;
        initial[2] = 0x79622d32;
        initial[3] = 0x6b206574;
        for (var i = 0; i < 8; i++)
        {
            initial[4 + i] = BinaryPrimitives.ReadUInt32LittleEndian(key[(i * 4)..]);
        }

        initial[12] = counter;
        for (var i = 0; i < 3; i++)
        {
            initial[13 + i] = BinaryPrimitives.ReadUInt32LittleEndian(nonce[(i * 4)..]);
        }

        Span<uint> state = stackalloc uint[16];
        initial.CopyTo(state);
        for (var round = 0; round < 10; round++)
        {
            QuarterRound(state, 0, 4, 8, 12);
            QuarterRound(state, 1, 5, 9, 13);
            QuarterRound(state, 2, 6, 10, 14);
            QuarterRound(state, 3, 7, 11, 15);
            QuarterRound(state, 0, 5, 10, 15);
            QuarterRound(state, 1, 6, 11, 12);
            QuarterRound(state, 2, 7, 8, 13);
            QuarterRound(state, 3, 4, 9, 14);
        }

        for (var i = 0; i < 16; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(output[(i * 4)..], state[i] + initial[i]);
        }

        state.Clear();
        initial.Clear();
    }

    private static void QuarterRound(Span<uint> state, int a, int b, int c, int d)
    {
        state[a] += state[b];
        state[d] = BitOperations.RotateLeft(state[d] ^ state[a], 16);
        state[c] += state[d];
        state[b] = BitOperations.RotateLeft(state[b] ^ state[c], 12);
        state[a] += state[b];
        state[d] = BitOperations.RotateLeft(state[d] ^ state[a], 8);
        state[c] += state[d];
        state[b] = BitOperations.RotateLeft(state[b] ^ state[c], 7);
    }
}
