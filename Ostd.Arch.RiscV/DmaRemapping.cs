// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Arch;

/// <summary>DMA remapping units: none of these machines has one (QEMU 7.2), so only the first members are ever reached.</summary>
// SAFETY: no pointer that is passed in is used.
public static unsafe class DmaRemapping
{
    /// <summary>Units that firmware tells of.</summary>
    public static int UnitCount => 0;

    /// <summary>Why firmware's table of units is not to be used: there is none.</summary>
    public static string? TableProblem => null;

    /// <summary>Levels of the tables of translations.</summary>
    public static int Levels => 3;

    /// <summary>Units do not see the CPU's caches when they read tables.</summary>
    public static bool NeedsFlush => false;

    /// <summary>Units may remember that something was not mapped.</summary>
    public static bool CachesAbsence => false;

    /// <summary>There is no unit.</summary>
    public static ulong RegistersOf(int unit) => 0;

    /// <summary>There is no unit.</summary>
    public static ulong LengthOf(int unit) => 0;

    /// <summary>There is no unit.</summary>
    public static string? Open(int unit, byte* registers) => "there is none";

    /// <summary>There is no unit.</summary>
    public static bool TryReset(int unit, byte* queue, ulong queueAddress) => false;

    /// <summary>There is no unit.</summary>
    public static bool TryTranslate(ulong rootTable) => false;

    /// <summary>There is no unit.</summary>
    public static bool TryRemapInterrupts(byte* table, ulong tableAddress, out string? problem)
    {
        problem = "there is no unit";
        return true;
    }

    /// <summary>Nobody reads tables.</summary>
    public static void Flush(void* start, int length)
    {
    }

    /// <summary>Nobody remembers anything.</summary>
    public static bool TryInvalidateFunctions(ushort domain) => true;

    /// <summary>Nobody remembers anything.</summary>
    public static bool TryInvalidateDomain(ushort domain) => true;

    /// <summary>Nobody remembers anything.</summary>
    public static bool TryInvalidatePage(ushort domain, ulong address) => true;

    /// <summary>Nobody remembers anything.</summary>
    public static bool TryInvalidateInterrupt(int line) => true;

    /// <summary>There are no faults.</summary>
    public static void SetFaultLine(int line)
    {
    }

    /// <summary>There are no faults.</summary>
    [InterruptSafe]
    public static void MaskFaults(bool isMasked)
    {
    }

    /// <summary>There are no faults.</summary>
    [InterruptSafe]
    public static bool TryTakeFault(out DmaFault fault)
    {
        fault = default;
        return false;
    }
}
