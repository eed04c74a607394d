// SPDX-License-Identifier: MPL-2.0
using Ostd.Arch;

namespace Ostd.Cpus;

/// <summary>The CPUs.</summary>
public static class Cpu
{
    /// <summary>How many CPUs the framework can run.</summary>
    public const int MaxCount = 64;

    /// <summary>Number of CPUs that run: 0 to this, less one. Known before the first component is built.</summary>
    public static int Count { get; internal set; } = 1;

    /// <summary>The CPUs that run, bit by bit.</summary>
    [InterruptSafe]
    public static ulong OnlineMask => Count >= MaxCount ? ulong.MaxValue : (1ul << Count) - 1;

    /// <summary>Number of this CPU, from 0. Stable only while preemption is off.</summary>
    [InterruptSafe]
    public static int CurrentId => ThisCpu.Id;

    /// <summary>Linux's machine name: <c>x86_64</c>, <c>riscv64</c>, <c>loongarch64</c>.</summary>
    public static string MachineName => CpuIdentification.MachineName;

    /// <summary>AT_HWCAP of the auxiliary vector.</summary>
    public static ulong HardwareCapabilities => CpuIdentification.HardwareCapabilities;

    /// <summary>Text for <c>/proc/cpuinfo</c> of one CPU, in the layout that Linux has on the architecture.</summary>
    public static string Describe(int cpu) => CpuDescription.Describe(cpu, Count);
}
