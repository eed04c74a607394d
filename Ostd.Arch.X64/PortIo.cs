// SPDX-License-Identifier: MPL-2.0
using System.Runtime;
using System.Runtime.CompilerServices;

namespace Ostd.Arch;

/// <summary>The x86 I/O space.</summary>
public static class PortIo
{
    /// <summary>The architecture has an I/O space.</summary>
    public static bool IsSupported => true;

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchIn8")]
    public static extern byte ReadByte(ushort port);

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchIn16")]
    public static extern ushort ReadUInt16(ushort port);

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchIn32")]
    public static extern uint ReadUInt32(ushort port);

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchOut8")]
    public static extern void WriteByte(ushort port, byte value);

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchOut16")]
    public static extern void WriteUInt16(ushort port, ushort value);

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchOut32")]
    public static extern void WriteUInt32(ushort port, uint value);

    /// <summary>
    /// True when a port must not be given to drivers: OSTD uses it, or it could break memory safety (interrupt controllers, interval timer, system control port, RTC,
    /// PCI configuration, power and exit).
    /// </summary>
    public static bool IsSensitive(ushort port) => port switch
    {
        <= 0x1f => true, // DMA controller: writes memory
        >= 0x20 and <= 0x21 => true, // PIC
        >= 0x40 and <= 0x43 => true, // PIT
        0x61 => true, // system control port B
        >= 0x70 and <= 0x71 => true, // RTC, NMI mask
        >= 0x80 and <= 0x8f => true, // DMA pages
        0x92 => true, // system control port A: reset
        >= 0xa0 and <= 0xa1 => true, // PIC
        >= 0xc0 and <= 0xdf => true, // DMA controller
        >= 0xf4 and <= 0xf7 => true, // isa-debug-exit
        >= 0x4d0 and <= 0x4d1 => true, // ELCR
        >= 0x600 and <= 0x67f => true, // ACPI power management (QEMU q35 and microvm)
        >= 0xb000 and <= 0xb0ff => true, // ACPI power management (QEMU pc)
        >= 0xcf8 and <= 0xcff => true, // PCI configuration, reset control
        _ => false,
    };
}
