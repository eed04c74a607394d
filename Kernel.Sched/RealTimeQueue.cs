// SPDX-License-Identifier: MPL-2.0
using System.Numerics;
using Ostd.Tasks;

namespace Kernel.Sched;

/// <summary>Runnable real-time tasks: one list for each priority (man 7 sched), with a bit for each list that is not empty. All operations are O(1).</summary>
internal sealed class RealTimeQueue
{
    /// <summary>Priorities are 1 to 99.</summary>
    private const int Levels = 100;

    private readonly Task?[] _first = new Task?[Levels];
    private readonly Task?[] _last = new Task?[Levels];
    private ulong _lowLevels;
    private ulong _highLevels;

    public int Count { get; private set; }

    /// <summary>The highest priority that has a task; 0 when empty.</summary>
    public int HighestPriority =>
        _highLevels != 0 ? 127 - BitOperations.LeadingZeroCount(_highLevels)
        : _lowLevels != 0 ? 63 - BitOperations.LeadingZeroCount(_lowLevels) : 0;

    public void Add(Task task, int priority, bool atHead)
    {
        var entity = task.Scheduling;
        entity.Next = null;
        if (_first[priority] is not { } first)
        {
            _first[priority] = _last[priority] = task;
            Mark(priority, true);
        }
        else if (atHead)
        {
            entity.Next = first;
            _first[priority] = task;
        }
        else
        {
            _last[priority]!.Scheduling.Next = task;
            _last[priority] = task;
        }

        Count++;
    }

    public Task? TakeFirst()
    {
        var priority = HighestPriority;
        if (_first[priority] is not { } task)
            return null;
        _first[priority] = task.Scheduling.Next;
        task.Scheduling.Next = null;
        if (_first[priority] is null)
        {
            _last[priority] = null;
            Mark(priority, false);
        }

        Count--;
        return task;
    }

    /// <summary>Takes the first task that may run on a CPU, of the highest priority that has one. O(n) when most may not.</summary>
    public Task? TakeAllowed(int cpu)
    {
        for (var priority = Count == 0 ? 0 : HighestPriority; priority > 0; priority--)
        {
            Task? before = null;
            for (var task = _first[priority]; task is not null; before = task, task = task.Scheduling.Next)
            {
                if ((task.Scheduling.Affinity >> cpu & 1) == 0)
                    continue;
                Unlink(task, before, priority);
                return task;
            }
        }

        return null;
    }

    private void Unlink(Task task, Task? before, int priority)
    {
        if (before is null)
            _first[priority] = task.Scheduling.Next;
        else
            before.Scheduling.Next = task.Scheduling.Next;
        if (_last[priority] == task)
            _last[priority] = before;
        task.Scheduling.Next = null;
        if (_first[priority] is null)
            Mark(priority, false);
        Count--;
    }

    private void Mark(int priority, bool isUsed)
    {
        ref var word = ref priority < 64 ? ref _lowLevels : ref _highLevels;
        var bit = 1UL << (priority & 63);
        word = isUsed ? word | bit : word & ~bit;
    }
}
