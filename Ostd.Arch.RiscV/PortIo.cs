// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Arch;

/// <summary>An I/O space apart from memory: this architecture has none, and OSTD gives nobody a range of it.</summary>
public static class PortIo
{
    /// <summary>The architecture has an I/O space.</summary>
    public static bool IsSupported => false;

    /// <summary>True when a port must not be given to drivers.</summary>
    public static bool IsSensitive(ushort port) => true;

    // Nobody gets here: the members are there for OSTD's code to compile against. They answer as an empty bus does.
    [InterruptSafe]
    public static byte ReadByte(ushort port) => byte.MaxValue;

    public static ushort ReadUInt16(ushort port) => ushort.MaxValue;

    public static uint ReadUInt32(ushort port) => uint.MaxValue;

    [InterruptSafe]
    public static void WriteByte(ushort port, byte value)
    {
    }

    public static void WriteUInt16(ushort port, ushort value)
    {
    }

    public static void WriteUInt32(ushort port, uint value)
    {
    }
}
