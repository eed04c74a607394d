// SPDX-License-Identifier: MPL-2.0
using System;
using System.Globalization;
using Ostd.Arch;
using Ostd.Logging;

namespace Ostd.Benchmarks;

/// <summary>
/// Counts what an operation costs. Under QEMU's <c>-icount shift=0</c> virtual time advances by one nanosecond with each guest instruction and the time-stamp counter follows
/// it, so a difference of two readings is a number of instructions.
/// </summary>
internal static class Measurement
{
    private const int Repeats = 7;

    /// <summary>Measures and prints one line, <c>cost NAME: INSTRUCTIONS</c> in tenths.</summary>
    /// <param name="name">What is measured.</param>
    /// <param name="count">How often each loop does it.</param>
    /// <param name="loop">Does it so many times.</param>
    /// <param name="baseline">The same loop without it: its cost is subtracted.</param>
    /// <param name="kept">Instructions of the baseline that belong to the operation all the same.</param>
    public static void Report(string name, int count, Action<int> loop, Action<int> baseline, int kept = 0)
    {
        long tenths = ((Best(loop, count) - Best(baseline, count)) * 10 + count / 2) / count + kept * 10;
        Log.Write(LogLevel.Alert, "cost " + name + ": " + (tenths / 10).ToString(CultureInfo.InvariantCulture) + "." + (tenths % 10).ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>The least of several runs: a timer interrupt or the growth of a cache can only add.</summary>
    private static long Best(Action<int> loop, int count)
    {
        loop(count);
        long best = long.MaxValue;
        for (int i = 0; i < Repeats; i++)
        {
            ulong start = TimeStampCounter.Read();
            loop(count);
            best = Math.Min(best, (long)(TimeStampCounter.Read() - start));
        }

        return best;
    }
}
