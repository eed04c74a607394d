// SPDX-License-Identifier: MPL-2.0
using System.Threading;
using Ostd.Arch;

namespace Ostd.Time;

/// <summary>
/// Whether the counters of two CPUs are in step: the one that booted reads its own before and after it lets the other read. A reading outside of that interval is out of step by at least the
/// distance to it.
/// </summary>
/// <remarks>The best of several rounds counts, because either CPU may be held up in between, by a hypervisor above all.</remarks>
internal static class ClockComparison
{
    private const int Rounds = 8;

    // Odd: the other CPU shall read; even: it has.
    private static int s_turn;
    private static ulong s_reading;

    /// <summary>Carries out the rounds with the CPU that is in <see cref="Answer"/>. When the counters differ, the clock is told not to trust them.</summary>
    public static void Compare()
    {
        ulong leastDistance = ulong.MaxValue;
        for (int round = 0; round < Rounds; round++)
        {
            ulong before = TimeStampCounter.Read();
            Interlocked.Increment(ref s_turn);
            while ((Volatile.Read(ref s_turn) & 1) != 0)
            {
                Interrupts.SpinHint();
            }

            ulong after = TimeStampCounter.Read();
            ulong reading = s_reading;
            ulong distance = reading < before ? before - reading : reading > after ? reading - after : 0;
            leastDistance = ulong.Min(leastDistance, distance);
        }

        if (leastDistance != 0)
        {
            Clock.DistrustCounters();
        }
    }

    /// <summary>The other CPU's part.</summary>
    public static void Answer()
    {
        for (int round = 0; round < Rounds; round++)
        {
            while ((Volatile.Read(ref s_turn) & 1) == 0)
            {
                Interrupts.SpinHint();
            }

            s_reading = TimeStampCounter.Read();
            Interlocked.Increment(ref s_turn);
        }
    }
}
