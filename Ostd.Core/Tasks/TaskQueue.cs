// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Tasks;

/// <summary>
/// A first-in, first-out list of runnable tasks for schedulers; the links lie in the tasks, so that nothing is allocated. A task may stand in one queue only. Its owner locks it: the framework calls a
/// scheduler with the CPU's lock held. A mutable struct: keep it in a field or an array and never copy it.
/// </summary>
public struct TaskQueue
{
    private Task? _first;
    private Task? _last;

    /// <summary>How many tasks stand in the queue.</summary>
    [InterruptSafe]
    public int Count { get; private set; }

    /// <summary>Puts a task behind all others.</summary>
    [InterruptSafe]
    public void Append(Task task)
    {
        task.Scheduling.Next = null;
        if (_last is null)
        {
            _first = task;
        }
        else
        {
            _last.Scheduling.Next = task;
        }

        _last = task;
        Count++;
    }

    /// <summary>Puts a task before all others.</summary>
    [InterruptSafe]
    public void Prepend(Task task)
    {
        task.Scheduling.Next = _first;
        _first = task;
        _last ??= task;
        Count++;
    }

    /// <summary>Takes the task that stands first; null when the queue is empty.</summary>
    [InterruptSafe]
    public Task? TakeFirst()
    {
        if (_first is { } task)
        {
            Unlink(task, null);
            return task;
        }

        return null;
    }

    /// <summary>Takes the first task whose affinity allows a CPU; null when there is none. O(n) when most may not run there.</summary>
    [InterruptSafe]
    public Task? TakeAllowed(int cpu)
    {
        Task? before = null;
        for (Task? task = _first; task is not null; before = task, task = task.Scheduling.Next)
        {
            if ((task.Scheduling.Affinity >> cpu & 1) != 0)
            {
                Unlink(task, before);
                return task;
            }
        }

        return null;
    }

    [InterruptSafe]
    private void Unlink(Task task, Task? before)
    {
        if (before is null)
        {
            _first = task.Scheduling.Next;
        }
        else
        {
            before.Scheduling.Next = task.Scheduling.Next;
        }

        if (_last == task)
        {
            _last = before;
        }

        task.Scheduling.Next = null;
        Count--;
    }
}
