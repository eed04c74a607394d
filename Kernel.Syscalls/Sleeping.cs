// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Syscalls;
using Kernel.Abstractions.Time;
using Ostd.Tasks;
using Ostd.Time;

namespace Kernel.Syscalls;

/// <summary>nanosleep(2), clock_nanosleep(2).</summary>
[Component(Stage = InitStage.Late)]
public sealed class Sleeping(ITimeKeeper time)
{
    private const int TIMER_ABSTIME = 1;

    [Syscall("nanosleep")]
    public Errno NanoSleep(SyscallContext context, UserPtr<TimeSpec> request, UserPtr<TimeSpec> remaining)
    {
        if (!request.Read().TryGet(out var duration, out var error))
        {
            return error;
        }

        return duration.IsValidDuration ? Sleep(Deadline.After(duration.ToNanoseconds()), remaining) : Errno.EINVAL;
    }

    [Syscall("clock_nanosleep", Flags = "clock_nanosleep(clockid = CLOCK_REALTIME | CLOCK_MONOTONIC | CLOCK_BOOTTIME | CLOCK_TAI, flags = TIMER_ABSTIME, t, remain);")]
    public Errno ClockNanoSleep(SyscallContext context, int clock, int flags, UserPtr<TimeSpec> request, UserPtr<TimeSpec> remaining)
    {
        var usesRealTime = (ClockId)clock is ClockId.CLOCK_REALTIME or ClockId.CLOCK_TAI;
        if (!usesRealTime && (ClockId)clock is not (ClockId.CLOCK_MONOTONIC or ClockId.CLOCK_BOOTTIME))
        {
            // A thread can't sleep on its own CPU time; the other clocks exist but have no sleep in Linux.
            return (ClockId)clock is ClockId.CLOCK_MONOTONIC_RAW or ClockId.CLOCK_REALTIME_COARSE or ClockId.CLOCK_MONOTONIC_COARSE or ClockId.CLOCK_PROCESS_CPUTIME_ID
                ? Errno.EOPNOTSUPP : Errno.EINVAL;
        }

        if (!request.Read().TryGet(out var value, out var error))
        {
            return error;
        }

        if (!value.IsValidDuration)
        {
            return Errno.EINVAL;
        }

        if ((flags & TIMER_ABSTIME) == 0)
        {
            return Sleep(Deadline.After(value.ToNanoseconds()), remaining);
        }

        var deadline = value.ToNanoseconds();
        if (usesRealTime && deadline != long.MaxValue)
        {
            deadline -= time.RealTimeOffsetNs;
        }

        // An absolute deadline needs no "remaining": the call can simply be made again.
        return deadline <= Clock.MonotonicNs || SleepUntil(deadline) ? Errno.Success : Errno.RestartIfHandlerAllows;
    }

    private static Errno Sleep(long deadlineNs, UserPtr<TimeSpec> remaining)
    {
        if (SleepUntil(deadlineNs))
        {
            return Errno.Success;
        }

        if (!remaining.IsNull)
        {
            var error = remaining.Write(TimeSpec.FromNanoseconds(Math.Max(0, deadlineNs - Clock.MonotonicNs)));
            if (error != Errno.Success)
            {
                return error;
            }
        }

        return Errno.EINTR;
    }

    private static bool SleepUntil(long deadlineNs) => Task.SleepUntil(deadlineNs);
}
