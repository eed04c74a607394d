// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions.Time;
using Ostd.Sync;
using Ostd.Time;

namespace Kernel.Time;

/// <summary>
/// A periodic or one-shot timer over OSTD's one-shot one. Expirations are counted from the deadline and not from the moment the callback ran, so that a period does not drift
/// (timer_settime(2)); expirations missed meanwhile count as overruns.
/// </summary>
internal sealed class ProcessTimer
{
    private readonly SpinLock _lock = new();
    private readonly Timer _timer;
    private readonly Action<ProcessTimer, long> _onExpired;
    private long _deadlineNs;
    private long _intervalNs;

    /// <param name="onExpired">Called in task context, with no lock held, with the number of expirations (at least one).</param>
    public ProcessTimer(Action<ProcessTimer, long> onExpired)
    {
        _onExpired = onExpired;
        _timer = new Timer(static state => ((ProcessTimer)state!).OnTimer(), this);
    }

    /// <summary>What is left until the next expiration.</summary>
    public TimerSetting Get()
    {
        using var guard = _lock.Acquire();
        return GetLocked();
    }

    /// <summary>Arms it for a monotonic time, or disarms it with 0.</summary>
    /// <returns>What was left before.</returns>
    public TimerSetting Set(long deadlineNs, long intervalNs)
    {
        using var guard = _lock.Acquire();
        var old = GetLocked();
        _deadlineNs = deadlineNs;
        _intervalNs = intervalNs;
        ArmLocked();
        return old;
    }

    private TimerSetting GetLocked()
    {
        // An armed timer never shows zero, even when it is due (getitimer(2)).
        return _deadlineNs == 0 ? default : new TimerSetting(Math.Max(1000, _deadlineNs - Clock.MonotonicNs), _intervalNs);
    }

    private void OnTimer()
    {
        long expirations;
        using (_lock.Acquire())
        {
            var now = Clock.MonotonicNs;
            if (_deadlineNs == 0)
            {
                return;
            }

            if (_deadlineNs > now)
            {
                // Set anew while this callback was on its way.
                expirations = 0;
            }
            else if (_intervalNs == 0)
            {
                expirations = 1;
                _deadlineNs = 0;
            }
            else
            {
                expirations = 1 + (now - _deadlineNs) / _intervalNs;
                _deadlineNs += expirations * _intervalNs;
            }

            ArmLocked();
        }

        if (expirations > 0)
        {
            _onExpired(this, expirations);
        }
    }

    // Under the lock, or a callback that comes late would put the old deadline in place of one just set.
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
}
