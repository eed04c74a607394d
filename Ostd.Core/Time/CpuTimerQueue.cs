// SPDX-License-Identifier: MPL-2.0
using Ostd.Sync;

namespace Ostd.Time;

/// <summary>One CPU's timers: a pairing heap ordered by deadline. Insertion is O(1), removal O(log n) amortized (Fredman, Sedgewick, Sleator and Tarjan, 1986).</summary>
internal sealed class CpuTimerQueue
{
    public RawSpinLock Lock;

    /// <summary>When the CPU's timer will fire; <see cref="long.MaxValue"/> when it is not armed. Written on that CPU with interrupts off.</summary>
    public long ProgrammedNs = long.MaxValue;

    /// <summary>When the next tick of the scheduler is due.</summary>
    public long NextTickNs;

    /// <summary>When the CPU looks after its neighbour (<see cref="Diagnostics.HardLockup"/>); idle or not.</summary>
    public long NextLookNs = long.MaxValue;

    private TimerNode? _root;

    /// <summary>The earliest deadline, or <see cref="long.MaxValue"/>.</summary>
    [InterruptSafe]
    public long FirstDeadlineNs => _root?.DeadlineNs ?? long.MaxValue;

    [InterruptSafe]
    public TimerNode? First => _root;

    [InterruptSafe]
    public void Insert(TimerNode node)
    {
        node.FirstChild = null;
        node.NextSibling = null;
        node.Before = null;
        node.Queue = this;
        System.Threading.Volatile.Write(ref node.LastQueue, this);
        _root = Meld(_root, node);
    }

    [InterruptSafe]
    public void Remove(TimerNode node)
    {
        if (node == _root)
        {
            _root = MeldSiblings(node.FirstChild);
        }
        else
        {
            Cut(node);
            TimerNode? rest = MeldSiblings(node.FirstChild);
            _root = rest is null ? _root : Meld(_root, rest);
        }

        node.FirstChild = null;
        node.NextSibling = null;
        node.Before = null;
        node.Queue = null;
    }

    [InterruptSafe]
    private static void Cut(TimerNode node)
    {
        TimerNode before = node.Before!;
        if (before.FirstChild == node)
        {
            before.FirstChild = node.NextSibling;
        }
        else
        {
            before.NextSibling = node.NextSibling;
        }

        if (node.NextSibling is not null)
        {
            node.NextSibling.Before = before;
        }
    }

    // Both are roots without siblings.
    [InterruptSafe]
    private static TimerNode Meld(TimerNode? left, TimerNode right)
    {
        if (left is null)
        {
            return right;
        }

        TimerNode parent = left;
        TimerNode child = right;
        if (right.DeadlineNs < left.DeadlineNs)
        {
            parent = right;
            child = left;
        }

        child.NextSibling = parent.FirstChild;
        if (child.NextSibling is not null)
        {
            child.NextSibling.Before = child;
        }

        child.Before = parent;
        parent.FirstChild = child;
        return parent;
    }

    // The two passes: pairs from the left, then all pairs from the right. The list of pairs is kept in NextSibling, in reverse.
    [InterruptSafe]
    private static TimerNode? MeldSiblings(TimerNode? first)
    {
        TimerNode? pairs = null;
        while (first is not null)
        {
            TimerNode left = first;
            TimerNode? right = left.NextSibling;
            first = right?.NextSibling;
            left.NextSibling = null;
            left.Before = null;
            if (right is not null)
            {
                right.NextSibling = null;
                right.Before = null;
                left = Meld(left, right);
            }

            left.NextSibling = pairs;
            pairs = left;
        }

        TimerNode? root = null;
        while (pairs is not null)
        {
            TimerNode next = pairs;
            pairs = next.NextSibling;
            next.NextSibling = null;
            next.Before = null;
            root = Meld(root, next);
        }

        return root;
    }
}
