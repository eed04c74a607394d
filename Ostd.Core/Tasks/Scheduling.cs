// SPDX-License-Identifier: MPL-2.0
using System;

namespace Ostd.Tasks;

/// <summary>Where the policy is put in.</summary>
public static class Scheduling
{
    /// <summary>Installs the policy in the place of the one before (at first, OSTD's own first-in-first-out one); tasks that are queued already go over to it.</summary>
    public static void Install(IScheduler scheduler)
    {
        ArgumentNullException.ThrowIfNull(scheduler);
        Scheduler.Install(scheduler);
    }

    /// <summary>Tasks that are runnable or running now, on all CPUs.</summary>
    public static int RunnableCount => Scheduler.RunnableCount;

    /// <summary>Context switches since boot.</summary>
    public static long ContextSwitches => Scheduler.ContextSwitches;

    /// <summary>Idle time of one CPU since boot, in nanoseconds.</summary>
    public static long IdleTimeNs(int cpu) => Scheduler.IdleTimeNs(cpu);
}
