// SPDX-License-Identifier: MPL-2.0
using Ostd.Runtime;

namespace Ostd.Tasks;

/// <summary>The task that collects garbage beside the running program. It sleeps until the heap asks for a collection.</summary>
// SAFETY: the pointer handed out is to a static method of this class, which never goes away.
internal static unsafe class CollectorTask
{
    private static Task? s_task;

    /// <summary>Starts it; until then collections stop the world.</summary>
    public static void Start()
    {
        if (!Task.TryCreate(static _ => Loop(), null, "gc", out Task? task))
        {
            Boot.Panic.Halt("no memory for the collector's task");
        }

        s_task = task;
        task.Start();
        GarbageCollector.InstallWorker(&Wake);
        if (Cpus.Cpu.Count > 1)
        {
            MarkingTasks.Start();
        }
    }

    private static void Loop()
    {
        Task current = Task.Current;
        while (true)
        {
            Scheduler.PrepareToSleep(current);
            if (!GarbageCollector.IsCycleWanted)
            {
                Scheduler.Sleep(current);
                continue;
            }

            Scheduler.CancelSleep(current);
            while (GarbageCollector.StepCycle())
            {
            }

            Memory.HeapPlanning.AfterCollection();
        }
    }

    // From an allocation, whatever spinning locks its task holds: the scheduler's lock is the only one taken.
    [NoAlloc]
    private static void Wake() => Scheduler.Wake(s_task!);
}
