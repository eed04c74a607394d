// SPDX-License-Identifier: MPL-2.0
using Ostd.Sync;

namespace Ostd.Tasks;

/// <summary>All tasks. It keeps them alive for the collector: the per-CPU block, which names the running ones, is not scanned.</summary>
internal static class TaskList
{
    private static Task? s_first;
    private static RawSpinLock s_lock;

    public static void Add(Task task)
    {
        bool wereEnabled = s_lock.Enter();
        task.NextInList = s_first;
        if (s_first is not null)
        {
            s_first.PreviousInList = task;
        }

        s_first = task;
        s_lock.Exit(wereEnabled);
    }

    public static void Remove(Task task)
    {
        bool wereEnabled = s_lock.Enter();
        if (task.PreviousInList is not null)
        {
            task.PreviousInList.NextInList = task.NextInList;
        }
        else if (s_first == task)
        {
            s_first = task.NextInList;
        }

        if (task.NextInList is not null)
        {
            task.NextInList.PreviousInList = task.PreviousInList;
        }

        task.NextInList = null;
        task.PreviousInList = null;
        s_lock.Exit(wereEnabled);
    }
}
