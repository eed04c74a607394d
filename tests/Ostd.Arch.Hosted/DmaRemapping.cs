// SPDX-License-Identifier: MPL-2.0
using System.Threading;

namespace Ostd.Arch;

/// <summary>The hosted machine has no remapping units of its own; tests that want one count its invalidations here.</summary>
// SAFETY: no pointer that is passed in is used.
public static unsafe class DmaRemapping
{
    private static int s_invalidations;

    /// <summary>How often translations were invalidated.</summary>
    public static int Invalidations => Volatile.Read(ref s_invalidations);

    /// <summary>None.</summary>
    public static int UnitCount => 0;

    /// <summary>There is no table.</summary>
    public static string? TableProblem => null;

    /// <summary>As on a PC.</summary>
    public static int Levels => 3;

    /// <summary>Host memory.</summary>
    public static bool NeedsFlush => false;

    /// <summary>Nothing is cached.</summary>
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

    /// <summary>Host memory needs none.</summary>
    public static void Flush(void* start, int length)
    {
    }

    /// <summary>Counts.</summary>
    public static bool TryInvalidateFunctions(ushort domain) => Count();

    /// <summary>Counts.</summary>
    public static bool TryInvalidateDomain(ushort domain) => Count();

    /// <summary>Counts.</summary>
    public static bool TryInvalidatePage(ushort domain, ulong address) => Count();

    /// <summary>Counts.</summary>
    public static bool TryInvalidateInterrupt(int line) => Count();

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

    private static bool Count()
    {
        Interlocked.Increment(ref s_invalidations);
        return true;
    }
}
