// SPDX-License-Identifier: MPL-2.0
using System;

namespace Ostd.Arch;

/// <summary>There are no further CPUs to start on the hosted machine.</summary>
// SAFETY: nothing is done with the pointers.
public static unsafe class CpuStartup
{
    /// <summary>Size of a CPU's area.</summary>
    public static int AreaSizeBytes => 0;

    /// <summary>Refuses.</summary>
    public static bool Open(ulong kernelRoot) => false;

    /// <summary>Never called.</summary>
    public static void Prepare(byte* area, int cpu, nint runtimeThread) => throw new NotSupportedException();

    /// <summary>Never called.</summary>
    public static void Start(uint hardwareId, byte* area, nuint stackEnd, delegate*<bool> hasArrived) => throw new NotSupportedException();

    /// <summary>Never called.</summary>
    public static void Stop(uint hardwareId) => throw new NotSupportedException();

    /// <summary>Nothing to take away.</summary>
    public static void Close()
    {
    }

    /// <summary>Never called.</summary>
    public static void InitializeThisCpu() => throw new NotSupportedException();
}
