// SPDX-License-Identifier: MPL-2.0
using System;
using System.Runtime;
using System.Runtime.CompilerServices;
using Ostd.Arch.Firmware;

namespace Ostd.Arch;

/// <summary>The one-shot timer of the CPU that calls. It raises <see cref="TrapKind.Timer"/>.</summary>
public static class CpuTimer
{
    /// <summary>Takes the frequency of the time counter from the device tree: it is the same for all harts.</summary>
    public static void Calibrate() => TimeStampCounter.FrequencyHz = Platform.Find(Platform.Root, "cpus")?.GetWord("timebase-frequency") ?? 0;

    /// <summary>Raises the interrupt after so many nanoseconds (or a little earlier), replacing an earlier order. The trap code has taken sie.STIE away, because the interrupt stays up until the next order.</summary>
    [InterruptSafe]
    public static void Arm(long delayNs)
    {
        ulong delay = (ulong)Math.Clamp(delayNs, 0, 1_000_000_000);
        Sbi.SetTimer(TimeStampCounter.Read() + delay * TimeStampCounter.FrequencyHz / 1_000_000_000);
        EnableTimer();
    }

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchEnableTimer")]
    [InterruptSafe]
    private static extern void EnableTimer();
}
