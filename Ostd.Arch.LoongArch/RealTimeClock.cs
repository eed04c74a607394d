// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Arch.Firmware;

namespace Ostd.Arch;

/// <summary>The time-of-year counter of the LS7A bridge (Loongson 7A1000 manual, section 19.2).</summary>
public static class RealTimeClock
{
    private const ulong ReadLow = 0x2c;
    private const ulong ReadYear = 0x30;
    private const ulong Control = 0x40;
    private const uint OscillatorOn = 1 << 8;
    private const uint CounterOn = 1 << 11;
    private const int BaseYear = 1900;

    /// <summary>Seconds since 1970 (UTC); 0 without a clock.</summary>
    public static long ReadSeconds()
    {
        if (Platform.FindDevice("loongson,ls7a-rtc"u8, out ulong clock, out _) is null)
        {
            return 0;
        }

        DeviceRegisters.WriteUInt32(clock + Control, OscillatorOn | CounterOn);
        uint year = DeviceRegisters.ReadUInt32(clock + ReadYear);
        while (true)
        {
            uint low = DeviceRegisters.ReadUInt32(clock + ReadLow);
            uint yearAgain = DeviceRegisters.ReadUInt32(clock + ReadYear);
            if (year == yearAgain)
            {
                return Seconds(year + BaseYear, low >> 26, low >> 21 & 31, low >> 16 & 31, low >> 10 & 63, low >> 4 & 63);
            }

            year = yearAgain;
        }
    }

    private static long Seconds(uint year, uint month, uint day, uint hour, uint minute, uint second)
    {
        if (year > 9999 || month is 0 or > 12 || day == 0 || day > DateTime.DaysInMonth((int)year, (int)month))
        {
            return 0;
        }

        long days = new DateTime((int)year, (int)month, (int)day).Ticks / TimeSpan.TicksPerDay - DateTime.UnixEpoch.Ticks / TimeSpan.TicksPerDay;
        return ((days * 24 + hour) * 60 + minute) * 60 + second;
    }
}
