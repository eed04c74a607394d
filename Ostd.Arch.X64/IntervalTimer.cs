// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Arch;

/// <summary>
/// Channel 0 of the 8254 interval timer: the yardstick that the other timers are measured with. Its interrupt stays masked, and its state is read back. Channel 2 would need a gate in a port of the keyboard controller's
/// age, which small machines (QEMU's microvm) do not have.
/// </summary>
internal static class IntervalTimer
{
    /// <summary>Input clock of the 8254.</summary>
    public const uint FrequencyHz = 1_193_182;

    private const ushort Channel0 = 0x40;
    private const ushort Command = 0x43;

    // Intel 8254 data sheet, "Control word format" and "Read-back command".
    private const byte CountOnce = 0x30; // channel 0, both bytes, mode 0, binary
    private const byte ReadBackStatus = 0xe2; // latch the status, not the count, of channel 0
    private const byte OutputHigh = 0x80;

    /// <summary>Starts counting down. The output rises after <paramref name="count"/> periods.</summary>
    public static void Start(ushort count)
    {
        PortIo.WriteByte(Command, CountOnce);
        PortIo.WriteByte(Channel0, (byte)count);
        PortIo.WriteByte(Channel0, (byte)(count >> 8)); // starts the count
    }

    /// <summary>The count has run out.</summary>
    public static bool IsExpired
    {
        get
        {
            PortIo.WriteByte(Command, ReadBackStatus);
            return (PortIo.ReadByte(Channel0) & OutputHigh) != 0;
        }
    }
}
