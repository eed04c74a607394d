// SPDX-License-Identifier: MPL-2.0
using System;

namespace Ostd.Arch;

/// <summary>The early console: the 16550 UART of QEMU's virt machine, polled. Works before everything else and in any context.</summary>
public static partial class SerialConsole
{
    private const ulong LineStatus = Base + 5;
    private const byte DataReady = 0x01;
    private const byte TransmitterEmpty = 0x20;

    /// <summary>8N1, FIFOs on, UART interrupts off. The rate stays as it is.</summary>
    public static void Initialize()
    {
        DeviceRegisters.WriteByte(Base + 1, 0);
        DeviceRegisters.WriteByte(Base + 3, 0x03);
        DeviceRegisters.WriteByte(Base + 2, 0x07);
        DeviceRegisters.WriteByte(Base + 4, 0x0b);
    }

    /// <summary>Writes one byte, waiting for room.</summary>
    [InterruptSafe]
    public static void Write(byte value)
    {
        while ((DeviceRegisters.ReadByte(LineStatus) & TransmitterEmpty) == 0)
        {
            Interrupts.SpinHint();
        }

        DeviceRegisters.WriteByte(Base, value);
    }

    /// <summary>Reads a byte if one has come.</summary>
    public static bool TryRead(out byte value)
    {
        bool isThere = (DeviceRegisters.ReadByte(LineStatus) & DataReady) != 0;
        value = isThere ? DeviceRegisters.ReadByte(Base) : (byte)0;
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
