// SPDX-License-Identifier: MPL-2.0
using System;
using System.Runtime;
using System.Runtime.CompilerServices;
using Ostd.Arch.Layout;

namespace Ostd.Arch;

/// <summary>
/// Starts further CPUs by INIT and start-up interrupts (SDM volume 3, section 9.4). They begin in a page of low memory, whose contents and identity map exist between
/// <see cref="Open"/> and <see cref="Close"/> only, and come to <c>CpuEntry</c> of Ostd.Core.
/// </summary>
// SAFETY: the page at TrampolineLayout.Address is conventional RAM that the frame allocator never manages (all below 1 MiB), which Open checks; the tables and words are the stubs',
// in the kernel image, written while the CPU that reads them has not been started.
public static unsafe class CpuStartup
{
    private const int PageSize = 4096;
    private const long ResetDelayNs = 10_000_000;
    private const long StartUpDelayNs = 200_000;

    /// <summary>Size of what each further CPU has to itself: the per-CPU block, descriptor tables, stacks for traps that trust no other. A multiple of nothing, to be aligned to 64.</summary>
    public static int AreaSizeBytes => TablesOffset + sizeof(DescriptorTables.CpuTables);

    // The tables come behind the block.
    private static int TablesOffset => (PerCpuLayout.Size + 63) & ~63;

    /// <summary>Prepares the page in which CPUs begin.</summary>
    /// <param name="kernelRoot">Physical address of the kernel's page-table root.</param>
    /// <returns>False when the machine has no RAM where the page must be.</returns>
    public static bool Open(ulong kernelRoot)
    {
        if (!IsPageUsable())
        {
            return false;
        }

        byte* page = PhysicalMap.ToPointer(TrampolineLayout.Address);
        new ReadOnlySpan<byte>(StartPage(), TrampolineLayout.Length).CopyTo(new Span<byte>(page, PageSize));
        *(ulong*)(page + TrampolineLayout.Root) = (ulong)StartTables() - PhysicalMap.KernelImageOffset;
        *(ulong*)(page + TrampolineLayout.Entry) = (ulong)StartEntry();

        // The kernel's half, and the one page at its physical address: code and data at once, for a few instructions of a CPU that does nothing else.
        ulong* tables = StartTables();
        ulong physical = (ulong)tables - PhysicalMap.KernelImageOffset;
        int half = PageTableFormat.KernelRootIndex;
        new ReadOnlySpan<ulong>(PhysicalMap.ToPointer(kernelRoot), 512)[half..].CopyTo(new Span<ulong>(tables, 512)[half..]);
        for (int level = 0; level < 3; level++)
        {
            tables[level * 512] = PageTableFormat.MakeTable(physical + (ulong)(level + 1) * PageSize, isUser: false);
        }

        tables[3 * 512 + TrampolineLayout.Address / PageSize] = PageTableFormat.MakeTable(TrampolineLayout.Address, isUser: false);
        *StartRoot() = kernelRoot;
        return true;
    }

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
        *(uint*)(area + PerCpuLayout.KernelMxcsr) = FloatingPoint.DefaultMxcsr;
        *(nint*)(area + PerCpuLayout.AllocationCache) = ThisCpu.EmptyAllocationCache(); // the first allocation makes one
    }

    /// <summary>Starts a CPU on a stack.</summary>
    /// <param name="hardwareId">Its number in <see cref="CpuTopology.HardwareIdOf"/>.</param>
    /// <param name="area">Its prepared area.</param>
    /// <param name="stackEnd">The end of its stack.</param>
    /// <param name="hasArrived">Asked whether the CPU runs already, before it is told a second time.</param>
    public static void Start(uint hardwareId, byte* area, nuint stackEnd, delegate*<bool> hasArrived)
    {
        *StartStack() = stackEnd;
        *StartBlock() = (ulong)area;
        System.Threading.Interlocked.MemoryBarrier();
        LocalApic.SendInit(hardwareId);
        Wait(ResetDelayNs);
        LocalApic.SendStartUp(hardwareId, TrampolineLayout.Address);
        Wait(StartUpDelayNs);
        if (!hasArrived())
        {
            LocalApic.SendStartUp(hardwareId, TrampolineLayout.Address);
        }
    }

    /// <summary>Puts a CPU back into the state after a reset, because it did not arrive: it may not wake up later.</summary>
    public static void Stop(uint hardwareId) => LocalApic.SendInit(hardwareId);

    /// <summary>Takes the page and its identity map away again.</summary>
    public static void Close()
    {
        new Span<byte>(PhysicalMap.ToPointer(TrampolineLayout.Address), PageSize).Clear();
        new Span<ulong>(StartTables(), 4 * 512).Clear();
    }

    /// <summary>Sets up the CPU that calls, a further one: what the first one's boot does for itself.</summary>
    public static void InitializeThisCpu()
    {
        // SAFETY: the CPU runs on the block at the start of its area.
        DescriptorTables.Load((DescriptorTables.CpuTables*)(ThisCpu.Block + TablesOffset));
        Msr.Write(Msr.KernelGsBase, 0);
        CpuSetup.Initialize();
        InterruptController.InitializeSecondary();
        CpuTimer.InitializeSecondary();
    }

    private static bool IsPageUsable()
    {
        for (int i = 0; i < BootParameters.MemoryRegionCount; i++)
        {
            MemoryRegion region = BootParameters.GetMemoryRegion(i);
            if (region.IsUsable && region.Start <= TrampolineLayout.Address && region.Start + region.Length >= TrampolineLayout.Address + PageSize)
            {
                return true;
            }
        }

        return false;
    }

    private static void Wait(long ns)
    {
        ulong start = TimeStampCounter.Read();
        ulong cycles = (ulong)ns * (TimeStampCounter.FrequencyHz / 1_000_000) / 1_000;
        while (TimeStampCounter.Read() - start < cycles)
        {
            Interrupts.SpinHint();
        }
    }

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchCpuStartPage")]
    private static extern byte* StartPage();

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchCpuStartTables")]
    private static extern ulong* StartTables();

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchCpuStartEntry")]
    private static extern nint StartEntry();

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchCpuStartStack")]
    private static extern ulong* StartStack();

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchCpuStartBlock")]
    private static extern ulong* StartBlock();

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchCpuStartRoot")]
    private static extern ulong* StartRoot();
}
