// SPDX-License-Identifier: MPL-2.0
using System.Numerics;
using Ostd;
using Ostd.Tasks;

namespace Kernel.Sched;

/// <summary>Runnable real-time tasks: one list for each priority (man 7 sched), with a bit for each list that is not empty. All operations are O(1).</summary>
internal sealed class RealTimeQueue
{
    /// <summary>Priorities are 1 to 99.</summary>
    private const int Levels = 100;

    private readonly TaskQueue[] _queues = new TaskQueue[Levels];
    private ulong _lowLevels;
    private ulong _highLevels;

    public int Count { get; private set; }

    /// <summary>The highest priority that has a task; 0 when empty.</summary>
    [InterruptSafe]
    public int HighestPriority =>
        _highLevels != 0 ? 127 - BitOperations.LeadingZeroCount(_highLevels)
        : _lowLevels != 0 ? 63 - BitOperations.LeadingZeroCount(_lowLevels) : 0;

    [InterruptSafe]
    public void Add(Task task, int priority, bool atHead)
    {
        if (atHead)
            _queues[priority].Prepend(task);
        else
            _queues[priority].Append(task);
        Mark(priority);
        Count++;
    }

    [InterruptSafe]
    public Task? TakeFirst()
    {
        var priority = HighestPriority;
        return Taken(_queues[priority].TakeFirst(), priority);
    }

    /// <summary>Takes the first task that may run on a CPU, of the highest priority that has one. O(n) when most may not.</summary>
    [InterruptSafe]
    public Task? TakeAllowed(int cpu)
    {
        for (var priority = Count == 0 ? 0 : HighestPriority; priority > 0; priority--)
        {
            if (_queues[priority].TakeAllowed(cpu) is { } task)
                return Taken(task, priority);
        }

        return null;
    }

    [InterruptSafe]
    private Task? Taken(Task? task, int priority)
    {
        if (task is null)
            return null;
        Mark(priority);
        Count--;
        return task;
    }

    [InterruptSafe]
    private void Mark(int priority)
    {
        ref var word = ref priority < 64 ? ref _lowLevels : ref _highLevels;
        var bit = 1UL << (priority & 63);
        word = _queues[priority].Count != 0 ? word | bit : word & ~bit;
    }
}
