// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Arch;

/// <summary>The hosted machine has no ports.</summary>
public static class PortIo
{
    /// <summary>There are no ports.</summary>
    public static bool IsSupported => false;

    /// <summary>Every port is refused.</summary>
    public static bool IsSensitive(ushort port) => true;

    /// <summary>What an empty bus reads.</summary>
    public static byte ReadByte(ushort port) => byte.MaxValue;

    /// <summary>What an empty bus reads.</summary>
    public static ushort ReadUInt16(ushort port) => ushort.MaxValue;

    /// <summary>What an empty bus reads.</summary>
    public static uint ReadUInt32(ushort port) => uint.MaxValue;

    /// <summary>Goes nowhere.</summary>
    public static void WriteByte(ushort port, byte value)
    {
    }

    /// <summary>Goes nowhere.</summary>
    public static void WriteUInt16(ushort port, ushort value)
    {
    }

    /// <summary>Goes nowhere.</summary>
    public static void WriteUInt32(ushort port, uint value)
    {
    }
}
