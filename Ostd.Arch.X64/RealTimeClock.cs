// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Arch;

/// <summary>The MC146818 real-time clock, kept in UTC.</summary>
public static class RealTimeClock
{
    private const ushort Index = 0x70;
    private const ushort Data = 0x71;
    private const byte UpdateInProgress = 0x80;

    /// <summary>Seconds since 1970 (UTC).</summary>
    public static long ReadSeconds()
    {
        // The registers change between an update's begin and end: read until two readings outside of an update agree.
        long previous = -1;
        while (true)
        {
            while ((ReadRegister(0x0a) & UpdateInProgress) != 0)
            {
                Interrupts.SpinHint();
            }

            long now = ReadOnce();
            if (now == previous)
            {
                return now;
            }

            previous = now;
        }
    }

    private static long ReadOnce()
    {
        byte status = ReadRegister(0x0b);
        bool isBinary = (status & 0x04) != 0;
        bool is24Hour = (status & 0x02) != 0;
        int second = Decode(ReadRegister(0x00), isBinary);
        int minute = Decode(ReadRegister(0x02), isBinary);
        byte rawHour = ReadRegister(0x04);
        int hour = Decode((byte)(rawHour & 0x7f), isBinary);
        if (!is24Hour)
        {
            hour = hour % 12 + ((rawHour & 0x80) != 0 ? 12 : 0);
        }

        int day = Decode(ReadRegister(0x07), isBinary);
        int month = Decode(ReadRegister(0x08), isBinary);
        int year = Decode(ReadRegister(0x09), isBinary);
        int century = Decode(ReadRegister(0x32), isBinary);
        year += century is >= 19 and <= 22 ? century * 100 : year < 70 ? 2000 : 1900;
        return DaysSinceEpoch(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
    }

    private static int Decode(byte value, bool isBinary) => isBinary ? value : (value >> 4) * 10 + (value & 0x0f);

    private static byte ReadRegister(byte register)
    {
        PortIo.WriteByte(Index, register);
        return PortIo.ReadByte(Data);
    }

    // Days from 1970-01-01 in the proleptic Gregorian calendar, counting years from March so that the leap day is the last.
    private static long DaysSinceEpoch(int year, int month, int day)
    {
        int y = month <= 2 ? year - 1 : year;
        int m = month <= 2 ? month + 9 : month - 3;
        return 365L * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719_468;
    }
}
