// SPDX-License-Identifier: MPL-2.0
using System;
using System.Threading;
using Ostd.Arch;
using Ostd.Devices.Pci;
using Ostd.Devices.Remapping;
using Ostd.Logging;
using Ostd.Memory;

namespace Ostd.Devices;

/// <summary>
/// The IOMMU: with it, devices reach the memory of <see cref="DmaCoherent"/> and what <see cref="DmaStream"/> lends, and raise the interrupts that were taken for them, whatever they or their drivers do.
/// Without one, devices are trusted. Nothing here has to be called by drivers.
/// </summary>
public static class Iommu
{
    private static DmaSpace? s_space;
    private static FunctionTables? s_functions;
    private static FaultReports? s_faults;

    /// <summary>Devices reach what is lent to them and nothing else.</summary>
    public static bool IsActive => s_space is not null;

    /// <summary>Devices raise their own interrupts and no others.</summary>
    public static bool RemapsInterrupts { get; private set; }

    /// <summary>Pages that devices reach now; 0 without an IOMMU, where they reach all.</summary>
    public static long MappedPages => s_space?.MappedPages ?? 0;

    /// <summary>Accesses and interrupts that were blocked, as far as the hardware told of each: it keeps one of several that come at the same time.</summary>
    public static long FaultCount
    {
        get
        {
            s_faults?.Take();
            return s_faults?.Count ?? 0;
        }
    }

    /// <summary>The same, of those that the units have told of by themselves.</summary>
    internal static long ReportedFaultCount => s_faults?.Count ?? 0;

    /// <summary>Turns the units on, before the first driver runs and while all interrupt lines are masked.</summary>
    internal static void Initialize(ReadOnlySpan<char> commandLine)
    {
        RemappingParameters parameters = RemappingParameters.Parse(commandLine);
        if (DmaRemapping.TableProblem is { } tableProblem)
        {
            Log.Error("iommu: not used, all devices are trusted: firmware's table is refused: " + tableProblem);
        }
        else if (DmaRemapping.UnitCount == 0)
        {
            Log.Info("iommu: none; devices are trusted");
        }
        else if (!parameters.IsOn)
        {
            Log.Warn("iommu: turned off by intel_iommu=off; devices are trusted");
        }
        else if (TryStart(parameters) is { } problem)
        {
            Log.Error("iommu: not used, all devices are trusted: " + problem);
        }
    }

    /// <summary>Has faults reported. Later than the rest, because timers and tasks are needed.</summary>
    internal static void StartReports()
    {
        if (!IsActive)
        {
            return;
        }

        var reports = new FaultReports();
        s_faults = reports;
        if (reports.TryConnect(out IrqLine? line))
        {
            RemappingUnits.SetFaultLine(line.Number);
        }
        else
        {
            Log.Warn("iommu: no interrupt is free for reports: faults are seen when somebody asks for their number");
        }
    }

    /// <summary>Makes ready for <see cref="Allow"/> of functions of a bus.</summary>
    /// <returns>False when there is no memory for the bus' table.</returns>
    internal static bool TryPrepare(byte bus) => s_functions?.TryPrepare(bus) ?? true;

    /// <summary>Lets a function reach what is lent to devices.</summary>
    internal static void Allow(PciAddress function) => s_functions?.Allow(function);

    /// <summary>Takes all memory from a function.</summary>
    internal static void Forbid(PciAddress function) => s_functions?.Forbid(function);

    /// <summary>Lets devices use a run of DMA memory.</summary>
    internal static void Map(uint firstPage, uint count) => s_space?.Map(firstPage, count);

    /// <summary>Takes a run of DMA memory from devices.</summary>
    /// <returns>False when there is no IOMMU: nothing can be taken from devices then.</returns>
    internal static bool TryUnmap(uint firstPage, uint count)
    {
        s_space?.Unmap(firstPage, count);
        return s_space is not null;
    }

    /// <summary>Lends a frame to devices; the caller keeps it pinned until <see cref="TakeBack"/>.</summary>
    /// <returns>False when it is lent too often already.</returns>
    internal static bool TryLend(Frame frame, DmaDirection direction) => s_space?.TryLend((uint)frame.PageNumber, direction) ?? true;

    /// <summary>Takes a frame back.</summary>
    internal static void TakeBack(Frame frame, DmaDirection direction) => s_space?.TakeBack((uint)frame.PageNumber, direction);

    /// <summary>Makes the units forget a message line.</summary>
    internal static void InvalidateInterrupt(int line)
    {
        if (IsActive)
        {
            RemappingUnits.InvalidateInterrupt(line);
        }
    }

    // Why not; null when translation is on. A unit that stops answering halfway leaves nothing to rely on, and is a panic.
    private static unsafe string? TryStart(RemappingParameters parameters)
    {
        for (int unit = 0; unit < DmaRemapping.UnitCount; unit++)
        {
            ulong start = DmaRemapping.RegistersOf(unit);
            ulong length = DmaRemapping.LengthOf(unit);

            // SAFETY: the registers are no memory, no client can have them (DeviceMemory.IsSensitive), and are mapped for good.
            byte* registers = DeviceSpace.IsOutsideRam(start, length) ? DeviceSpace.Map(start, length) : null;
            if ((registers is null ? "a unit's registers cannot be mapped" : DmaRemapping.Open(unit, registers)) is { } problem)
            {
                return problem;
            }
        }

        DmaSpace? space = DmaSpace.TryCreate(DmaRemapping.Levels);
        FunctionTables? functions = space is null ? null : FunctionTables.TryCreate(space);
        ulong interruptTable = DmaSpace.AllocateTable();
        if (space is null || functions is null || interruptTable == 0)
        {
            return "no memory for its tables, or more memory than they can reach";
        }

        for (int unit = 0; unit < DmaRemapping.UnitCount; unit++)
        {
            uint queue = FrameAllocator.AllocateRun(2, FrameState.Remapping);
            if (queue == 0)
            {
                return "no memory for a unit's queue";
            }

            // SAFETY: the two pages are ours, typed, and the unit's from now on.
            byte* memory = FrameTable.AddressOf(queue);
            new Span<byte>(memory, 2 * Paging.PageSizeBytes).Clear();
            DmaRemapping.Flush(memory, 2 * Paging.PageSizeBytes);
            RemappingUnits.Require(DmaRemapping.TryReset(unit, memory, (ulong)queue * (uint)Paging.PageSizeBytes));
        }

        RemappingUnits.Require(DmaRemapping.TryTranslate(functions.Root));
        s_functions = functions;
        Volatile.Write(ref s_space, space);
        string? interruptProblem = "turned off by intremap=off";
        if (parameters.RemapsInterrupts)
        {
            RemappingUnits.Require(DmaRemapping.TryRemapInterrupts(PhysicalMap.ToPointer(interruptTable), interruptTable, out interruptProblem));
        }

        RemapsInterrupts = interruptProblem is null;
        Log.Info("iommu: devices reach what is lent to them alone");
        if (RemapsInterrupts)
        {
            Log.Info("iommu: devices raise their own interrupts alone");
        }
        else
        {
            Log.Warn("iommu: devices can raise any interrupt: " + interruptProblem);
        }

        return null;
    }
}
