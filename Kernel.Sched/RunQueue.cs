// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd;
using Ostd.Tasks;

namespace Kernel.Sched;

/// <summary>The policy's state for one CPU, and its decisions. OSTD's lock for the CPU guards it.</summary>
internal sealed class RunQueue
{
    public const int SCHED_OTHER = 0;
    public const int SCHED_FIFO = 1;
    public const int SCHED_RR = 2;
    public const int SCHED_BATCH = 3;
    public const int SCHED_IDLE = 5;

    /// <summary>In this time every runnable task should have run once, if there are few of them.</summary>
    private const long LatencyNs = 6_000_000;

    /// <summary>No task gives way to its equals before it ran so long.</summary>
    private const long MinimumGranularityNs = 1_500_000;

    /// <summary>A woken task must be so far behind to take the CPU away at once.</summary>
    private const long WakeupGranularityNs = 1_000_000;

    /// <summary>Quantum of SCHED_RR.</summary>
    public const long RoundRobinQuantumNs = 100_000_000;

    private readonly FairQueue _fair = new();
    private readonly RealTimeQueue _realTime = new();
    private Task? _current;
    private long _ranNs;

    [InterruptSafe]
    public int Count => _fair.Count + _realTime.Count;

    /// <summary>Tasks that run here or want to. Readable from other CPUs, and then out of date the next moment.</summary>
    [InterruptSafe]
    public int Load => Count + (_current is null ? 0 : 1);

    /// <summary>Least virtual run time that a task here can have: it never goes back, so that a long sleeper does not get all the time it slept.</summary>
    public long MinimumVirtualRuntimeNs { get; private set; }

    [InterruptSafe]
    public static bool IsRealTime(Task task) => task.Scheduling.Policy is SCHED_FIFO or SCHED_RR;

    /// <returns>True when the task should run at once instead of the current one.</returns>
    [InterruptSafe]
    public bool Enqueue(Task task, bool isWakeup)
    {
        if (IsRealTime(task))
            return EnqueueRealTime(task, isWakeup);
        var entity = task.Scheduling;

        // Virtual clocks of different CPUs tell different times: the task takes along how far it is ahead or behind.
        if (entity.PolicyData is RunQueue before && before != this)
            entity.VirtualRuntimeNs += MinimumVirtualRuntimeNs - before.MinimumVirtualRuntimeNs;
        entity.PolicyData = this;
        if (isWakeup)
        {
            // A sleeper gets a bonus of at most half a period over those that stayed.
            entity.VirtualRuntimeNs = Math.Max(entity.VirtualRuntimeNs, MinimumVirtualRuntimeNs - LatencyNs / 2);
        }

        _fair.Add(task);
        return isWakeup && PreemptsOnWakeup(task);
    }

    [InterruptSafe]
    public Task? PickNext()
    {
        _current = _realTime.TakeFirst() ?? _fair.TakeFirst();
        _ranNs = 0;
        return _current;
    }

    /// <summary>Takes a task off the queue for a CPU that has nothing, or less, to do: the one that would run next of those that may run there.</summary>
    [InterruptSafe]
    public Task? Steal(int cpu) => _realTime.TakeAllowed(cpu) ?? _fair.TakeAllowed(cpu);

    /// <returns>True when the current task should give way.</returns>
    [InterruptSafe]
    public bool UpdateCurrent(Task current, long elapsedNs, bool isTick)
    {
        _ranNs += elapsedNs;
        if (IsRealTime(current))
        {
            var isExpired = current.Scheduling.Policy == SCHED_RR && _ranNs >= RoundRobinQuantumNs && _realTime.HighestPriority >= PriorityOf(current);
            return isTick && (isExpired || _realTime.HighestPriority > PriorityOf(current));
        }

        current.Scheduling.VirtualRuntimeNs += NiceWeights.ScaleToVirtual(elapsedNs, NiceWeights.WeightOf(current.Scheduling));
        AdvanceMinimum(current);
        if (_realTime.Count != 0)
            return true;
        return isTick && _fair.First is { } first && _ranNs >= SliceNs && first.Scheduling.VirtualRuntimeNs < current.Scheduling.VirtualRuntimeNs;
    }

    [InterruptSafe]
    private long SliceNs => Math.Max(LatencyNs / (_fair.Count + 1), MinimumGranularityNs);

    [InterruptSafe]
    private static int PriorityOf(Task task) => Math.Clamp(task.Scheduling.RealTimePriority, 1, 99);

    [InterruptSafe]
    private bool EnqueueRealTime(Task task, bool isWakeup)
    {
        var priority = PriorityOf(task);

        // man 7 sched: a task that a higher priority pushed aside stays at the head of its list; one that used its quantum up, yielded or woke goes to the tail.
        var isPreempted = !isWakeup && _realTime.HighestPriority > priority && !(task.Scheduling.Policy == SCHED_RR && _ranNs >= RoundRobinQuantumNs);
        _realTime.Add(task, priority, isPreempted);
        return isWakeup && (_current is null || !IsRealTime(_current) || priority > PriorityOf(_current));
    }

    [InterruptSafe]
    private bool PreemptsOnWakeup(Task task)
    {
        if (_current is not { } current || IsRealTime(current))
            return false;
        if (current.Scheduling.Policy == SCHED_IDLE)
            return task.Scheduling.Policy != SCHED_IDLE;
        if (task.Scheduling.Policy is SCHED_BATCH or SCHED_IDLE)
            return false;
        var granularity = NiceWeights.ScaleToVirtual(WakeupGranularityNs, NiceWeights.WeightOf(task.Scheduling));
        return task.Scheduling.VirtualRuntimeNs + granularity < current.Scheduling.VirtualRuntimeNs;
    }

    [InterruptSafe]
    private void AdvanceMinimum(Task current)
    {
        var least = current.Scheduling.VirtualRuntimeNs;
        if (_fair.First is { } first)
            least = Math.Min(least, first.Scheduling.VirtualRuntimeNs);
        MinimumVirtualRuntimeNs = Math.Max(MinimumVirtualRuntimeNs, least);
    }
}
