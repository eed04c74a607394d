// SPDX-License-Identifier: MPL-2.0
using System;
using System.Buffers.Binary;
using System.Threading;
using Ostd.Arch.Firmware;

namespace Ostd.Arch;

/// <summary>What the CPU can do, from the device tree's <c>riscv,isa</c>.</summary>
public static class CpuIdentification
{
    private const int MaxSeeds = 64;

    private static int s_seedsUsed;

    /// <summary>Linux's machine name.</summary>
    public static string MachineName => "riscv64";

    /// <summary>AT_HWCAP: a bit for each of the extensions with one letter, bit 0 for A (Linux, <c>asm/hwcap.h</c>). Those that user programs cannot use are left out.</summary>
    public static ulong HardwareCapabilities
    {
        get
        {
            ulong bits = 0;
            string isa = InstructionSet;
            for (int i = 4; i < isa.Length && isa[i] is >= 'a' and <= 'z'; i++)
            {
                bits |= isa[i] is 'i' or 'm' or 'a' or 'f' or 'd' or 'c' ? 1ul << (isa[i] - 'a') : 0;
            }

            return bits;
        }
    }

    /// <summary>The text that describes it: <c>rv64imafdc</c> and on.</summary>
    internal static string InstructionSet => Platform.Cpus.Count == 0 ? "rv64imac" : Platform.Cpus[0].GetText("riscv,isa");

    /// <summary>A random number: of the few that the firmware or the loader has put into the device tree (<c>rng-seed</c>), each once. CPUs have no generator for S-mode here.</summary>
    public static bool TryReadRandom(out ulong value)
    {
        value = 0;
        int index = Math.Min(Interlocked.Increment(ref s_seedsUsed) - 1, MaxSeeds);
        ReadOnlySpan<byte> seed = Platform.Find(Platform.Root, "chosen") is { } chosen ? chosen.Get("rng-seed") : default;
        return index < MaxSeeds && BinaryPrimitives.TryReadUInt64LittleEndian(seed[Math.Min(seed.Length, index * sizeof(ulong))..], out value);
    }
}
