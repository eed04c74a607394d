// SPDX-License-Identifier: MPL-2.0
using System.Globalization;

namespace Ostd.Arch;

/// <summary>A CPU as <c>/proc/cpuinfo</c> shows it (man 5 proc; the layout is Linux's for RISC-V).</summary>
public static class CpuDescription
{
    /// <summary>Describes one CPU.</summary>
    public static string Describe(int cpu, int count) =>
        "processor\t: " + Number((uint)cpu) + "\nhart\t\t: " + Number(CpuTopology.HardwareIdOf(cpu)) + "\nisa\t\t: " + CpuIdentification.InstructionSet + "\nmmu\t\t: sv48\n\n";

    private static string Number(uint value) => value.ToString(CultureInfo.InvariantCulture);
}
