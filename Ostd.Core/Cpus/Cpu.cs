// SPDX-License-Identifier: MPL-2.0
using System;

namespace Ostd.Cpus;

/// <summary>The CPUs.</summary>
public static class Cpu
{
    /// <summary>Number of CPUs that run.</summary>
    public static int Count => throw new NotSupportedException();

    /// <summary>Number of this CPU, from 0. Stable only while preemption is off.</summary>
    public static int CurrentId => throw new NotSupportedException();

    /// <summary>Linux's machine name: <c>x86_64</c>, <c>riscv64</c>, <c>loongarch64</c>.</summary>
    public static string MachineName => throw new NotSupportedException();

    /// <summary>Text for <c>/proc/cpuinfo</c> of one CPU, in the layout that Linux has on the architecture.</summary>
    public static string Describe(int cpu) => throw new NotSupportedException();

    /// <summary>AT_HWCAP of the auxiliary vector.</summary>
    public static ulong HardwareCapabilities => throw new NotSupportedException();
}

/// <summary>Randomness of the hardware, mixed with timing; the seed of the kernel's generator.</summary>
public static class HardwareRandom
{
    public static void Fill(Span<byte> destination) => throw new NotSupportedException();
}

/// <summary>A value for each CPU. Access needs a guard, so that the task cannot migrate meanwhile.</summary>
public sealed class PerCpu<T> where T : class
{
    public PerCpu(Func<int, T> create) => throw new NotSupportedException();

    /// <summary>This CPU's value.</summary>
    public T Get(in Tasks.PreemptGuard guard) => throw new NotSupportedException();

    /// <summary>Another CPU's value, for sums.</summary>
    public T this[int cpu] => throw new NotSupportedException();
}
