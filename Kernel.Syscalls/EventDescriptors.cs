// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Events;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Signals;
using Kernel.Abstractions.Syscalls;
using Kernel.Abstractions.Time;

namespace Kernel.Syscalls;

/// <summary>eventfd(2), signalfd(2), timerfd_create(2) and its companions.</summary>
[Component(Stage = InitStage.Late, IsOptional = true)]
public sealed class EventDescriptors(IEventFiles events)
{
    private const int EFD_SEMAPHORE = 1;
    private const int TFD_TIMER_ABSTIME = 1;
    private const int TFD_TIMER_CANCEL_ON_SET = 2;
    private const OpenFlags CommonFlags = OpenFlags.O_CLOEXEC | OpenFlags.O_NONBLOCK;

    /// <summary><c>struct itimerspec</c>.</summary>
    public readonly record struct TimerSpec(TimeSpec Interval, TimeSpec Value)
    {
        internal static TimerSpec From(TimerSetting setting) => new(TimeSpec.FromNanoseconds(setting.IntervalNs), TimeSpec.FromNanoseconds(setting.ValueNs));
    }

    /// <summary>Makes an event counter.</summary>
    /// <returns>EMFILE.</returns>
    [Syscall("eventfd", Flags = "eventfd(initval);")]
    public SyscallResult EventFd(SyscallContext context, uint initialValue) => EventFd2(context, initialValue, 0);

    /// <summary>Makes an event counter with flags.</summary>
    /// <returns>EINVAL; EMFILE.</returns>
    [Syscall("eventfd2", Flags = "eventfd2(initval, flags = EFD_CLOEXEC | EFD_NONBLOCK | EFD_SEMAPHORE);")]
    public SyscallResult EventFd2(SyscallContext context, uint initialValue, int flags)
    {
        if ((flags & ~((int)CommonFlags | EFD_SEMAPHORE)) != 0)
        {
            return Errno.EINVAL;
        }

        var file = events.CreateEventFd(initialValue, (flags & EFD_SEMAPHORE) != 0, (OpenFlags)flags & OpenFlags.O_NONBLOCK, context.Thread);
        return Install(in context, file, (OpenFlags)flags);
    }

    /// <summary>Makes a descriptor for signals, or changes one.</summary>
    /// <returns>EINVAL; EFAULT; EBADF; EMFILE.</returns>
    [Syscall("signalfd", Flags = "signalfd(fd, mask, sizemask);")]
    public SyscallResult SignalFd(SyscallContext context, FileDescriptor descriptor, UserPtr<ulong> mask, ulong maskSize) => SignalFd4(context, descriptor, mask, maskSize, 0);

    /// <summary>Makes a descriptor for signals, or changes one.</summary>
    /// <returns>EINVAL; EFAULT; EBADF; EMFILE.</returns>
    [Syscall("signalfd4", Flags = "signalfd4(fd, mask, sizemask, flags = SFD_CLOEXEC | SFD_NONBLOCK);")]
    public SyscallResult SignalFd4(SyscallContext context, FileDescriptor descriptor, UserPtr<ulong> mask, ulong maskSize, int flags)
    {
        if (maskSize != sizeof(ulong))
        {
            return Errno.EINVAL;
        }

        if (!mask.Read().TryGet(out var bits, out var error))
        {
            return error;
        }

        if ((flags & ~(int)CommonFlags) != 0)
        {
            return Errno.EINVAL;
        }

        var set = new SignalSet(bits);
        if (descriptor.Number == -1)
        {
            return Install(in context, events.CreateSignalFd(set, (OpenFlags)flags & OpenFlags.O_NONBLOCK, context.Thread), (OpenFlags)flags);
        }

        if (context.Thread.Files.Get(descriptor.Number) is not { } file)
        {
            return Errno.EBADF;
        }

        SyscallResult result = Errno.EINVAL;
        if (file is ISignalFile signals)
        {
            signals.Mask = set;
            result = descriptor.Number;
        }

        file.Release();
        return result;
    }

