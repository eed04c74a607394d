// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Signals;
using Kernel.Abstractions.Time;
using Ostd.Sync;
using Ostd.Time;

namespace Kernel.Time;

/// <summary>Interval timers and POSIX timers, kept beside the processes by pid. Timers are not inherited by fork; execve keeps the interval timers and deletes POSIX timers.</summary>
[Component]
public sealed class ProcessTimers(Late<ISignalService> signals, ITimeKeeper time) : IProcessTimers, IProcessObserver
{
    /// <summary>si_code of signals from POSIX timers (man 2 sigaction).</summary>
    private const int SI_TIMER = -2;

    private readonly Mutex _mutex = new();
    private readonly Dictionary<int, TimersOfProcess> _processes = [];

    public TimerSetting GetIntervalTimer(IProcess process, IntervalTimerKind kind)
    {
        ArgumentNullException.ThrowIfNull(process);
        using var guard = _mutex.Acquire();
        if (!_processes.TryGetValue(process.Pid, out var timers))
        {
            return default;
        }

        return kind switch
        {
            IntervalTimerKind.ITIMER_REAL => timers.RealTimer?.Get() ?? default,
            IntervalTimerKind.ITIMER_VIRTUAL => timers.VirtualTimer?.Get() ?? default,
            _ => timers.ProfilingTimer?.Get() ?? default,
        };
    }

    public TimerSetting SetIntervalTimer(IProcess process, IntervalTimerKind kind, TimerSetting setting)
    {
        ArgumentNullException.ThrowIfNull(process);
        using var guard = _mutex.Acquire();
        if (setting.ValueNs == 0 && !_processes.ContainsKey(process.Pid))
        {
            return default;
        }

        var timers = GetOrAddLocked(process);
        if (kind == IntervalTimerKind.ITIMER_VIRTUAL)
        {
            timers.VirtualTimer ??= new CpuTimeTimer(process, false, () => signals.Value.SendToProcess(process, SignalInfo.FromKernel(Signal.SIGVTALRM)));
            return timers.VirtualTimer.Set(setting);
        }

        if (kind == IntervalTimerKind.ITIMER_PROF)
        {
            timers.ProfilingTimer ??= new CpuTimeTimer(process, true, () => signals.Value.SendToProcess(process, SignalInfo.FromKernel(Signal.SIGPROF)));
            return timers.ProfilingTimer.Set(setting);
        }

        timers.RealTimer ??= new ProcessTimer((_, _) => signals.Value.SendToProcess(process, SignalInfo.FromKernel(Signal.SIGALRM)));
        return timers.RealTimer.Set(setting.ValueNs == 0 ? 0 : Deadline.After(setting.ValueNs), setting.IntervalNs);
    }

    public Result<int> Create(IProcess process, bool usesRealTime, Signal signal, IThread? target, ulong? value)
    {
        ArgumentNullException.ThrowIfNull(process);
        using var guard = _mutex.Acquire();
        var timers = GetOrAddLocked(process);
        var id = timers.Posix.FindIndex(static t => t is null);
        if (id < 0)
        {
            if ((ulong)timers.Posix.Count >= process.Limits.Soft(ResourceKind.PendingSignals))
            {
                return Errno.EAGAIN;
            }

            id = timers.Posix.Count;
            timers.Posix.Add(null);
        }

        timers.Posix[id] = new PosixTimer(this, process, id, usesRealTime, signal, target, value ?? (ulong)id);
        return id;
    }

    public Result<TimerSetting> Set(IProcess process, int id, TimerSetting setting, bool isAbsolute)
    {
        using var guard = _mutex.Acquire();
        if (FindLocked(process, id) is not { } timer)
        {
            return Errno.EINVAL;
        }

        var deadline = setting.ValueNs == 0 ? 0
            : !isAbsolute ? Deadline.After(setting.ValueNs)
            : Math.Max(1, timer.UsesRealTime ? setting.ValueNs - time.RealTimeOffsetNs : setting.ValueNs);
        timer.Overrun = 0;
        return timer.Timer.Set(deadline, setting.IntervalNs);
    }

    public Result<TimerSetting> Get(IProcess process, int id)
    {
        using var guard = _mutex.Acquire();
        return FindLocked(process, id) is { } timer ? timer.Timer.Get() : Errno.EINVAL;
    }

    public Result<int> GetOverrun(IProcess process, int id)
    {
        using var guard = _mutex.Acquire();
        return FindLocked(process, id) is { } timer ? (int)Math.Min(timer.Overrun, int.MaxValue) : Errno.EINVAL;
    }

    public Errno Delete(IProcess process, int id)
    {
        using var guard = _mutex.Acquire();
        if (FindLocked(process, id) is not { } timer)
        {
            return Errno.EINVAL;
        }

        timer.Timer.Set(0, 0);
        _processes[process.Pid].Posix[id] = null;
        return Errno.Success;
    }

    public void OnExit(IProcess process)
    {
        ArgumentNullException.ThrowIfNull(process);
        using var guard = _mutex.Acquire();
        if (_processes.Remove(process.Pid, out var timers))
        {
            timers.RealTimer?.Set(0, 0);
            timers.VirtualTimer?.Set(default);
            timers.ProfilingTimer?.Set(default);
            timers.DisarmPosix();
        }
    }

    public void OnExecute(IProcess process)
    {
        ArgumentNullException.ThrowIfNull(process);
        using var guard = _mutex.Acquire();
        if (_processes.TryGetValue(process.Pid, out var timers))
        {
            timers.DisarmPosix();
            timers.Posix.Clear();
        }
    }

    private TimersOfProcess GetOrAddLocked(IProcess process)
    {
        if (!_processes.TryGetValue(process.Pid, out var timers))
        {
            _processes.Add(process.Pid, timers = new TimersOfProcess());
        }

        return timers;
    }

    private PosixTimer? FindLocked(IProcess process, int id)
        => _processes.TryGetValue(process.Pid, out var timers) && (uint)id < (uint)timers.Posix.Count ? timers.Posix[id] : null;

    private sealed class TimersOfProcess
    {
        public ProcessTimer? RealTimer { get; set; }

        public CpuTimeTimer? VirtualTimer { get; set; }

        public CpuTimeTimer? ProfilingTimer { get; set; }

        public List<PosixTimer?> Posix { get; } = [];

        public void DisarmPosix()
        {
            foreach (var timer in Posix)
            {
                timer?.Timer.Set(0, 0);
            }
        }
    }

    private sealed class PosixTimer
    {
        public PosixTimer(ProcessTimers owner, IProcess process, int id, bool usesRealTime, Signal signal, IThread? target, ulong value)
        {
            UsesRealTime = usesRealTime;
            Timer = new ProcessTimer((_, expirations) =>
            {
                Overrun = expirations - 1;
                var info = new SignalInfo(signal, SI_TIMER, id, (uint)Overrun, value);
                if (signal == Signal.None)
                {
                    return;
                }

                if (target is not null)
                {
                    owner.Signals.SendToThread(target, info);
                }
                else
                {
                    owner.Signals.SendToProcess(process, info);
                }
            });
        }

        public bool UsesRealTime { get; }

        public ProcessTimer Timer { get; }

        public long Overrun { get; set; }
    }

    private ISignalService Signals => signals.Value;
}
