// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Signals;
using Kernel.Abstractions.Syscalls;
using Kernel.Abstractions.Time;

namespace Kernel.Syscalls;

/// <summary><c>struct itimerval</c>.</summary>
public readonly record struct IntervalTimerValue(TimeVal Interval, TimeVal Value);

/// <summary><c>struct itimerspec</c>.</summary>
public readonly record struct IntervalTimerSpec(TimeSpec Interval, TimeSpec Value);

/// <summary>The part of <c>struct sigevent</c> that the kernel reads (man 7 sigevent).</summary>
public readonly record struct SignalEvent(ulong Value, int SignalNumber, int Notify, int ThreadId, int Padding);

/// <summary>alarm(2), getitimer(2), setitimer(2), timer_create(2) and its family.</summary>
[Component(Stage = InitStage.Late)]
public sealed class IntervalTimers(IProcessTimers timers, IProcessTable processes)
{
    private const int TIMER_ABSTIME = 1;
    private const int SIGEV_SIGNAL = 0;
    private const int SIGEV_NONE = 1;
    private const int SIGEV_THREAD_ID = 4;

    [Syscall("alarm")]
    public SyscallResult Alarm(SyscallContext context, uint seconds)
    {
        var old = timers.SetIntervalTimer(context.Process, IntervalTimerKind.ITIMER_REAL, new TimerSetting(seconds * TimeSpec.NanosecondsPerSecond, 0));

        // Rounded to the nearest second, but an alarm that is set never reads as 0 (alarm(2)).
        var left = (old.ValueNs + TimeSpec.NanosecondsPerSecond / 2) / TimeSpec.NanosecondsPerSecond;
        return left == 0 && old.ValueNs != 0 ? 1 : left;
    }

    [Syscall("getitimer", Flags = "getitimer(which = ITIMER_REAL | ITIMER_VIRTUAL | ITIMER_PROF, curr_value);")]
    public Errno GetIntervalTimer(SyscallContext context, int which, UserPtr<IntervalTimerValue> result)
        => !IsKind(which) ? Errno.EINVAL : result.Write(ToValue(timers.GetIntervalTimer(context.Process, (IntervalTimerKind)which)));

    [Syscall("setitimer", Flags = "setitimer(which = ITIMER_REAL | ITIMER_VIRTUAL | ITIMER_PROF, new_value, old_value);")]
    public Errno SetIntervalTimer(SyscallContext context, int which, UserPtr<IntervalTimerValue> value, UserPtr<IntervalTimerValue> old)
    {
        // A null pointer disarms; Linux has kept this since its first days.
        var setting = default(IntervalTimerValue);
        if (!value.IsNull && !value.Read().TryGet(out setting, out var error))
        {
            return error;
        }

        if (!setting.Value.IsValidDuration || !setting.Interval.IsValidDuration)
        {
            return Errno.EINVAL;
        }

        if (!IsKind(which))
        {
            return Errno.EINVAL;
        }

        var before = timers.SetIntervalTimer(context.Process, (IntervalTimerKind)which, new TimerSetting(setting.Value.ToNanoseconds(), setting.Interval.ToNanoseconds()));
        return old.IsNull ? Errno.Success : old.Write(ToValue(before));
    }

    [Syscall("timer_create", Flags = "timer_create(clockid = CLOCK_REALTIME | CLOCK_MONOTONIC | CLOCK_BOOTTIME, sevp, timerid);")]
    public Errno TimerCreate(SyscallContext context, int clock, UserPtr<SignalEvent> sigevent, UserPtr<int> result)
    {
        var usesRealTime = clock == (int)ClockId.CLOCK_REALTIME;
        if (!usesRealTime && (ClockId)clock is not (ClockId.CLOCK_MONOTONIC or ClockId.CLOCK_BOOTTIME))
        {
            return (ClockId)clock is ClockId.CLOCK_PROCESS_CPUTIME_ID or ClockId.CLOCK_THREAD_CPUTIME_ID ? Errno.EOPNOTSUPP : Errno.EINVAL;
        }

        var signal = Signal.SIGALRM;
        ulong? value = null;
        IThread? target = null;
        if (!sigevent.IsNull)
        {
            if (!sigevent.Read().TryGet(out var request, out var error))
            {
                return error;
            }

            if (request.Notify is not (SIGEV_SIGNAL or SIGEV_NONE or SIGEV_THREAD_ID)
                || (request.Notify != SIGEV_NONE && request.SignalNumber is <= 0 or > 64))
            {
                return Errno.EINVAL;
            }

            if (request.Notify == SIGEV_THREAD_ID)
            {
                target = processes.FindThread(request.ThreadId);
                if (target is null || !ReferenceEquals(target.Process, context.Process))
                {
                    return Errno.EINVAL;
                }
            }

            signal = request.Notify == SIGEV_NONE ? Signal.None : (Signal)request.SignalNumber;
            value = request.Value;
        }

        if (!timers.Create(context.Process, usesRealTime, signal, target, value).TryGet(out var id, out var failure))
        {
            return failure;
        }

        failure = result.Write(id);
        if (failure != Errno.Success)
        {
            _ = timers.Delete(context.Process, id);
        }

        return failure;
    }

    [Syscall("timer_settime", Flags = "timer_settime(timerid, flags = TIMER_ABSTIME, new_value, old_value);")]
    public Errno TimerSetTime(SyscallContext context, int id, int flags, UserPtr<IntervalTimerSpec> value, UserPtr<IntervalTimerSpec> old)
    {
        if (value.IsNull)
        {
            return Errno.EINVAL;
        }

        if (!value.Read().TryGet(out var spec, out var error))
        {
            return error;
        }

        if (!spec.Value.IsValidDuration || !spec.Interval.IsValidDuration)
        {
            return Errno.EINVAL;
        }

        var setting = new TimerSetting(spec.Value.ToNanoseconds(), spec.Interval.ToNanoseconds());
        if (!timers.Set(context.Process, id, setting, (flags & TIMER_ABSTIME) != 0).TryGet(out var before, out error))
        {
            return error;
        }

        return old.IsNull ? Errno.Success : old.Write(ToSpec(before));
    }

    [Syscall("timer_gettime")]
    public Errno TimerGetTime(SyscallContext context, int id, UserPtr<IntervalTimerSpec> result)
        => timers.Get(context.Process, id).TryGet(out var setting, out var error) ? result.Write(ToSpec(setting)) : error;

    [Syscall("timer_getoverrun")]
    public SyscallResult TimerGetOverrun(SyscallContext context, int id) => timers.GetOverrun(context.Process, id);

    [Syscall("timer_delete")]
    public Errno TimerDelete(SyscallContext context, int id) => timers.Delete(context.Process, id);

    private static bool IsKind(int which) => (IntervalTimerKind)which is >= IntervalTimerKind.ITIMER_REAL and <= IntervalTimerKind.ITIMER_PROF;

    private static IntervalTimerValue ToValue(TimerSetting setting)
        => new(TimeVal.FromNanoseconds(setting.IntervalNs), TimeVal.FromNanoseconds(setting.ValueNs));

    private static IntervalTimerSpec ToSpec(TimerSetting setting)
        => new(TimeSpec.FromNanoseconds(setting.IntervalNs), TimeSpec.FromNanoseconds(setting.ValueNs));
}
