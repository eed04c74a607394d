// SPDX-License-Identifier: MPL-2.0
using System;
using System.Runtime;
using System.Runtime.CompilerServices;

namespace Ostd.Arch;

/// <summary>The one-shot timer of the CPU that calls (LoongArch Reference Manual 1.10, volume 1, section 7.6). It raises <see cref="TrapKind.Timer"/>.</summary>
public static class CpuTimer
{
    private const int CrystalFrequencyWord = 4;
    private const int CrystalRatioWord = 5;

    // TCFG: the count's lower two bits are 0 and the place of the enable bit.
    private const ulong Enable = 1;
    private const ulong CountMask = ~3ul;
    private const ulong MinimumCount = 4;

    /// <summary>Takes the counter's frequency from the CPU's configuration words: that of the crystal, multiplied and divided (section 2.2.10.5).</summary>
    public static void Calibrate()
    {
        uint ratio = CpuIdentification.ReadConfiguration(CrystalRatioWord);
        ulong multiplier = ratio & 0xffff;
        ulong divisor = ratio >> 16;
        TimeStampCounter.FrequencyHz = divisor == 0 ? 0 : CpuIdentification.ReadConfiguration(CrystalFrequencyWord) * multiplier / divisor;
    }

    /// <summary>Raises the interrupt after so many nanoseconds (or a little earlier), replacing an earlier order.</summary>
    [InterruptSafe]
    public static void Arm(long delayNs)
    {
        ulong delay = (ulong)Math.Clamp(delayNs, 0, 1_000_000_000);
        ulong count = delay * TimeStampCounter.FrequencyHz / 1_000_000_000 & CountMask;
        SetTimer(Math.Max(count, MinimumCount) | Enable);
    }

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchSetTimer")]
    [InterruptSafe]
    private static extern void SetTimer(ulong configuration);
}
