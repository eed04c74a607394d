// SPDX-License-Identifier: MPL-2.0
using Ostd.Sync;

namespace Kernel.Events;

/// <summary>Which epoll instances watch which: changed under one lock, so that no circle comes about (man 2 epoll_ctl, ELOOP).</summary>
internal sealed class EventPollTopology
{
    /// <summary>Longest chain of epoll instances that watch each other (EP_MAX_NESTS).</summary>
    public const int MaxNesting = 4;

    /// <summary>Held while an epoll instance is added to another one; comes before the instances' own locks.</summary>
    public Mutex Lock { get; } = new();

    /// <summary>True when adding <paramref name="inner"/> to <paramref name="outer"/> would close a circle, or make too long a chain.</summary>
    public static bool WouldLoop(EventPoll outer, EventPoll inner)
        => ReferenceEquals(outer, inner) || Reaches(inner, outer, 1) || DepthAbove(outer) + DepthBelow(inner, 1) > MaxNesting + 1;

    private static bool Reaches(EventPoll from, EventPoll target, int depth)
    {
        if (depth > MaxNesting + 1)
        {
            return true;
        }

        foreach (var nested in from.NestedInstances())
        {
            if (ReferenceEquals(nested, target) || Reaches(nested, target, depth + 1))
            {
                return true;
            }
        }

        return false;
    }

    private static int DepthBelow(EventPoll instance, int depth)
    {
        var deepest = depth;
        if (depth <= MaxNesting + 1)
        {
            foreach (var nested in instance.NestedInstances())
            {
                deepest = System.Math.Max(deepest, DepthBelow(nested, depth + 1));
            }
        }

        return deepest;
    }

    private static int DepthAbove(EventPoll instance)
    {
        var deepest = 0;
        foreach (var outer in instance.OuterInstances())
        {
            deepest = System.Math.Max(deepest, DepthAbove(outer));
        }

        return deepest + 1;
    }
}
