// SPDX-License-Identifier: MPL-2.0
using System.Runtime;
using System.Runtime.CompilerServices;

namespace Ostd.Arch;

/// <summary>CPUID (SDM volume 2).</summary>
public static unsafe class CpuIdentification
{
    /// <summary>Linux's machine name.</summary>
    public static string MachineName => "x86_64";

    /// <summary>AT_HWCAP: CPUID.1:EDX.</summary>
    public static ulong HardwareCapabilities => Query(1).Edx;

    /// <summary>The CPU has RDRAND.</summary>
    public static bool HasHardwareRandom => (Query(1).Ecx & (1u << 30)) != 0;

    internal static bool HasTscDeadline => (Query(1).Ecx & (1u << 24)) != 0;

    internal static bool HasX2Apic => (Query(1).Ecx & (1u << 21)) != 0;

    internal static bool HasSmep => MaxLeaf >= 7 && (Query(7).Ebx & (1u << 7)) != 0;

    internal static bool HasSmap => MaxLeaf >= 7 && (Query(7).Ebx & (1u << 20)) != 0;

    internal static bool HasUmip => MaxLeaf >= 7 && (Query(7).Ecx & (1u << 2)) != 0;

    /// <summary>Highest basic leaf.</summary>
    public static uint MaxLeaf => Query(0).Eax;

    /// <summary>Executes CPUID.</summary>
    public static CpuIdResult Query(uint leaf, uint subleaf = 0)
    {
        CpuIdResult result;

        // SAFETY: the stub writes 16 bytes.
        CpuId(leaf, subleaf, &result);
        return result;
    }

    /// <summary>One random value of the CPU's generator.</summary>
    /// <returns>False when it has none.</returns>
    public static bool TryReadRandom(out ulong value)
    {
        value = 0;
        if (!HasHardwareRandom)
        {
            return false;
        }

        for (int i = 0; i < 10; i++) // SDM volume 1, section 7.3.17.1: an underflow lasts no longer on a healthy generator
        {
            ulong random;

            // SAFETY: the stub writes 8 bytes.
            if (ReadRandom(&random) != 0)
            {
                value = random;
                return true;
            }
        }

        return false;
    }

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchCpuId")]
    private static extern void CpuId(uint leaf, uint subleaf, CpuIdResult* result);

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchReadRandom")]
    private static extern int ReadRandom(ulong* value);
}

/// <summary>The four registers that CPUID fills.</summary>
public struct CpuIdResult
{
    public uint Eax;
    public uint Ebx;
    public uint Ecx;
    public uint Edx;
}
