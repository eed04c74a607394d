// SPDX-License-Identifier: MPL-2.0
using Ostd;
using Ostd.Tasks;

namespace Kernel.Sched;

/// <summary>
/// Runnable tasks by virtual run time: a leftist heap (C. A. Crane, 1972) whose links lie in the tasks, so that nothing is allocated. Adding and taking the least are O(log n). In the entity,
/// <see cref="SchedulingEntity.Next"/> is the left child, <see cref="SchedulingEntity.Previous"/> the right one, and <see cref="SchedulingEntity.QueueRank"/> the distance to the nearest missing child,
/// which is never larger on the right: the right spine has O(log n) nodes.
/// </summary>
internal sealed class FairQueue
{
    // How many tasks a search for one that may run elsewhere looks at.
    private const int MaxVisits = 32;

    private Task? _root;

    public int Count { get; private set; }

    /// <summary>The task with the least virtual run time; null when empty.</summary>
    [InterruptSafe]
    public Task? First => _root;

    [InterruptSafe]
    public void Add(Task task)
    {
        var entity = task.Scheduling;
        entity.Next = entity.Previous = null;
        entity.QueueRank = 1;
        _root = Merge(_root, task);
        Count++;
    }

    [InterruptSafe]
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

    /// <summary>Takes a task that may run on a CPU: the first if it may, else one of those near the root.</summary>
    [InterruptSafe]
    public Task? TakeAllowed(int cpu)
    {
        var visitsLeft = MaxVisits;
        _root = Remove(_root, cpu, ref visitsLeft, out var taken);
        if (taken is null)
            return null;
        taken.Scheduling.Next = taken.Scheduling.Previous = null;
        Count--;
        return taken;
    }

    // Takes one allowed task out of a subtree, and returns its new root. The left spine can be as long as the queue, so the search is limited.
    [InterruptSafe]
    private static Task? Remove(Task? node, int cpu, ref int visitsLeft, out Task? taken)
    {
        taken = null;
        if (node is null || visitsLeft <= 0)
            return node;
        visitsLeft--;
        var entity = node.Scheduling;
        if ((entity.Affinity >> cpu & 1) != 0)
        {
            taken = node;
            return Merge(entity.Next, entity.Previous);
        }

        entity.Next = Remove(entity.Next, cpu, ref visitsLeft, out taken);
        if (taken is null && visitsLeft > 0)
            entity.Previous = Remove(entity.Previous, cpu, ref visitsLeft, out taken);
        if (Rank(entity.Next) < Rank(entity.Previous))
            (entity.Next, entity.Previous) = (entity.Previous, entity.Next);
        entity.QueueRank = Rank(entity.Previous) + 1;
        return node;
    }

    // The depth is that of the two right spines: O(log n).
    [InterruptSafe]
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

    [InterruptSafe]
    private static int Rank(Task? task) => task?.Scheduling.QueueRank ?? 0;
}
