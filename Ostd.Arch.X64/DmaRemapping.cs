// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Arch.Remapping;

namespace Ostd.Arch;

/// <summary>
/// The machine's DMA remapping units (Intel VT-d specification 4.0), used all alike: the same tables, the same invalidations. No policy: what is mapped is OSTD's decision. But for <see cref="UnitCount"/> and
/// what goes with it callers take turns.
/// </summary>
public static unsafe class DmaRemapping
{
    private static RemappingUnit[] s_units = [];

    /// <summary>Units that firmware tells of.</summary>
    public static int UnitCount => DeviceMemory.Units.UnitCount;

    /// <summary>Why firmware's table of units is not to be used; null when it is good, or there is none.</summary>
    public static string? TableProblem => DeviceMemory.Units.Problem;

    /// <summary>Levels of the tables of translations.</summary>
    public static int Levels { get; private set; }

    /// <summary>Units do not see the CPU's caches when they read tables.</summary>
    public static bool NeedsFlush { get; private set; }

    /// <summary>Units may remember that something was not mapped, so that new mappings need an invalidation too.</summary>
    public static bool CachesAbsence { get; private set; }

    /// <summary>Physical address of a unit's registers.</summary>
    public static ulong RegistersOf(int unit) => DeviceMemory.Units.AddressOf(unit);

    /// <summary>Bytes of a unit's registers.</summary>
    public static ulong LengthOf(int unit) => DeviceMemory.Units.LengthOf(unit);

    /// <summary>Looks at a unit. Nothing of it is changed.</summary>
    /// <param name="unit">Its number; one after the other, from 0.</param>
    /// <param name="registers">Its registers, mapped uncached and for good.</param>
    /// <returns>Why it cannot be used; null when it can.</returns>
    // SAFETY: the caller has mapped LengthOf(unit) bytes.
    public static string? Open(int unit, byte* registers)
    {
        var opened = new RemappingUnit(registers, LengthOf(unit));
        if (opened.Problem is { } problem)
        {
            return problem;
        }

        if (unit == 0)
        {
            s_units = new RemappingUnit[UnitCount];
        }

        s_units[unit] = opened;
        NeedsFlush |= !opened.IsCoherent;
        CachesAbsence |= opened.CachesAbsence;
        bool canHaveFour = Levels != 3 && opened.HasFourLevels;
        bool canHaveThree = Levels != 4 && opened.HasThreeLevels;
        Levels = canHaveFour && (Levels == 4 || !canHaveThree) ? 4 : 3;
        return canHaveThree || canHaveFour ? null : "units do not agree on the levels of their tables";
    }

    /// <summary>Gives a unit its queue; it forgets what firmware had it do.</summary>
    /// <param name="unit">Its number.</param>
    /// <param name="queue">Two pages, filled with zeros, for its requests.</param>
    /// <param name="queueAddress">Their physical address.</param>
    /// <returns>False when the unit does not answer.</returns>
    // SAFETY: the pages are the unit's for good.
    public static bool TryReset(int unit, byte* queue, ulong queueAddress) => s_units[unit].TryReset(queue, queueAddress);

    /// <summary>Turns translation on: from now on devices reach what the tables map and nothing else.</summary>
    public static bool TryTranslate(ulong rootTable)
    {
        bool isDone = true;
        foreach (RemappingUnit unit in s_units)
        {
            isDone &= unit.TryTranslate(rootTable);
        }

        return isDone;
    }

    /// <summary>Turns interrupt remapping on, if all units have it and firmware allows it.</summary>
    /// <param name="table">A page, filled with zeros.</param>
    /// <param name="tableAddress">Its physical address.</param>
    /// <param name="problem">Why not; null when interrupts are remapped.</param>
    /// <returns>False when a unit does not answer, or answers halfway.</returns>
    // SAFETY: the page is the table for good.
    public static bool TryRemapInterrupts(byte* table, ulong tableAddress, out string? problem)
    {
        problem = !DeviceMemory.Units.AllowsInterruptRemapping ? "firmware forbids it"
            : Array.Exists(s_units, static unit => !unit.CanRemapInterrupts) ? "a unit does not have it"
            : InterruptRemapping.Prepare(table);
        if (problem is not null)
        {
            return true;
        }

        bool isDone = true;
        foreach (RemappingUnit unit in s_units)
        {
            isDone &= unit.TryRemapInterrupts(tableAddress, InterruptRemapping.EntryCount);
        }

        InterruptRemapping.IsActive = isDone;
        return isDone;
    }

    /// <summary>Writes a part of a table back to memory, if units need that.</summary>
    // SAFETY: the caller owns the range.
    public static void Flush(void* start, int length)
    {
        if (NeedsFlush)
        {
            CacheLines.Flush(start, length);
        }
    }

    /// <summary>Makes the units forget which functions have tables, and all that they found there.</summary>
    public static bool TryInvalidateFunctions(ushort domain)
    {
        bool isDone = true;
        foreach (RemappingUnit unit in s_units)
        {
            isDone &= unit.TryInvalidateContexts() && unit.TryInvalidateDomain(domain);
        }

        return isDone;
    }

    /// <summary>Makes the units forget all translations of a domain; when it returns, no access by one of them is under way.</summary>
    public static bool TryInvalidateDomain(ushort domain)
    {
        bool isDone = true;
        foreach (RemappingUnit unit in s_units)
        {
            isDone &= unit.TryInvalidateDomain(domain);
        }

        return isDone;
    }

    /// <summary>The same for one page.</summary>
    public static bool TryInvalidatePage(ushort domain, ulong address)
    {
        bool isDone = true;
        foreach (RemappingUnit unit in s_units)
        {
            isDone &= unit.TryInvalidatePage(domain, address);
        }

        return isDone;
    }

    /// <summary>Makes the units forget what a message line led to.</summary>
    public static bool TryInvalidateInterrupt(int line)
    {
        bool isDone = true;
        foreach (RemappingUnit unit in s_units)
        {
            isDone &= unit.TryInvalidateInterrupt(line);
        }

        return isDone;
    }

    /// <summary>Has faults raise a message line.</summary>
    public static void SetFaultLine(int line)
    {
        InterruptController.GetPlainMessage(line, out ulong address, out uint data);
        foreach (RemappingUnit unit in s_units)
        {
            unit.SetFaultMessage(address, data);
        }
    }

    /// <summary>Holds interrupts about faults back, or lets them through.</summary>
    [InterruptSafe]
    public static void MaskFaults(bool isMasked)
    {
        foreach (RemappingUnit unit in s_units)
        {
            unit.MaskFaultEvent(isMasked);
        }
    }

    /// <summary>Takes a fault out of the units' records.</summary>
    [InterruptSafe]
    public static bool TryTakeFault(out DmaFault fault)
    {
        foreach (RemappingUnit unit in s_units)
        {
            if (unit.TryTakeFault(out fault))
            {
                return true;
            }
        }

        fault = default;
        return false;
    }
}
