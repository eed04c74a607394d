// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Arch;

/// <summary>The hosted machine has one CPU.</summary>
public static class CpuTopology
{
    /// <summary>Number of CPUs.</summary>
    public static int Count => 1;

    /// <summary>Number by which a CPU is reached.</summary>
    public static uint HardwareIdOf(int cpu) => 0;
}
