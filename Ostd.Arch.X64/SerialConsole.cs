// SPDX-License-Identifier: MPL-2.0
using System;

namespace Ostd.Arch;

/// <summary>The early console: the first 16550 UART, polled. Works before everything else and in any context.</summary>
public static class SerialConsole
{
    private const ushort Base = 0x3f8;
    private const ushort LineStatus = Base + 5;
    private const byte DataReady = 0x01;
    private const byte TransmitterEmpty = 0x20;
    private const byte NoDevice = 0xff;

    /// <summary>115200 baud, 8N1, FIFOs on, UART interrupts off.</summary>
    public static void Initialize()
    {
        PortIo.WriteByte(Base + 1, 0);
        PortIo.WriteByte(Base + 3, 0x80); // divisor latch
        PortIo.WriteByte(Base, 1);
        PortIo.WriteByte(Base + 1, 0);
        PortIo.WriteByte(Base + 3, 0x03);
        PortIo.WriteByte(Base + 2, 0x07);
        PortIo.WriteByte(Base + 4, 0x0b); // DTR, RTS, OUT2 (gates the interrupt line)
    }

    /// <summary>Writes one byte, waiting for room.</summary>
    [InterruptSafe]
    public static void Write(byte value)
    {
        // A UART that is not there reads as 0xff, so the loop ends.
        while ((PortIo.ReadByte(LineStatus) & TransmitterEmpty) == 0)
        {
            Interrupts.SpinHint();
        }

        PortIo.WriteByte(Base, value);
    }

    /// <summary>Reads a byte if one has come.</summary>
    public static bool TryRead(out byte value)
    {
        byte status = PortIo.ReadByte(LineStatus);
        bool isThere = status != NoDevice && (status & DataReady) != 0;
        value = isThere ? PortIo.ReadByte(Base) : (byte)0;
        return isThere;
    }

    /// <summary>Writes text as Latin-1, with a carriage return before each line feed.</summary>
    [InterruptSafe]
    public static void Write(ReadOnlySpan<char> text)
    {
        foreach (char c in text)
        {
            if (c == '\n')
            {
                Write((byte)'\r');
            }

            Write(c < 0x100 ? (byte)c : (byte)'?');
        }
    }
}