    /// <summary>Makes a timer.</summary>
    /// <returns>EINVAL for an unknown clock or flag; EPERM for an alarm clock without CAP_WAKE_ALARM; EMFILE.</returns>
    [Syscall("timerfd_create", Flags = "timerfd_create(clockid = CLOCK_REALTIME | CLOCK_MONOTONIC | CLOCK_BOOTTIME | CLOCK_REALTIME_ALARM | CLOCK_BOOTTIME_ALARM, flags = TFD_CLOEXEC | TFD_NONBLOCK);")]
    public SyscallResult TimerFdCreate(SyscallContext context, int clock, int flags)
    {
        if ((flags & ~(int)CommonFlags) != 0)
        {
            return Errno.EINVAL;
        }

        switch ((ClockId)clock)
        {
            case ClockId.CLOCK_REALTIME or ClockId.CLOCK_MONOTONIC or ClockId.CLOCK_BOOTTIME:
                break;

            case ClockId.CLOCK_REALTIME_ALARM or ClockId.CLOCK_BOOTTIME_ALARM:
                if (!context.Thread.Credentials.HasCapability(Capability.CAP_WAKE_ALARM))
                {
                    return Errno.EPERM;
                }

                break;

            default:
                return Errno.EINVAL;
        }

        return Install(in context, events.CreateTimerFd((ClockId)clock, (OpenFlags)flags & OpenFlags.O_NONBLOCK, context.Thread), (OpenFlags)flags);
    }

    /// <summary>Arms or disarms a timer.</summary>
    /// <returns>EFAULT; EINVAL; EBADF.</returns>
    [Syscall("timerfd_settime", Flags = "timerfd_settime(fd, flags = TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, new_value, old_value);")]
    public Errno TimerFdSetTime(SyscallContext context, FileDescriptor descriptor, int flags, UserPtr<TimerSpec> newValue, UserPtr<TimerSpec> oldValue)
    {
        if (!newValue.Read().TryGet(out var spec, out var error))
        {
            return error;
        }

        if ((flags & ~(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET)) != 0 || !spec.Value.IsValidDuration || !spec.Interval.IsValidDuration)
        {
            return Errno.EINVAL;
        }

        if (context.Thread.Files.Get(descriptor.Number) is not { } file)
        {
            return Errno.EBADF;
        }

        error = Errno.EINVAL;
        TimerSetting old = default;
        if (file is ITimerFile timer)
        {
            var setting = new TimerSetting(spec.Value.ToNanoseconds(), spec.Interval.ToNanoseconds());
            old = timer.Set(setting, (flags & TFD_TIMER_ABSTIME) != 0, (flags & TFD_TIMER_CANCEL_ON_SET) != 0);
            error = Errno.Success;
        }

        file.Release();
        return error == Errno.Success && !oldValue.IsNull ? oldValue.Write(TimerSpec.From(old)) : error;
    }

    /// <summary>What is left of a timer.</summary>
    /// <returns>EBADF; EINVAL; EFAULT.</returns>
    [Syscall("timerfd_gettime", Flags = "timerfd_gettime(fd, curr_value);")]
    public Errno TimerFdGetTime(SyscallContext context, FileDescriptor descriptor, UserPtr<TimerSpec> value)
    {
        if (context.Thread.Files.Get(descriptor.Number) is not { } file)
        {
            return Errno.EBADF;
        }

        var timer = file as ITimerFile;
        var setting = timer?.Get() ?? default;
        file.Release();
        return timer is null ? Errno.EINVAL : value.Write(TimerSpec.From(setting));
    }

    /// <summary>Gives a new file a descriptor, or closes it again.</summary>
    internal static SyscallResult Install(in SyscallContext context, OpenFile file, OpenFlags flags)
    {
        var result = context.Thread.Files.Allocate(file, (flags & OpenFlags.O_CLOEXEC) != 0, 0, context.Process.Limits.Soft(ResourceKind.OpenFiles));
        if (result.IsError)
        {
            file.Release();
        }

        return result;
    }
}
