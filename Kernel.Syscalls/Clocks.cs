// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Syscalls;
using Kernel.Abstractions.Time;
using Ostd.Tasks;
using Ostd.Time;

namespace Kernel.Syscalls;

/// <summary>Reading and setting clocks: clock_gettime(2), gettimeofday(2), time(2) and their like.</summary>
[Component(Stage = InitStage.Late)]
public sealed class Clocks(ITimeKeeper time, IProcessTable processes)
{
    [Syscall("clock_gettime", Flags = "clock_gettime(clockid = CLOCK_REALTIME | CLOCK_MONOTONIC | CLOCK_PROCESS_CPUTIME_ID | CLOCK_THREAD_CPUTIME_ID | CLOCK_MONOTONIC_RAW | CLOCK_REALTIME_COARSE | CLOCK_MONOTONIC_COARSE | CLOCK_BOOTTIME | CLOCK_REALTIME_ALARM | CLOCK_BOOTTIME_ALARM | CLOCK_TAI, tp);")]
    public Errno ClockGetTime(SyscallContext context, int clock, UserPtr<TimeSpec> result)
    {
        return Read(context, clock).TryGet(out var ns, out var error) ? result.Write(TimeSpec.FromNanoseconds(ns)) : error;
    }

    [Syscall("clock_getres")]
    public Errno ClockGetResolution(SyscallContext context, int clock, UserPtr<TimeSpec> result)
    {
        if (Read(context, clock).IsError)
        {
            return Errno.EINVAL;
        }

        var isCoarse = (ClockId)clock is ClockId.CLOCK_REALTIME_COARSE or ClockId.CLOCK_MONOTONIC_COARSE;
        return result.IsNull ? Errno.Success : result.Write(TimeSpec.FromNanoseconds(isCoarse ? Clock.TickNs : Clock.ResolutionNs));
    }

    [Syscall("clock_settime", Flags = "clock_settime(clockid = CLOCK_REALTIME, tp);")]
    public Errno ClockSetTime(SyscallContext context, int clock, UserPtr<TimeSpec> value)
    {
        if (!value.Read().TryGet(out var spec, out var error))
        {
            return error;
        }

        if (clock != (int)ClockId.CLOCK_REALTIME || !spec.IsValidDuration)
        {
            return Errno.EINVAL;
        }

        return Set(context, spec.ToNanoseconds());
    }

    [Syscall("gettimeofday")]
    public Errno GetTimeOfDay(UserPtr<TimeVal> result, UserPtr<ulong> timeZone)
    {
        var error = result.IsNull ? Errno.Success : result.Write(TimeVal.FromNanoseconds(time.RealTimeNs));

        // struct timezone: minutes west of Greenwich and a DST type, both always 0 here.
        return error == Errno.Success && !timeZone.IsNull ? timeZone.Write(0) : error;
    }

    [Syscall("settimeofday", Flags = "settimeofday(tv, tz = NULL);")]
    public Errno SetTimeOfDay(SyscallContext context, UserPtr<TimeVal> value, UserPtr<ulong> timeZone)
    {
        if (value.IsNull)
        {
            return timeZone.IsNull ? Errno.Success : context.Thread.Credentials.HasCapability(Capability.CAP_SYS_TIME) ? Errno.EINVAL : Errno.EPERM;
        }

        if (!value.Read().TryGet(out var timeVal, out var error))
        {
            return error;
        }

        return timeVal.IsValidDuration ? Set(context, timeVal.ToNanoseconds()) : Errno.EINVAL;
    }

    [Syscall("time")]
    public SyscallResult Time(UserPtr<long> result)
    {
        var seconds = time.RealTimeNs / TimeSpec.NanosecondsPerSecond;
        return !result.IsNull && result.Write(seconds) != Errno.Success ? Errno.EFAULT : seconds;
    }

    private Errno Set(SyscallContext context, long nanoseconds)
    {
        if (!context.Thread.Credentials.HasCapability(Capability.CAP_SYS_TIME))
        {
            return Errno.EPERM;
        }

        time.SetRealTime(nanoseconds);
        return Errno.Success;
    }

    private Result<long> Read(SyscallContext context, int clock)
    {
        switch ((ClockId)clock)
        {
            case ClockId.CLOCK_REALTIME or ClockId.CLOCK_REALTIME_COARSE or ClockId.CLOCK_REALTIME_ALARM or ClockId.CLOCK_TAI:
                return time.RealTimeNs;
            case ClockId.CLOCK_MONOTONIC or ClockId.CLOCK_MONOTONIC_RAW or ClockId.CLOCK_MONOTONIC_COARSE or ClockId.CLOCK_BOOTTIME or ClockId.CLOCK_BOOTTIME_ALARM:
                return Clock.MonotonicNs;
            case ClockId.CLOCK_PROCESS_CPUTIME_ID:
                return OfProcess(context.Process);
            case ClockId.CLOCK_THREAD_CPUTIME_ID:
                return OfTask(context.Thread.Task);
            default:
                return clock < 0 ? ReadCpuClock(context, clock) : Errno.EINVAL;
        }
    }

    /// <summary>CPU clocks of other processes and threads: the complement of the id above bit 3, "per thread" in bit 2, the kind in bits 0 and 1 (clock_getcpuclockid(3)).</summary>
    private Result<long> ReadCpuClock(SyscallContext context, int clock)
    {
        var id = ~(clock >> 3);
        if ((clock & 3) == 3)
        {
            return Errno.EINVAL;
        }

        if ((clock & 4) != 0)
        {
            var thread = id == 0 ? context.Thread : processes.FindThread(id);
            return thread is not null && ReferenceEquals(thread.Process, context.Process) ? OfTask(thread.Task) : Errno.EINVAL;
        }

        var process = id == 0 ? context.Process : processes.FindProcess(id);
        return process is null ? Errno.EINVAL : OfProcess(process);
    }

    private static long OfProcess(IProcess process)
    {
        var times = process.Times;
        return times.UserNs + times.KernelNs;
    }

    private static long OfTask(Task task) => task.UserTimeNs + task.KernelTimeNs;
}
