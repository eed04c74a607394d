// SPDX-License-Identifier: MPL-2.0
using System.Collections.Generic;
using System.Runtime;
using System.Runtime.CompilerServices;

namespace Ostd.Arch;

/// <summary>What the CPU can do, from its configuration words (LoongArch Reference Manual 1.10, volume 1, section 2.2.10.5).</summary>
public static class CpuIdentification
{
    private const int IdentityWord = 0;
    private const int FeatureWord1 = 1;
    private const int FeatureWord2 = 2;

    // Word, bit, and what Linux calls it in /proc/cpuinfo; the place in the list is the bit of AT_HWCAP (Linux, asm/hwcap.h for LoongArch). What needs more registers than the kernel saves is left out.
    private static readonly (int Word, int Bit, string Name)[] s_features =
    [
        (0, -1, "cpucfg"), (FeatureWord2, 22, "lam"), (FeatureWord1, 20, "ual"), (FeatureWord2, 0, "fpu"), (0, 0, ""), (0, 0, ""), (FeatureWord1, 25, "crc32"),
    ];

    /// <summary>Linux's machine name.</summary>
    public static string MachineName => "loongarch64";

    /// <summary>AT_HWCAP.</summary>
    public static ulong HardwareCapabilities
    {
        get
        {
            ulong bits = 0;
            for (int i = 0; i < s_features.Length; i++)
            {
                bits |= Has(i) ? 1ul << i : 0;
            }

            return bits;
        }
    }

    /// <summary>The CPU's model and revision: PRID.</summary>
    internal static uint Identity => ReadConfiguration(IdentityWord);

    /// <summary>Names of what it can do, with a space before each.</summary>
    internal static string Features
    {
        get
        {
            List<string> names = [];
            for (int i = 0; i < s_features.Length; i++)
            {
                if (Has(i))
                {
                    names.Add(" " + s_features[i].Name);
                }
            }

            return string.Concat(names);
        }
    }

    /// <summary>A random number: neither the CPU nor the machine's device tree has any.</summary>
    public static bool TryReadRandom(out ulong value)
    {
        value = 0;
        return false;
    }

    /// <summary>A configuration word (CPUCFG).</summary>
    internal static uint ReadConfiguration(int word) => (uint)ReadConfigurationCore(word);

    private static bool Has(int index)
    {
        (int word, int bit, string name) = s_features[index];
        return name.Length != 0 && (bit < 0 || (ReadConfiguration(word) >> bit & 1) != 0);
    }

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchReadCpuConfiguration")]
    private static extern ulong ReadConfigurationCore(nint word);
}
