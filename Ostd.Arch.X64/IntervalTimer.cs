// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Arch;

/// <summary>Channel 2 of the 8254 interval timer: the yardstick that the other timers are measured with. Its output drives nothing but a status bit.</summary>
internal static class IntervalTimer
{
    /// <summary>Input clock of the 8254.</summary>
    public const uint FrequencyHz = 1_193_182;

    private const ushort Channel2 = 0x42;
    private const ushort Command = 0x43;
    private const ushort SystemControlB = 0x61;
    private const byte GateAndNoSpeaker = 0x01;
    private const byte OutputHigh = 0x20;

    /// <summary>Starts counting down. The output rises after <paramref name="count"/> periods.</summary>
    public static void Start(ushort count)
    {
        byte control = (byte)(PortIo.ReadByte(SystemControlB) & 0xfc);
        PortIo.WriteByte(SystemControlB, control);
        PortIo.WriteByte(Command, 0xb0); // channel 2, both bytes, mode 0, binary
        PortIo.WriteByte(Channel2, (byte)count);
        PortIo.WriteByte(Channel2, (byte)(count >> 8));
        PortIo.WriteByte(SystemControlB, (byte)(control | GateAndNoSpeaker)); // the gate's rise starts the count
    }

    /// <summary>The count has run out.</summary>
    public static bool IsExpired => (PortIo.ReadByte(SystemControlB) & OutputHigh) != 0;
}
