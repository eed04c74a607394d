// SPDX-License-Identifier: MPL-2.0
using Ostd.Arch.Firmware;

namespace Ostd.Arch;

/// <summary>Goldfish's real-time clock, in nanoseconds (Android goldfish, "GOLDFISH-VIRTUAL-HARDWARE").</summary>
public static class RealTimeClock
{
    private const ulong High = 4;

    /// <summary>Seconds since 1970 (UTC); 0 without a clock.</summary>
    public static long ReadSeconds()
    {
        if (Platform.FindDevice("google,goldfish-rtc"u8, out ulong clock, out _) is null)
        {
            return 0;
        }

        // A read of the lower half latches the upper one.
        ulong low = DeviceRegisters.ReadUInt32(clock);
        return (long)(((ulong)DeviceRegisters.ReadUInt32(clock + High) << 32 | low) / 1_000_000_000);
    }
}
