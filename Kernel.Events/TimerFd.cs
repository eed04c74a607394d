// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Events;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Time;
using Ostd.Memory;
using Ostd.Sync;
using Timer = Ostd.Time.Timer;
using Ostd.Time;

namespace Kernel.Events;

/// <summary>A timer with a descriptor (man 2 timerfd_create).</summary>
internal sealed class TimerFd : OpenFile, ITimerFile
{
    private readonly SpinLock _lock = new();
    private readonly PollQueue _queue = new();
    private readonly ITimeKeeper _time;
    private readonly bool _usesRealTime;
    private readonly Timer _timer;

    // Guarded by _lock; times of the monotonic clock.
    private long _deadlineNs;
    private long _intervalNs;
    private ulong _expirations;
    private bool _cancelsOnSet;
    private long _offsetWhenSetNs;

    public TimerFd(Inode inode, OpenFlags flags, ClockId clock, ITimeKeeper time)
        : base(inode, flags)
    {
        _time = time;
        _usesRealTime = clock is ClockId.CLOCK_REALTIME or ClockId.CLOCK_REALTIME_ALARM;
        _timer = new Timer(static state => ((TimerFd)state!).OnExpired(), this);
    }

    public TimerSetting Get()
    {
        using var guard = _lock.Acquire();
        CountExpirationsLocked(Clock.MonotonicNs);
        return CurrentSettingLocked();
    }

    public TimerSetting Set(TimerSetting setting, bool isAbsolute, bool cancelsOnSet)
    {
        var now = Clock.MonotonicNs;
        var offset = _time.RealTimeOffsetNs;
        using var guard = _lock.Acquire();
        CountExpirationsLocked(now);
        var old = CurrentSettingLocked();
        _expirations = 0;
        _intervalNs = setting.IntervalNs;
        _cancelsOnSet = cancelsOnSet && isAbsolute && _usesRealTime;
        _offsetWhenSetNs = offset;
        _deadlineNs = setting.ValueNs == 0 ? 0
            : !isAbsolute ? Deadline.After(setting.ValueNs)
            : setting.ValueNs == long.MaxValue ? long.MaxValue
            : Math.Max(_usesRealTime ? setting.ValueNs - offset : setting.ValueNs, 1);
        ArmLocked();
        return old;
    }

    public override Result<int> Read(ref VmWriter destination)
    {
        if (destination.Remaining < sizeof(ulong))
        {
            return Errno.EINVAL;
        }

        while (true)
        {
            ulong count;
            using (_lock.Acquire())
            {
                if (IsCancelledLocked())
                {
                    _offsetWhenSetNs = _time.RealTimeOffsetNs;
                    return Errno.ECANCELED;
                }

                CountExpirationsLocked(Clock.MonotonicNs);
                count = _expirations;
                _expirations = 0;
            }

            if (count > 0)
            {
                return destination.TryWrite(in count) ? sizeof(ulong) : Errno.EFAULT;
            }

            if (IsNonBlocking)
            {
                return Errno.EAGAIN;
            }

            if (_queue.Wait(this, static file => file._expirations != 0) == WaitResult.Interrupted)
            {
                return Errno.RestartIfHandlerAllows;
            }
        }
    }

    public override PollEvents Poll(IPollObserver? observer)
    {
        if (observer is not null)
        {
            _queue.Register(observer);
        }

        using var guard = _lock.Acquire();
        CountExpirationsLocked(Clock.MonotonicNs);
        return _expirations > 0 || IsCancelledLocked() ? PollEvents.POLLIN : PollEvents.None;
    }

    public override void StopPolling(IPollObserver observer) => _queue.Unregister(observer);

    protected override void OnClose()
    {
        using var guard = _lock.Acquire();
        _deadlineNs = 0;
        ArmLocked();
    }

    /// <summary>The timer's callback. The deadline may have been counted by a read already, or moved meanwhile: the lock decides.</summary>
    private void OnExpired()
    {
        bool expired;
        using (_lock.Acquire())
        {
            CountExpirationsLocked(Clock.MonotonicNs);
            expired = _expirations > 0;
            ArmLocked();
        }

        if (expired)
        {
            _queue.Notify(PollEvents.POLLIN);
        }
    }

    /// <summary>Brings the timer in line with the deadline: under the lock, or a callback that comes late would put the old deadline in place of one just set.</summary>
    private void ArmLocked()
    {
        if (_deadlineNs == 0)
        {
            _timer.Cancel();
        }
        else
        {
            _timer.Arm(_deadlineNs);
        }
    }

    private bool IsCancelledLocked() => _cancelsOnSet && _time.RealTimeOffsetNs != _offsetWhenSetNs;

    private void CountExpirationsLocked(long now)
    {
        if (_deadlineNs == 0 || now < _deadlineNs)
        {
            return;
        }

        if (_intervalNs == 0)
        {
            _expirations++;
            _deadlineNs = 0;
            return;
        }

        var periods = 1 + (now - _deadlineNs) / _intervalNs;
        _expirations += (ulong)periods;
        var advance = periods > long.MaxValue / _intervalNs ? long.MaxValue : periods * _intervalNs;
        _deadlineNs = advance > long.MaxValue - _deadlineNs ? long.MaxValue : _deadlineNs + advance;
    }

    private TimerSetting CurrentSettingLocked()
        => new(_deadlineNs == 0 ? 0 : Math.Max(_deadlineNs - Clock.MonotonicNs, 1), _intervalNs);
}
