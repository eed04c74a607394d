// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Arch.Acpi;

namespace Ostd.Arch;

/// <summary>The CPUs that the machine has. Number 0 is the one that booted; the others follow in the order of the firmware's table.</summary>
public static unsafe class CpuTopology
{
    // Tables lie in the part of memory that the boot stub has mapped.
    private const ulong ReadableLength = 4ul << 30;

    private static InterruptTable s_table;
    private static int s_bootIndex;
    private static uint s_bootApicId;

    /// <summary>Number of CPUs that could run, the one that booted included.</summary>
    public static int Count => s_bootIndex < 0 ? 1 : Math.Max(1, s_table.CpuCount);

    /// <summary>The wiring of interrupts.</summary>
    internal static ref readonly InterruptTable Table => ref s_table;

    /// <summary>Number by which a CPU is reached by interrupts.</summary>
    public static uint HardwareIdOf(int cpu)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)cpu, (uint)Count);
        return cpu == 0 ? s_bootApicId : s_table.ApicIdOf(cpu <= s_bootIndex ? cpu - 1 : cpu);
    }

    /// <summary>Reads the firmware's table. On the CPU that booted, before memory is handed out: the tables may lie in memory that the firmware lends.</summary>
    internal static void Initialize(uint bootApicId)
    {
        s_bootApicId = bootApicId;
        s_bootIndex = -1;
        s_table.Reset();

        // SAFETY: the linear map covers the first 4 GiB.
        var memory = new AcpiMemory(PhysicalMap.ToPointer(0), ReadableLength);
        if (!AcpiTables.TryFind(memory, BootParameters.AcpiRootPointer, "APIC"u8, out ReadOnlySpan<byte> table))
        {
            return;
        }

        s_table.Read(table);
        for (int i = 0; i < s_table.CpuCount; i++)
        {
            if (s_table.ApicIdOf(i) == bootApicId)
            {
                s_bootIndex = i;
            }
        }
    }
}
