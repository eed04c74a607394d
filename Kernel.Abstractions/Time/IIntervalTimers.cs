// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Signals;

namespace Kernel.Abstractions.Time;

/// <summary>A timer's setting, in nanoseconds: time left (0: disarmed) and period (0: one shot).</summary>
public readonly record struct TimerSetting(long ValueNs, long IntervalNs);

/// <summary>What a process's interval timer counts, with the numbers of setitimer(2).</summary>
public enum IntervalTimerKind
{
    /// <summary>Time on the clock; SIGALRM.</summary>
    ITIMER_REAL,

    /// <summary>CPU time in user mode; SIGVTALRM.</summary>
    ITIMER_VIRTUAL,

    /// <summary>CPU time; SIGPROF.</summary>
    ITIMER_PROF,
}

/// <summary>The timers of processes: setitimer(2) and timer_create(2).</summary>
public interface IProcessTimers
{
    /// <summary>What is left of an interval timer.</summary>
    TimerSetting GetIntervalTimer(IProcess process, IntervalTimerKind kind);

    /// <summary>Sets an interval timer and returns what was left.</summary>
    TimerSetting SetIntervalTimer(IProcess process, IntervalTimerKind kind, TimerSetting setting);

    /// <summary>Makes a POSIX timer; <paramref name="target"/> is null for a signal to the process, and <paramref name="signal"/> None for SIGEV_NONE.</summary>
    /// <returns>Its id; EAGAIN.</returns>
    Result<int> Create(IProcess process, bool usesRealTime, Signal signal, IThread? target, ulong? value);

    /// <summary>Arms, disarms and returns the old setting.</summary>
    /// <returns>EINVAL for an unknown id.</returns>
    Result<TimerSetting> Set(IProcess process, int id, TimerSetting setting, bool isAbsolute);

    Result<TimerSetting> Get(IProcess process, int id);

    /// <summary>Expirations beyond the one whose signal was delivered last.</summary>
    Result<int> GetOverrun(IProcess process, int id);

    Errno Delete(IProcess process, int id);
}
