// SPDX-License-Identifier: MPL-2.0
using System;

namespace Ostd.Arch;

/// <summary>The hosted CPU.</summary>
public static class CpuIdentification
{
    /// <summary>Linux's machine name.</summary>
    public static string MachineName => "x86_64";

    /// <summary>AT_HWCAP.</summary>
    public static ulong HardwareCapabilities => 0;

    /// <summary>A random number.</summary>
    public static bool TryReadRandom(out ulong value)
    {
        value = (ulong)Random.Shared.NextInt64(long.MinValue, long.MaxValue);
        return true;
    }
}
