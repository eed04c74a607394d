// SPDX-License-Identifier: MPL-2.0
using System.Runtime;
using System.Runtime.CompilerServices;

namespace Ostd.Arch;

/// <summary>Prepares the CPU that calls. What protects the kernel from itself is on already: supervisor code neither executes user pages nor, without sstatus.SUM, accesses them.</summary>
public static class CpuSetup
{
    private const ulong TimeCounter = 1 << 1;

    /// <summary>Makes traps of the CPU that booted reach <c>KernelTrap</c>: the boot code has done so.</summary>
    public static void InitializeTraps()
    {
    }

    /// <summary>Lets user programs read the time, and the interrupts of other CPUs and of devices come. That of the timer follows with its first order.</summary>
    public static void Initialize()
    {
        SetCounterAccess(TimeCounter);
        SetInterruptEnable(InterruptVectors.EnableSoftware | InterruptVectors.EnableExternal);
    }

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchSetCounterAccess")]
    private static extern void SetCounterAccess(ulong bits);

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchSetInterruptEnable")]
    private static extern void SetInterruptEnable(ulong bits);
}
