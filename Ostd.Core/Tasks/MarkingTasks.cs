// SPDX-License-Identifier: MPL-2.0
using Ostd.Cpus;
using Ostd.Runtime;

namespace Ostd.Tasks;

/// <summary>
/// One task for each CPU that marks when its CPU has nothing else to do (SCHED_IDLE): the collector's worker wakes it when there is enough for two. Whatever else becomes runnable there goes
/// first; what such a task leaves behind the worker fetches.
/// </summary>
// SAFETY: the pointer handed out is to a static method of this class, which never goes away.
internal static unsafe class MarkingTasks
{
    // sched(7): SCHED_IDLE.
    private const int IdlePolicy = 5;

    private static Task[] s_tasks = [];

    /// <summary>Starts them, when all CPUs run.</summary>
    public static void Start()
    {
        var tasks = new Task[Cpu.Count];
        for (int cpu = 0; cpu < tasks.Length; cpu++)
        {
            if (!Task.TryCreate(static _ => Loop(), null, "gc-mark", out Task? task))
            {
                Boot.Panic.Halt("no memory for the collector's tasks");
            }

            task.Scheduling.Affinity = 1ul << cpu;
            task.Scheduling.Policy = IdlePolicy;
            task.LastCpu = cpu;
            tasks[cpu] = task;
        }

        s_tasks = tasks;
        foreach (Task task in tasks)
        {
            task.Start();
        }

        GarbageCollector.InstallHelpers(&WakeOne);
    }

    private static void Loop()
    {
        Task current = Task.Current;
        GarbageCollector.PrepareHelper();
        while (true)
        {
            Scheduler.PrepareToSleep(current);
            if (!GarbageCollector.IsHelpWanted)
            {
                Scheduler.Sleep(current);
                continue;
            }

            Scheduler.CancelSleep(current);
            while (GarbageCollector.HelpMarking())
            {
            }
        }
    }

    [NoAlloc]
    private static void WakeOne()
    {
        Task[] tasks = s_tasks;
        for (int cpu = 0; cpu < tasks.Length; cpu++)
        {
            if (tasks[cpu].IsSleeping && Scheduler.IsIdleCpu(cpu))
            {
                Scheduler.Wake(tasks[cpu]);
                return;
            }
        }
    }
}
