// SPDX-License-Identifier: MPL-2.0
using System;
using System.Threading;
using Ostd;
using Ostd.Tasks;

namespace Kernel.Tests.Oops;

/// <summary>What a scheduling policy could answer wrongly (docs/soundness.md).</summary>
internal enum PolicyLie
{
    /// <summary>The task that runs on another CPU.</summary>
    RunningTask,

    /// <summary>A task that has ended.</summary>
    DeadTask,

    /// <summary>A task that sleeps.</summary>
    SleepingTask,

    /// <summary>A task that was created and not started.</summary>
    UnstartedTask,

    /// <summary>The same queued task over and over.</summary>
    Twice,

    /// <summary>A task of another CPU's queue.</summary>
    OtherCpu,

    /// <summary>Nothing, ever.</summary>
    Nothing,

    /// <summary>An exception.</summary>
    Throws,

    /// <summary>A CPU that does not exist.</summary>
    NoSuchCpu,
}

/// <summary>A policy, first in, first out, that tells one lie when it is told to.</summary>
internal sealed class HostileScheduler(PolicyLie lie) : IScheduler
{
    private readonly TaskQueue[] _queues = new TaskQueue[64];
    private Task? _last;
    private int _isLying;
    private bool _isSpinning;

    /// <summary>Installs it, and makes it lie at the next chance.</summary>
    public static void Provoke(PolicyLie lie)
    {
        var policy = new HostileScheduler(lie);
        Task.Current.SetAffinity(1);
        policy.Prepare();
        Scheduling.Install(policy);
        Volatile.Write(ref policy._isLying, 1);
        if (lie is PolicyLie.Twice or PolicyLie.Nothing or PolicyLie.NoSuchCpu or PolicyLie.OtherCpu)
        {
            for (var i = 0; i < 8; i++)
            {
                _ = Task.TryCreate(static _ => Task.Yield(), null, "queued", out var task);
                if (lie == PolicyLie.OtherCpu)
                {
                    task?.SetAffinity(1 << 1);
                }

                task?.Start();
            }
        }

        for (var i = 0; i < 1000; i++)
        {
            Task.Yield();
        }
    }

    /// <inheritdoc/>
    public int SelectCpu(Task task) => IsLying(PolicyLie.NoSuchCpu) ? 1000 : task.LastCpu;

    /// <inheritdoc/>
    public bool Enqueue(int cpu, Task task, bool isWakeup)
    {
        _queues[cpu].Append(task);
        return false;
    }

    /// <inheritdoc/>
    public Task? PickNext(int cpu)
    {
        if (Volatile.Read(ref _isLying) == 0)
        {
            return _queues[cpu].TakeFirst();
        }

        switch (lie)
        {
            case PolicyLie.Twice:
                _last ??= _queues[cpu].TakeFirst();
                return _last;
            case PolicyLie.RunningTask:
                return cpu == 0 ? _last : _queues[cpu].TakeFirst();
            case PolicyLie.DeadTask or PolicyLie.SleepingTask or PolicyLie.UnstartedTask:
                return _last;
            case PolicyLie.OtherCpu:
                for (var other = 0; other < _queues.Length; other++)
                {
                    if (other != cpu && _queues[other].TakeFirst() is { } task)
                    {
                        return task;
                    }
                }

                return _queues[cpu].TakeFirst();
            case PolicyLie.Nothing:
                return null;
            case PolicyLie.Throws:
#pragma warning disable OST2009, OST2010 // A policy that breaks its promise: the scheduler has to notice.
                throw new InvalidOperationException("a policy's mistake");
#pragma warning restore OST2009, OST2010
            default:
                return _queues[cpu].TakeFirst();
        }
    }

    /// <inheritdoc/>
    public bool UpdateCurrent(int cpu, Task current, long elapsedNs, bool isTick) => true;

    /// <inheritdoc/>
    public int QueueLength(int cpu) => _queues[cpu].Count;

    /// <inheritdoc/>
    public Task? Steal(int fromCpu, int toCpu) => null;

    [InterruptSafe]
    private bool IsLying(PolicyLie what) => lie == what && Volatile.Read(ref _isLying) != 0;

    private void Prepare()
    {
        switch (lie)
        {
            case PolicyLie.RunningTask:
                KeepOtherCpuBusy(static policy => ((HostileScheduler)policy!).Spin());
                break;
            case PolicyLie.OtherCpu:
                // What waits for that CPU stays in its queue, where this one finds it.
                KeepOtherCpuBusy(static policy => ((HostileScheduler)policy!).SpinWithoutPreemption());
                break;
            case PolicyLie.DeadTask:
                _ = Task.TryCreate(static _ => { }, null, "dead", out _last);
                _last?.Start();
                while (TaskIsAlive())
                {
                    Task.Yield();
                }

                break;
            case PolicyLie.SleepingTask:
                _ = Task.TryCreate(static _ => Task.SleepUntil(long.MaxValue), null, "asleep", out _last);
                _last?.Start();
                while (_last is { IsSleeping: false })
                {
                    Task.Yield();
                }

                break;
            case PolicyLie.UnstartedTask:
                _ = Task.TryCreate(static _ => { }, null, "unstarted", out _last);
                break;
        }
    }

    private void KeepOtherCpuBusy(Action<object?> spin)
    {
        _ = Task.TryCreate(spin, this, "running", out _last);
        _last?.SetAffinity(1 << 1);
        _last?.Start();
        while (!Volatile.Read(ref _isSpinning))
        {
            Task.Yield();
        }
    }

    private void SpinWithoutPreemption()
    {
        using var guard = PreemptGuard.Disable();
        Spin();
    }

    private void Spin()
    {
        while (true)
        {
            Volatile.Write(ref _isSpinning, true);
        }
    }

    private bool TaskIsAlive() => _last is { } task && task.VoluntarySwitches == 0;
}
