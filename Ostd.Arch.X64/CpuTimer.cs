// SPDX-License-Identifier: MPL-2.0
using System;

namespace Ostd.Arch;

/// <summary>The one-shot timer of the CPU that calls. It raises <see cref="TrapKind.Timer"/>.</summary>
public static class CpuTimer
{
    private const int CalibrationMs = 10;
    private const int MaxCalibrations = 10;

    private static bool s_usesDeadline;
    private static ulong s_countsPerSecond;

    /// <summary>Measures the time stamp counter and the APIC timer against the interval timer: 10 ms, and again as long as something came in between.</summary>
    public static void Calibrate()
    {
        ulong knownHz = HypervisorOrCpuFrequency();
        s_usesDeadline = CpuIdentification.HasTscDeadline && knownHz != 0;
        if (s_usesDeadline)
        {
            TimeStampCounter.FrequencyHz = knownHz;
            LocalApic.SelectTscDeadline();
            return;
        }

        const ushort periods = (ushort)(IntervalTimer.FrequencyHz * CalibrationMs / 1000);
        ulong cycles = 0;
        uint counts = 0;
        ulong best = ulong.MaxValue;
        for (int i = 0; i < MaxCalibrations && best > cycles / 100; i++)
        {
            ulong uncertainty = Measure(periods, out ulong measuredCycles, out uint measuredCounts);
            if (uncertainty < best)
            {
                best = uncertainty;
                cycles = measuredCycles;
                counts = measuredCounts;
            }
        }

        TimeStampCounter.FrequencyHz = knownHz != 0 ? knownHz : cycles * IntervalTimer.FrequencyHz / periods;
        s_countsPerSecond = (ulong)counts * IntervalTimer.FrequencyHz / periods;
    }

    // A virtual CPU may stand still between any two steps. What passes while the interval timer is started, and between the last two looks at it, belongs to the interval or not.
    private static ulong Measure(ushort periods, out ulong cycles, out uint counts)
    {
        ulong before = TimeStampCounter.Read();
        IntervalTimer.Start(periods);
        LocalApic.StartCount(uint.MaxValue);
        ulong start = TimeStampCounter.Read();
        ulong lastLook;
        do
        {
            lastLook = TimeStampCounter.Read();
        }
        while (!IntervalTimer.IsExpired);

        counts = uint.MaxValue - LocalApic.CurrentCount;
        ulong end = TimeStampCounter.Read();
        LocalApic.StartCount(0);
        cycles = end - start;
        return start - before + (end - lastLook);
    }

    /// <summary>Prepares the timer of a further CPU: it runs as that of the first, which was measured.</summary>
    internal static void InitializeSecondary()
    {
        if (s_usesDeadline)
        {
            LocalApic.SelectTscDeadline();
        }
    }

    /// <summary>Raises the interrupt after so many nanoseconds (or a little earlier when the hardware cannot count that far), replacing an earlier order.</summary>
    [InterruptSafe]
    public static void Arm(long delayNs)
    {
        ulong delay = (ulong)Math.Clamp(delayNs, 0, 1_000_000_000);
        if (s_usesDeadline)
        {
            Msr.Write(Msr.TscDeadline, TimeStampCounter.Read() + delay * TimeStampCounter.FrequencyHz / 1_000_000_000);
        }
        else
        {
            LocalApic.StartCount((uint)Math.Clamp(delay * s_countsPerSecond / 1_000_000_000, 1, uint.MaxValue));
        }
    }

    // CPUID.15H (crystal ratio, SDM volume 2) or the hypervisors' timing leaf 0x40000010 (TSC in kHz).
    private static ulong HypervisorOrCpuFrequency()
    {
        const uint hypervisorPresent = 1u << 31;
        if ((CpuIdentification.Query(1).Ecx & hypervisorPresent) != 0)
        {
            uint max = CpuIdentification.Query(0x4000_0000).Eax;
            if (max is >= 0x4000_0010 and < 0x4001_0000)
            {
                return CpuIdentification.Query(0x4000_0010).Eax * 1000ul;
            }
        }

        if (CpuIdentification.MaxLeaf >= 0x15)
        {
            CpuIdResult ratio = CpuIdentification.Query(0x15);
            if (ratio.Eax != 0 && ratio.Ebx != 0 && ratio.Ecx != 0)
            {
                return (ulong)ratio.Ecx * ratio.Ebx / ratio.Eax;
            }
        }

        return 0;
    }
}
