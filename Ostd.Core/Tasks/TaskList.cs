// SPDX-License-Identifier: MPL-2.0
using Ostd.Sync;

namespace Ostd.Tasks;

/// <summary>All tasks. It keeps them alive for the collector: the per-CPU block, which names the running ones, is not scanned.</summary>
internal static class TaskList
{
    private static Task? s_first;
    private static RawSpinLock s_lock;

    [InterruptSafe]
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

    /// <summary>Counts a round for each task that still is in the same uninterruptible wait as at the last call, and begins anew for the others.</summary>
    public static void AgeWaits()
    {
        bool wereEnabled = s_lock.Enter();
        for (Task? task = s_first; task is not null; task = task.NextInList)
        {
            task.AgeWait();
        }

        s_lock.Exit(wereEnabled);
    }

    /// <summary>A task that reached so many rounds since the last call of <see cref="AgeWaits"/>; each is found once.</summary>
    public static Task? FindHung(int rounds)
    {
        bool wereEnabled = s_lock.Enter();
        Task? task = s_first;
        while (task is not null && !task.TryTakeHung(rounds))
        {
            task = task.NextInList;
        }

        s_lock.Exit(wereEnabled);
        return task;
    }

    [InterruptSafe]
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
