// SPDX-License-Identifier: MPL-2.0
using System;
using System.Threading;
using Ostd.Arch;

namespace Ostd.Time;

/// <summary>Clocks, readable in any context.</summary>
public static class Clock
{
    private static ulong s_startCycles;

    // Nanoseconds per cycle, as a 32.32 fixed-point number.
    private static ulong s_nsPerCycle;

    // With counters that are not in step: the latest time that any CPU was told.
    private static long s_latestNs;
    private static bool s_areCountersDistrusted;

    /// <summary>Nanoseconds since boot, never going back.</summary>
    [InterruptSafe]
    public static long MonotonicNs
    {
        get
        {
            if (s_nsPerCycle == 0)
            {
                return 0;
            }

            long now = CyclesToNs(TimeStampCounter.Read() - s_startCycles);
            return s_areCountersDistrusted ? Latest(now) : now;
        }
    }

    /// <summary>The counters of the CPUs are in step, as far as they were compared.</summary>
    internal static bool AreCountersTrusted => !s_areCountersDistrusted;

    /// <summary>The counters of the CPUs are not in step: the clock stands still where it would go back.</summary>
    internal static void DistrustCounters() => s_areCountersDistrusted = true;

    /// <summary>Converts a number of cycles of the clock's counter.</summary>
    [InterruptSafe]
    internal static long CyclesToNs(ulong cycles)
    {
        ulong high = Math.BigMul(cycles, s_nsPerCycle, out ulong low);
        return (long)(high << 32 | low >> 32);
    }

    /// <summary>Nanoseconds since 1970 (UTC) at the moment of boot, read from the real-time clock.</summary>
    public static long RealTimeAtBootNs { get; private set; }

    /// <summary>Resolution of <see cref="MonotonicNs"/>, in nanoseconds.</summary>
    public static long ResolutionNs => 1;

    /// <summary>Period of the scheduler's tick, in nanoseconds.</summary>
    [InterruptSafe]
    public static long TickNs => 4_000_000;

    [InterruptSafe]
    private static long Latest(long now)
    {
        long seen = Volatile.Read(ref s_latestNs);
        while (now > seen)
        {
            long before = Interlocked.CompareExchange(ref s_latestNs, now, seen);
            if (before == seen)
            {
                return now;
            }

            seen = before;
        }

        return seen;
    }

    /// <summary>Starts the clocks; the counter's frequency is known by now.</summary>
    internal static void Initialize()
    {
        ulong frequency = TimeStampCounter.FrequencyHz;
        s_startCycles = TimeStampCounter.Read();
        s_nsPerCycle = (ulong)(((UInt128)1_000_000_000 << 32) / frequency);
        Runtime.GarbageCollector.NsPerCycle = s_nsPerCycle;
        RealTimeAtBootNs = RealTimeClock.ReadSeconds() * 1_000_000_000 - MonotonicNs;
    }
}
