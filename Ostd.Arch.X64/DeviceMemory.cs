// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Arch.Acpi;

namespace Ostd.Arch;

/// <summary>Device registers in physical memory: how they are reached, and which of them drivers must never have.</summary>
public static unsafe class DeviceMemory
{
    // The chipset's own: I/O APICs, HPET (which can raise any interrupt), TPM, DMA remapping units, local APICs, and the window in which a write is an interrupt
    // (Intel SDM volume 3, sections 11.4.1 and 11.11.1; PC firmware keeps to it).
    private const ulong ChipsetStart = 0xfec0_0000;
    private const ulong ChipsetEnd = 0xfef0_0000;

    // Tables lie in the part of memory that the boot stub has mapped.
    private const ulong ReadableLength = 4ul << 30;
    private const ulong PageSize = 4096;
    private const ulong ConfigurationWindowLength = 256ul << 20;

    private static RemappingTable s_units;

    /// <summary>The machine's DMA remapping units.</summary>
    internal static ref readonly RemappingTable Units => ref s_units;

    /// <summary>Where device registers are reachable without page tables; null when the kernel has to map them.</summary>
    public static byte* FixedMapping(ulong physicalAddress, ulong length) => null;

    /// <summary>True when the range touches registers that could break memory safety: interrupt controllers, DMA remapping, PCI configuration.</summary>
    public static bool IsSensitive(ulong start, ulong length)
    {
        if (Overlaps(start, length, ChipsetStart, ChipsetEnd - ChipsetStart)
            || Overlaps(start, length, CpuTopology.Table.IoApicAddress & ~(PageSize - 1), PageSize))
        {
            return true;
        }

        // Those of a table that was refused, too.
        for (int i = 0; i < s_units.UnitCount; i++)
        {
            if (Overlaps(start, length, s_units.AddressOf(i), s_units.LengthOf(i)))
            {
                return true;
            }
        }

        return PciRegisters.TryGetWindow(out ulong window, out _, out _) && Overlaps(start, length, window, ConfigurationWindowLength);
    }

    /// <summary>Reads the firmware's table of DMA remapping units. On the CPU that booted, before memory is handed out.</summary>
    internal static void Initialize()
    {
        // SAFETY: the linear map covers the first 4 GiB.
        var memory = new AcpiMemory(PhysicalMap.ToPointer(0), ReadableLength);
        if (AcpiTables.TryFind(memory, BootParameters.AcpiRootPointer, "DMAR"u8, out ReadOnlySpan<byte> table))
        {
            s_units.Read(table);
        }
    }

    private static bool Overlaps(ulong start, ulong length, ulong otherStart, ulong otherLength) => start < otherStart + otherLength && otherStart < start + length;
}
