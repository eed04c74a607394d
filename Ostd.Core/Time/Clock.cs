// SPDX-License-Identifier: MPL-2.0
using System;

namespace Ostd.Time;

/// <summary>Clocks, readable in any context.</summary>
public static class Clock
{
    /// <summary>Nanoseconds since boot, never going back.</summary>
    public static long MonotonicNs => throw new NotSupportedException();

    /// <summary>Nanoseconds since 1970 (UTC) at the moment of boot, read from the real-time clock.</summary>
    public static long RealTimeAtBootNs => throw new NotSupportedException();

    /// <summary>Resolution of <see cref="MonotonicNs"/>, in nanoseconds.</summary>
    public static long ResolutionNs => throw new NotSupportedException();

    /// <summary>Period of the scheduler's tick, in nanoseconds.</summary>
    public static long TickNs => throw new NotSupportedException();
}

/// <summary>A one-shot timer. The callback runs in task context on OSTD's timer task: it may take sleeping locks and allocate, but should be short.</summary>
public sealed class Timer
{
    public Timer(Action<object?> callback, object? state) => throw new NotSupportedException();

    /// <summary>Arms it for a time of the monotonic clock, replacing an earlier one. Allocates nothing.</summary>
    public void Arm(long deadlineNs) => throw new NotSupportedException();

    /// <summary>Disarms it. The callback may be running at this moment.</summary>
    /// <returns>True when it was armed.</returns>
    public bool Cancel() => throw new NotSupportedException();
}
