// SPDX-License-Identifier: MPL-2.0
using System.Runtime;
using System.Runtime.CompilerServices;
using Ostd.Arch.Layout;

namespace Ostd.Arch;

/// <summary>Starts further CPUs, which wait in the boot code with paging off for an interrupt of this one, and come to <c>CpuEntry</c> of Ostd.Core.</summary>
// SAFETY: the words are the boot code's, in the kernel image, written while the CPU that reads them has not been told to. An area is its CPU's alone.
public static unsafe class CpuStartup
{
    private const int EmergencyStackSize = 8 * 1024;
    private const int AreaWord = 0;
    private const int StackWord = 1;
    private const int TargetWord = 2;
    private const ulong NobodysTarget = ulong.MaxValue;

    /// <summary>Size of what each further CPU has to itself: the per-CPU block, and a stack for traps that find no room on theirs.</summary>
    public static int AreaSizeBytes => PerCpuLayout.Size + EmergencyStackSize;

    /// <summary>CPUs begin with the tables of the one that booted: nothing is to be said.</summary>
    /// <param name="kernelRoot">Physical address of the kernel's page-table root.</param>
    public static bool Open(ulong kernelRoot) => true;

    /// <summary>Fills a CPU's area, before it starts.</summary>
    /// <param name="area">Zeroed memory of <see cref="AreaSizeBytes"/>, never moved or freed.</param>
    /// <param name="cpu">The CPU's number.</param>
    /// <param name="runtimeThread">The runtime's record of the task that the CPU runs first.</param>
    public static void Prepare(byte* area, int cpu, nint runtimeThread)
    {
        *(nint*)(area + PerCpuLayout.Self) = (nint)area;
        *(nint*)(area + PerCpuLayout.RuntimeThread) = runtimeThread;
        *(int*)(area + PerCpuLayout.CpuId) = cpu;
        *(int*)(area + PerCpuLayout.HolderId) = ThisCpu.HolderIdOf(cpu);
        *(int*)(area + PerCpuLayout.Preemption) = 1;
        *(nint*)(area + PerCpuLayout.EmergencyStack) = (nint)(area + AreaSizeBytes);
        *(nint*)(area + PerCpuLayout.AllocationCache) = ThisCpu.EmptyAllocationCache(); // the first allocation makes one
    }

    /// <summary>Starts a CPU on a stack.</summary>
    /// <param name="hardwareId">Its CPUID.</param>
    /// <param name="area">Its prepared area.</param>
    /// <param name="stackEnd">The end of its stack.</param>
    /// <param name="hasArrived">Not asked: the interrupt cannot be missed.</param>
    public static void Start(uint hardwareId, byte* area, nuint stackEnd, delegate*<bool> hasArrived)
    {
        StartBlock()[AreaWord] = (ulong)area;
        StartBlock()[StackWord] = stackEnd;
        InterruptController.Register(hardwareId, area);
        System.Threading.Interlocked.Exchange(ref StartBlock()[TargetWord], hardwareId);
        InterProcessorRegisters.Send(hardwareId);
    }

    /// <summary>A CPU that did not arrive is not told to begin any more. One that has begun cannot be stopped from outside; what it was given stays its own.</summary>
    public static void Stop(uint hardwareId) => System.Threading.Interlocked.Exchange(ref StartBlock()[TargetWord], NobodysTarget);

    /// <summary>All CPUs are started: nothing was made for the time of the start alone.</summary>
    public static void Close()
    {
    }

    /// <summary>Sets up the CPU that calls, a further one: what the first one's boot does for itself.</summary>
    public static void InitializeThisCpu() => CpuSetup.Initialize();

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchCpuStartBlock")]
    private static extern ulong* StartBlock();
}
