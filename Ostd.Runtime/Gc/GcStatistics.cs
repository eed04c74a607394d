// SPDX-License-Identifier: MPL-2.0

using System.Numerics;

namespace Ostd.Runtime;

/// <summary>Lengths of pauses, by powers of two of the cycle counter's unit.</summary>
internal unsafe struct PauseHistogram
{
    internal const int BucketCount = 48;

    /// <summary>Bucket n counts lengths from 2^n up to 2^(n+1).</summary>
    internal fixed uint Buckets[BucketCount];

    internal uint Count;
    internal ulong Longest;
    internal ulong Total;

    // SAFETY: the index is that of the highest bit, capped.
    internal void Record(ulong cycles)
    {
        int bucket = BitOperations.Log2(cycles | 1);
        Buckets[bucket < BucketCount ? bucket : BucketCount - 1]++;
        Count++;
        Total += cycles;
        if (cycles > Longest)
        {
            Longest = cycles;
        }
    }
}

/// <summary>What collecting costs.</summary>
/// <remarks>Counted without a lock where several CPUs may count at once: a lost count is no harm.</remarks>
internal static unsafe class GcStatistics
{
    internal const int PhaseCount = (int)CyclePhase.Trim + 1;

    private static PauseHistogram s_stops;
    private static PauseHistogram s_holds;
    private static PhaseCycles s_phases;

    private struct PhaseCycles
    {
        internal fixed ulong Total[PhaseCount];
    }

    /// <summary>Length of the last stop of the world.</summary>
    internal static ulong LastPauseCycles { get; private set; }

    internal static ulong LongestPauseCycles => s_stops.Longest;

    internal static ulong TotalPauseCycles => s_stops.Total;

    /// <summary>Stops of the world.</summary>
    internal static ref PauseHistogram Stops => ref s_stops;

    /// <summary>Times in which the collector held a CPU with interrupts off: steps of marking, assists, the start of a cycle.</summary>
    internal static ref PauseHistogram Holds => ref s_holds;

    internal static void RecordStop(ulong cycles)
    {
        LastPauseCycles = cycles;
        s_stops.Record(cycles);
    }

    internal static void RecordHold(ulong cycles) => s_holds.Record(cycles);

    internal static void CountStep(CyclePhase phase, ulong cycles) => s_phases.Total[(int)phase] += cycles;

    internal static ulong CyclesOf(CyclePhase phase) => s_phases.Total[(int)phase];
}
