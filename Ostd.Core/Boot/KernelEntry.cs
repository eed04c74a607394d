// SPDX-License-Identifier: MPL-2.0
using System;
using System.Runtime;
using System.Runtime.CompilerServices;
using Ostd.Arch;
using Ostd.Devices;
using Ostd.Logging;
using Ostd.Memory;
using Ostd.Runtime;
using Ostd.Tasks;
using Ostd.Time;

namespace Ostd.Boot;

/// <summary>
/// From the boot stub to the kernel's main. The order matters: until <see cref="InitializeRuntime"/> nothing may allocate, touch a static reference or throw.
/// </summary>
internal static partial class KernelEntry
{
    private const int MaxReserved = 4;

    [RuntimeExport("KernelEntry")]
    private static void OnKernelEntry(ulong bootInfoPhysical, uint protocol)
    {
        ThisCpu.InitializeBootCpu();
        SerialConsole.Initialize();
        CpuSetup.InitializeTraps();
        InitializeRuntime();
        BootParameters.Initialize(bootInfoPhysical, protocol);
        CpuSetup.Initialize();
        InterruptController.Initialize();
        CpuTimer.Calibrate();
        Clock.Initialize();
        ulong physicalEnd = InitializeMemory();
        KernelImageProtection.Apply();
        KernelHeap.Install(physicalEnd);
        ReserveLockOrder();
        LogLevelParameter.Apply(BootInfo.CommandLine);
        Panic.ApplyParameters(BootInfo.CommandLine);
        Diagnostics.Watchdog.ApplyParameters(BootInfo.CommandLine);

        IrqTable.Initialize();
        DeviceSpace.Initialize();
        Iommu.Initialize(BootInfo.CommandLine);
        TimerQueue.Initialize();
        VmSpace.Initialize();
        Sync.GracePeriods.Initialize();

        // The boot stack becomes the idle task's; everything else runs on stacks of its own.
        Scheduler.Initialize(Cpus.SecondaryCpus.Start(Task.Adopt("idle"), CpuParameters.Limit(BootInfo.CommandLine)));
        if (Cpus.Cpu.Count > 1)
        {
            Cpus.InterProcessor.Initialize(Cpus.Cpu.Count);
            Cpus.SecondaryCpus.Release();
        }

        if (!Task.TryCreate(static _ => RunMain(), null, "main", out Task? main))
        {
            Panic.Halt("no memory for the main task");
        }

        main.Start();
        Scheduler.IdleLoop();
    }

    private static void RunMain()
    {
        Log.Info("booted by " + BootInfo.LoaderName + ", command line: " + BootInfo.CommandLine);
        if (!Diagnostics.SafetyChecks.AreOn && !BootInfo.CommandLine.Contains("kernel.test=", StringComparison.Ordinal))
        {
            Panic.Halt("a kernel without checks is for measurements alone");
        }

        CollectorTask.Start();
        CollectedHeap.ApplyParameters(BootInfo.CommandLine);
        Diagnostics.HungTasks.Start();
        Iommu.StartReports();
        CheckLockOrder();
        KernelMain();
    }

    // For debug kernels (LockOrder); elsewhere the calls are not compiled.
    static partial void ReserveLockOrder();

    static partial void CheckLockOrder();

    private static ulong InitializeMemory()
    {
        Span<PhysicalRange> usable = stackalloc PhysicalRange[BootParameters.MemoryRegionCount];
        int count = 0;
        ulong end = 0;
        for (int i = 0; i < BootParameters.MemoryRegionCount; i++)
        {
            MemoryRegion region = BootParameters.GetMemoryRegion(i);
            if (region.IsUsable)
            {
                usable[count++] = new PhysicalRange(region.Start, region.Length);
                end = Math.Max(end, region.Start + region.Length);
            }
        }

        if (count == 0)
        {
            Panic.Halt("the boot loader reports no memory");
        }

        Span<PhysicalRange> reserved = stackalloc PhysicalRange[MaxReserved];
        reserved[0] = new PhysicalRange(BootParameters.KernelStart, BootParameters.KernelEnd - BootParameters.KernelStart);
        reserved[1] = new PhysicalRange(BootParameters.InitramfsStart, BootParameters.InitramfsLength);
        PhysicalMemory.Initialize(usable[..count], reserved[..2]);
        KernelSpace.Initialize(end);
        return end;
    }

    // SAFETY: the pointers are to static methods of this class, which never go away.
    private static unsafe void InitializeRuntime()
    {
        RuntimePanic.SetHandler(&OnRuntimePanic);
        RuntimeHost.Initialize();
        ThreadingExports.Install(&YieldForRuntime, &ReadClock);
    }

    private static void OnRuntimePanic(string reason) => Panic.Halt(reason);

    // CoreLib yields in its spinning locks, which may be met before there are tasks or in atomic mode.
    private static void YieldForRuntime()
    {
        if (Scheduler.IsRunning && !AtomicMode.IsActive)
        {
            Task.Yield();
        }
    }

    private static ulong ReadClock() => (ulong)Clock.MonotonicNs;

    // Kernel.Image's entry.
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "KernelMain")]
    private static extern void KernelMain();
}
