// SPDX-License-Identifier: MPL-2.0

namespace Ostd.Runtime;

/// <summary>What collecting costs.</summary>
/// <remarks>Counted without a lock where several CPUs may count at once: a lost count is no harm.</remarks>
// SAFETY: arrays are indexed by phases and size classes, which they have room for.
[NoAlloc]
internal static unsafe class GcStatistics
{
    internal const int PhaseCount = (int)CyclePhase.Trim + 1;

    private static PauseHistogram s_stops;
    private static PauseHistogram s_holds;
    private static PhaseTimes s_phases;
    private static ulong s_nsPerCycle;

    private struct PhaseTimes
    {
        internal fixed ulong TotalNs[PhaseCount];
    }

    /// <summary>Nanoseconds per unit of the cycle counter, as a 32.32 fixed-point number; 0, which stands for 1 ns, before the clock is known.</summary>
    internal static ulong NsPerCycle
    {
        get => s_nsPerCycle == 0 ? 1ul << 32 : s_nsPerCycle;
        set => s_nsPerCycle = value;
    }

    /// <summary>Length of the last stop of the world.</summary>
    internal static ulong LastStopNs { get; private set; }

    /// <summary>Stops of the world.</summary>
    internal static ref PauseHistogram Stops => ref s_stops;

    /// <summary>Times in which the collector held a CPU with interrupts off: steps of marking and sweeping, assists, the start of a cycle.</summary>
    internal static ref PauseHistogram Holds => ref s_holds;

    internal static void RecordStop(ulong cycles)
    {
        LastStopNs = ToNs(cycles);
        s_stops.Record(LastStopNs);
    }

    internal static void RecordHold(ulong cycles) => s_holds.Record(ToNs(cycles));

    internal static void CountStep(CyclePhase phase, ulong cycles) => s_phases.TotalNs[(int)phase] += ToNs(cycles);

    internal static ulong NsOf(CyclePhase phase) => s_phases.TotalNs[(int)phase];

    private static ulong ToNs(ulong cycles)
    {
        ulong high = System.Math.BigMul(cycles, NsPerCycle, out ulong low);
        return high << 32 | low >> 32;
    }
}
