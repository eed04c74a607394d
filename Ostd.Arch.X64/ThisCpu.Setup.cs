// SPDX-License-Identifier: MPL-2.0
using System.Runtime;
using System.Runtime.CompilerServices;
using Ostd.Arch.Layout;

namespace Ostd.Arch;

/// <content>The way to the block: the GS base.</content>
public static partial class ThisCpu
{
    /// <summary>Makes the boot CPU's block reachable. The first thing that the kernel does.</summary>
    // SAFETY: the boot CPU's block is reserved by the linker script, and nobody else knows it yet.
    public static unsafe void InitializeBootCpu()
    {
        byte* block = (byte*)BootPerCpu();
        Initialize(block, 0);
    }

    /// <summary>Prepares a CPU's block and points GS to it. Called on the CPU itself.</summary>
    public static unsafe void Initialize(byte* block, int id)
    {
        // SAFETY: the block is PerCpuLayout.Size bytes, owned by this CPU alone.
        *(nint*)(block + PerCpuLayout.Self) = (nint)block;
        *(int*)(block + PerCpuLayout.CpuId) = id;
        *(int*)(block + PerCpuLayout.HolderId) = HolderIdOf(id);
        *(int*)(block + PerCpuLayout.Preemption) = 1;
        *(uint*)(block + PerCpuLayout.KernelMxcsr) = FloatingPoint.DefaultMxcsr;
        *(nint*)(block + PerCpuLayout.AllocationCache) = EmptyAllocationCache(); // the first allocation makes one
        Msr.Write(Msr.GsBase, (ulong)block);
        Msr.Write(Msr.KernelGsBase, 0);
    }

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchBootPerCpu")]
    private static extern nint BootPerCpu();
}
