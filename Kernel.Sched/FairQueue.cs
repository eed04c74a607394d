// SPDX-License-Identifier: MPL-2.0
using Ostd.Tasks;

namespace Kernel.Sched;

/// <summary>
/// Runnable tasks by virtual run time: a leftist heap (C. A. Crane, 1972) whose links lie in the tasks, so that nothing is allocated. Adding and taking the least are O(log n). In the entity,
/// <see cref="SchedulingEntity.Next"/> is the left child, <see cref="SchedulingEntity.Previous"/> the right one, and <see cref="SchedulingEntity.QueueRank"/> the distance to the nearest missing child,
/// which is never larger on the right: the right spine has O(log n) nodes.
/// </summary>
internal sealed class FairQueue
{
    private Task? _root;

    public int Count { get; private set; }

    /// <summary>The task with the least virtual run time; null when empty.</summary>
    public Task? First => _root;

    public void Add(Task task)
    {
        var entity = task.Scheduling;
        entity.Next = entity.Previous = null;
        entity.QueueRank = 1;
        _root = Merge(_root, task);
        Count++;
    }

    public Task? TakeFirst()
    {
        if (_root is not { } first)
            return null;
        var entity = first.Scheduling;
        _root = Merge(entity.Next, entity.Previous);
        entity.Next = entity.Previous = null;
        Count--;
        return first;
    }

    // The depth is that of the two right spines: O(log n).
    private static Task? Merge(Task? one, Task? other)
    {
        if (one is null)
            return other;
        if (other is null)
            return one;
        if (other.Scheduling.VirtualRuntimeNs < one.Scheduling.VirtualRuntimeNs)
            (one, other) = (other, one);

        var entity = one.Scheduling;
        entity.Previous = Merge(entity.Previous, other);
        if (Rank(entity.Next) < Rank(entity.Previous))
            (entity.Next, entity.Previous) = (entity.Previous, entity.Next);
        entity.QueueRank = Rank(entity.Previous) + 1;
        return one;
    }

    private static int Rank(Task? task) => task?.Scheduling.QueueRank ?? 0;
}
