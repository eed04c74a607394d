// SPDX-License-Identifier: MPL-2.0
using System;
using System.Buffers.Binary;
using Ostd.Arch.Acpi;

namespace Ostd.Arch;

/// <summary>The two ways to PCI configuration space on a PC: the memory window that firmware tells of, and a pair of ports.</summary>
public static unsafe class PciRegisters
{
    private const ushort AddressPort = 0xcf8;
    private const ushort DataPort = 0xcfc;
    private const uint EnableBit = 1u << 31;
    private const ulong ReadableLength = 4ul << 30;
    private const int EntriesOffset = 44;
    private const int EntryLength = 16;

    private static ulong s_window;
    private static byte s_firstBus;
    private static byte s_lastBus;

    /// <summary>There are ports for it.</summary>
    public static bool HasPorts => true;

    /// <summary>The window of segment 0 (PCI Firmware Specification 3.3, section 4.1.2: the MCFG table).</summary>
    /// <param name="address">Physical address of bus 0, whether or not the window begins with it; each bus has 1 MiB.</param>
    /// <param name="firstBus">First bus in the window.</param>
    /// <param name="lastBus">Last bus in the window.</param>
    /// <returns>False when the firmware tells of none.</returns>
    public static bool TryGetWindow(out ulong address, out byte firstBus, out byte lastBus)
    {
        address = s_window;
        firstBus = s_firstBus;
        lastBus = s_lastBus;
        return address != 0;
    }

    /// <summary>Reads four bytes through the ports (PCI Local Bus Specification 3.0, section 3.2.2.3.2). The caller's lock keeps the two steps together.</summary>
    public static uint ReadPorts(byte bus, byte deviceFunction, int offset)
    {
        PortIo.WriteUInt32(AddressPort, Select(bus, deviceFunction, offset));
        return PortIo.ReadUInt32(DataPort);
    }

    /// <summary>Writes four bytes through the ports.</summary>
    public static void WritePorts(byte bus, byte deviceFunction, int offset, uint value)
    {
        PortIo.WriteUInt32(AddressPort, Select(bus, deviceFunction, offset));
        PortIo.WriteUInt32(DataPort, value);
    }

    private static uint Select(byte bus, byte deviceFunction, int offset) => EnableBit | ((uint)bus << 16) | ((uint)deviceFunction << 8) | ((uint)offset & 0xfc);

    /// <summary>Reads the firmware's table. On the CPU that booted, before memory is handed out: the tables may lie in memory that the firmware lends.</summary>
    internal static void Initialize()
    {
        // SAFETY: the linear map covers the first 4 GiB.
        var memory = new AcpiMemory(PhysicalMap.ToPointer(0), ReadableLength);
        if (!AcpiTables.TryFind(memory, BootParameters.AcpiRootPointer, "MCFG"u8, out ReadOnlySpan<byte> table) || table.Length < EntriesOffset)
        {
            return;
        }

        for (ReadOnlySpan<byte> rest = table[EntriesOffset..]; rest.Length >= EntryLength; rest = rest[EntryLength..])
        {
            bool isFirstSegment = BinaryPrimitives.ReadUInt16LittleEndian(rest[8..]) == 0;
            if (isFirstSegment && rest[10] <= rest[11])
            {
                s_window = BinaryPrimitives.ReadUInt64LittleEndian(rest);
                s_firstBus = rest[10];
                s_lastBus = rest[11];
                return;
            }
        }
    }
}
