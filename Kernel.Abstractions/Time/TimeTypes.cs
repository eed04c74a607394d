// SPDX-License-Identifier: MPL-2.0
namespace Kernel.Abstractions.Time;

/// <summary><c>struct timespec</c> of the 64-bit ABIs.</summary>
public readonly record struct TimeSpec(long Seconds, long Nanoseconds)
{
    public const long NanosecondsPerSecond = 1_000_000_000;

    /// <summary>From a count of nanoseconds.</summary>
    public static TimeSpec FromNanoseconds(long ns)
    {
        var seconds = System.Math.DivRem(ns, NanosecondsPerSecond, out var rest);
        return rest < 0 ? new(seconds - 1, rest + NanosecondsPerSecond) : new(seconds, rest);
    }

    /// <summary>Seconds are not negative and nanoseconds are in 0 to 999,999,999: what sleeping calls ask for.</summary>
    public bool IsValidDuration => Seconds >= 0 && Nanoseconds is >= 0 and < NanosecondsPerSecond;

    /// <summary>In nanoseconds; what does not fit becomes <see cref="long.MaxValue"/>, some 292 years.</summary>
    public long ToNanoseconds() => Seconds >= long.MaxValue / NanosecondsPerSecond - 1 ? long.MaxValue : Seconds * NanosecondsPerSecond + Nanoseconds;
}

/// <summary><c>struct timeval</c> of the 64-bit ABIs.</summary>
public readonly record struct TimeVal(long Seconds, long Microseconds)
{
    public static TimeVal FromNanoseconds(long ns)
    {
        var spec = TimeSpec.FromNanoseconds(ns);
        return new(spec.Seconds, spec.Nanoseconds / 1000);
    }

    public bool IsValidDuration => Seconds >= 0 && Microseconds is >= 0 and < 1_000_000;

    public long ToNanoseconds() => new TimeSpec(Seconds, Microseconds * 1000).ToNanoseconds();
}

/// <summary>Clock ids of clock_gettime(2).</summary>
public enum ClockId
{
    CLOCK_REALTIME = 0,
    CLOCK_MONOTONIC = 1,
    CLOCK_PROCESS_CPUTIME_ID = 2,
    CLOCK_THREAD_CPUTIME_ID = 3,
    CLOCK_MONOTONIC_RAW = 4,
    CLOCK_REALTIME_COARSE = 5,
    CLOCK_MONOTONIC_COARSE = 6,
    CLOCK_BOOTTIME = 7,
    CLOCK_REALTIME_ALARM = 8,
    CLOCK_BOOTTIME_ALARM = 9,
    CLOCK_TAI = 11,
}

/// <summary>Arithmetic on deadlines that never overflows.</summary>
public static class Deadline
{
    /// <summary>The monotonic time that lies so far ahead; <see cref="long.MaxValue"/> when that is beyond the clock.</summary>
    public static long After(long durationNs)
    {
        var now = Ostd.Time.Clock.MonotonicNs;
        return durationNs > long.MaxValue - now ? long.MaxValue : now + durationNs;
    }
}
