// SPDX-License-Identifier: MPL-2.0
using System.Runtime;
using System.Runtime.CompilerServices;

namespace Ostd.Arch;

/// <summary>Prepares the CPU that calls.</summary>
public static class CpuSetup
{
    /// <summary>Makes traps of the CPU that booted reach <c>KernelTrap</c>: the boot code has done so.</summary>
    public static void InitializeTraps()
    {
    }

    /// <summary>Lets the timer's interrupts, those of other CPUs and those of devices come.</summary>
    public static void Initialize()
    {
        InterProcessorRegisters.Enable();
        SetInterruptEnable(InterruptVectors.EnableDevices | InterruptVectors.EnableTimer | InterruptVectors.EnableInterProcessor);
    }

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchSetInterruptEnable")]
    private static extern void SetInterruptEnable(ulong bits);
}
