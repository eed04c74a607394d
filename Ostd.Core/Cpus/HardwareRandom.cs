// SPDX-License-Identifier: MPL-2.0
using System;
using System.Runtime.InteropServices;
using Ostd.Arch;

namespace Ostd.Cpus;

/// <summary>Randomness of the hardware, mixed with timing; the seed of the kernel's generator.</summary>
public static class HardwareRandom
{
    private static ulong s_state;

    /// <summary>Fills a buffer. With the CPU's generator every 8 bytes are its own; without one they come from timing alone and are only hard to guess.</summary>
    public static void Fill(Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            CpuIdentification.TryReadRandom(out ulong value);
            s_state = Mix(s_state ^ TimeStampCounter.Read());
            value ^= s_state;
            ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(new ReadOnlySpan<ulong>(in value));
            int count = Math.Min(bytes.Length, destination.Length);
            bytes[..count].CopyTo(destination);
            destination = destination[count..];
        }
    }

    // The finalizer of SplitMix64 (Steele, Lea and Flood, 2014).
    private static ulong Mix(ulong value)
    {
        value += 0x9e37_79b9_7f4a_7c15;
        value = (value ^ (value >> 30)) * 0xbf58_476d_1ce4_e5b9;
        value = (value ^ (value >> 27)) * 0x94d0_49bb_1331_11eb;
        return value ^ (value >> 31);
    }
}
