// SPDX-License-Identifier: MPL-2.0
using System;

namespace Ostd.Arch.Firmware;

/// <summary>Gives the devices of PCI's bus 0 their addresses in memory, where no firmware has done so (PCI Local Bus Specification 3.0, section 6.2.5). Port ranges are left out: nobody uses them here.</summary>
internal static class PciSetup
{
    private const int CommandRegister = 0x04;
    private const int HeaderRegister = 0x0c;
    private const int FirstBase = 0x10;
    private const int BaseCount = 6;
    private const uint CommandMemory = 1 << 1;
    private const uint MultiFunction = 0x80 << 16;
    private const int HeaderTypeShift = 16;
    private const uint HeaderTypeMask = 0x7f;
    private const uint PortBit = 1;
    private const uint TypeMask = 6;
    private const uint Type64Bit = 4;
    private const uint FlagMask = 0xf;
    private const int DeviceCount = 32;
    private const int FunctionCount = 8;
    private const int FunctionShift = 12;
    private const uint MemorySpace = 0x0200_0000;
    private const uint SpaceMask = 0x0300_0000;
    private const int RangeWords = 7;

    private static ulong s_next;
    private static ulong s_end;

    /// <summary>Assigns addresses from the window that the device tree tells of.</summary>
    public static void AssignAddresses()
    {
        if (!PciRegisters.TryGetWindow(out ulong window, out _, out _) || Platform.FindDevice("pci-host-ecam-generic"u8, out _, out _) is not { } host || !TryFindRange(host))
        {
            return;
        }

        for (int device = 0; device < DeviceCount; device++)
        {
            for (int function = 0; function < FunctionCount; function++)
            {
                ulong configuration = window + ((ulong)(device * FunctionCount + function) << FunctionShift);
                if ((ushort)DeviceRegisters.ReadUInt32(configuration) == ushort.MaxValue)
                {
                    if (function == 0)
                    {
                        break;
                    }

                    continue;
                }

                uint header = DeviceRegisters.ReadUInt32(configuration + HeaderRegister);
                if ((header >> HeaderTypeShift & HeaderTypeMask) == 0)
                {
                    AssignBases(configuration);
                }

                if (function == 0 && (header & MultiFunction) == 0)
                {
                    break;
                }
            }
        }
    }

    // An entry of "ranges" is three words of a PCI address, two of the CPU's and two of the length. The two addresses are the same on this machine.
    private static bool TryFindRange(DeviceTreeNode host)
    {
        int count = host.Get("ranges").Length / (RangeWords * sizeof(uint));
        for (int i = 0; i < count; i++)
        {
            int first = i * RangeWords;
            if ((host.GetWord("ranges", first) & SpaceMask) == MemorySpace)
            {
                s_next = (ulong)host.GetWord("ranges", first + 3) << 32 | host.GetWord("ranges", first + 4);
                s_end = s_next + ((ulong)host.GetWord("ranges", first + 5) << 32 | host.GetWord("ranges", first + 6));
                return true;
            }
        }

        return false;
    }

    private static void AssignBases(ulong configuration)
    {
        uint command = DeviceRegisters.ReadUInt32(configuration + CommandRegister) & ushort.MaxValue;
        bool isComplete = true;
        DeviceRegisters.WriteUInt32(configuration + CommandRegister, command & ~CommandMemory);
        for (int i = 0; i < BaseCount; i++)
        {
            ulong register = configuration + FirstBase + (ulong)i * sizeof(uint);
            DeviceRegisters.WriteUInt32(register, uint.MaxValue);
            uint mask = DeviceRegisters.ReadUInt32(register);
            if (mask == 0 || (mask & PortBit) != 0)
            {
                DeviceRegisters.WriteUInt32(register, 0);
                continue;
            }

            // A size of more than 4 GiB is more than the window has: then the function stays without addresses.
            bool is64Bit = (mask & TypeMask) == Type64Bit;
            ulong size = (uint)~(mask & ~FlagMask) + 1ul;
            ulong address = Allocate(size);
            isComplete &= address != 0;
            DeviceRegisters.WriteUInt32(register, (uint)address);
            if (is64Bit)
            {
                DeviceRegisters.WriteUInt32(register + sizeof(uint), (uint)(address >> 32));
                i++;
            }
        }

        DeviceRegisters.WriteUInt32(configuration + CommandRegister, isComplete ? command | CommandMemory : command & ~CommandMemory);
    }

    // Aligned to the size, as the bus wants it, and to pages, so that no device has registers in a page of another's.
    private static ulong Allocate(ulong size)
    {
        ulong alignment = Math.Max(size, 1ul << PageTableFormat.PageShift);
        ulong address = (s_next + alignment - 1) & ~(alignment - 1);
        if (address > s_end || size > s_end - address)
        {
            return 0;
        }

        s_next = address + size;
        return address;
    }
}
