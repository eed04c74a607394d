// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Arch.Firmware;

namespace Ostd.Arch;

/// <summary>The CPUs that the machine has. Number 0 is the one that booted; the others follow in the order of the device tree.</summary>
public static class CpuTopology
{
    /// <summary>Number of CPUs that could run, the one that booted included.</summary>
    public static int Count => Math.Max(1, Platform.Cpus.Count);

    /// <summary>Number by which a CPU is reached by interrupts: its CPUID.</summary>
    public static uint HardwareIdOf(int cpu)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)cpu, (uint)Count);
        return cpu == 0 ? Platform.BootCpu : Platform.Cpus[cpu].GetWord("reg");
    }
}
