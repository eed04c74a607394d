// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Time;
using Ostd.Cpus;
using Ostd.Sync;
using Ostd.Time;

namespace Kernel.Time;

/// <summary>
/// A timer that counts a process's CPU time: ITIMER_VIRTUAL (user mode only) and ITIMER_PROF (setitimer(2)).
/// </summary>
/// <remarks>
/// CPU time never runs faster than the clock times the number of CPUs. So the process is looked at when it could have used what is left at the earliest, and again until it has; at most
/// once in <see cref="GranularityNs"/>, the resolution that CPU times have for programs.
/// </remarks>
internal sealed class CpuTimeTimer
{
    private const long GranularityNs = 10_000_000;

    private readonly SpinLock _lock = new();
    private readonly Timer _timer;
    private readonly IProcess _process;
    private readonly bool _countsKernel;
    private readonly Action _onExpired;
    private long _deadlineNs;
    private long _intervalNs;

    /// <param name="process">Whose time is counted.</param>
    /// <param name="countsKernel">Kernel time counts too.</param>
    /// <param name="onExpired">Called in task context, with no lock held.</param>
    public CpuTimeTimer(IProcess process, bool countsKernel, Action onExpired)
    {
        _process = process;
        _countsKernel = countsKernel;
        _onExpired = onExpired;
        _timer = new Timer(static state => ((CpuTimeTimer)state!).OnTimer(), this);
    }

    /// <summary>What is left until the next expiration.</summary>
    public TimerSetting Get()
    {
        var used = UsedNs();
        using var guard = _lock.Acquire();
        return GetLocked(used);
    }

    /// <summary>Arms it for so much more CPU time, or disarms it with 0.</summary>
    /// <returns>What was left before.</returns>
    public TimerSetting Set(TimerSetting setting)
    {
        var used = UsedNs();
        using var guard = _lock.Acquire();
        var old = GetLocked(used);
        _deadlineNs = setting.ValueNs == 0 ? 0 : setting.ValueNs > long.MaxValue - used ? long.MaxValue : used + setting.ValueNs;
        _intervalNs = setting.IntervalNs;

        // Under the lock, or a callback that comes late would put its next look in place of this one.
        if (setting.ValueNs == 0)
        {
            _timer.Cancel();
        }
        else
        {
            LookIn(setting.ValueNs);
        }

        return old;
    }

    // An armed timer never shows zero, even when it is due (getitimer(2)).
    private TimerSetting GetLocked(long usedNs) => _deadlineNs == 0 ? default : new TimerSetting(Math.Max(1000, _deadlineNs - usedNs), _intervalNs);

    private long UsedNs()
    {
        var times = _process.Times;
        return _countsKernel ? times.UserNs + times.KernelNs : times.UserNs;
    }

    private void LookIn(long leftNs) => _timer.Arm(Deadline.After(Math.Max(GranularityNs, leftNs / Cpu.Count)));

    private void OnTimer()
    {
        var used = UsedNs();
        bool hasExpired;
        using (_lock.Acquire())
        {
            if (_deadlineNs == 0)
            {
                return;
            }

            hasExpired = used >= _deadlineNs;
            if (hasExpired)
            {
                _deadlineNs = _intervalNs == 0 ? 0 : _deadlineNs + (1 + (used - _deadlineNs) / _intervalNs) * _intervalNs;
            }

            if (_deadlineNs != 0)
            {
                LookIn(_deadlineNs - used);
            }
        }

        if (hasExpired)
        {
            _onExpired();
        }
    }
}
