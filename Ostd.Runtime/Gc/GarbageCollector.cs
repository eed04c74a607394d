// SPDX-License-Identifier: MPL-2.0

namespace Ostd.Runtime;

/// <summary>What OSTD may ask of the collector.</summary>
public static class GarbageCollector
{
    /// <summary>Collect at every Nth allocation; 0, the default, for when it is due. The kernel parameter <c>gc.stress</c>.</summary>
    public static uint StressInterval
    {
        get => GcHeap.StressInterval;
        set => GcHeap.StressInterval = value;
    }

    /// <summary>Whether the heap is checked after each collection.</summary>
    public static bool IsVerifying
    {
        get => Collector.IsVerifying;
        set => Collector.IsVerifying = value;
    }

    /// <summary>Collections since boot.</summary>
    public static uint CollectionCount => (Collector.StoppedCount + ConcurrentCycle.CompletedCount);

    /// <summary>Bytes of the cells that survived the last collection.</summary>
    public static ulong LiveBytes => Sweeper.LiveBytes;

    /// <summary>Bytes handed to allocation since boot, counted by blocks.</summary>
    public static ulong TotalAllocatedBytes => GcHeap.TotalAllocatedBytes;

    /// <summary>Bytes taken from the page provider and not given back.</summary>
    public static ulong CommittedBytes => PageProvider.CommittedBytes;

    /// <summary>Nanoseconds per unit of the cycle counter, as a 32.32 fixed-point number.</summary>
    public static ulong NsPerCycle
    {
        get => GcStatistics.NsPerCycle;
        set => GcStatistics.NsPerCycle = value;
    }

    /// <summary>Bytes of cells and blocks allocated since the collector last began to mark.</summary>
    public static ulong AllocatedSinceMarking => GcBudget.AllocatedBytes;

    /// <summary>How often the mark stack was too small.</summary>
    public static ulong MarkOverflowCount => Marker.OverflowCount;

    /// <summary>A collection beside the running program begins as soon as one ends. The kernel parameter <c>gc.stress.concurrent</c>.</summary>
    public static bool IsContinuous
    {
        get => ConcurrentCycle.IsContinuous;
        set
        {
            ConcurrentCycle.IsContinuous = value;
            if (value)
            {
                // The worker may sleep already, and nothing else would wake it before the first cycle is due.
                ConcurrentCycle.Request();
            }
        }
    }

    /// <summary>A collection is wanted or under way.</summary>
    public static bool IsCycleWanted => ConcurrentCycle.IsWanted;

    /// <summary>Tells that there is a task which calls <see cref="StepCycle"/> while <see cref="IsCycleWanted"/>.</summary>
    /// <param name="wake">Wakes it; called in any context in which allocation is allowed.</param>
    // SAFETY: the pointer is passed on and not called here; it is to a static method of the kernel, which never goes away.
    public static unsafe void InstallWorker([NoAlloc] delegate*<void> wake) => ConcurrentCycle.InstallWorker(wake);

    /// <summary>Does the next short piece of a collection beside the running program, and begins one when none is under way. By one task alone.</summary>
    /// <returns>False when the collection is over.</returns>
    public static bool StepCycle() => ConcurrentCycle.Step();

    /// <summary>There is something to mark for a CPU that has nothing else to do.</summary>
    public static bool IsHelpWanted => MarkingHelp.IsWanted;

    /// <summary>Tells that there is a task on each CPU which calls <see cref="HelpMarking"/> when it is woken.</summary>
    /// <param name="wakeHelper">Wakes one whose CPU has nothing else to do, if there is one; called by the worker with no lock held.</param>
    // SAFETY: as InstallWorker.
    public static unsafe void InstallHelpers([NoAlloc] delegate*<void> wakeHelper) => MarkingHelp.Install(wakeHelper);

    /// <summary>Makes what the CPU needs for marking. By a helper, before it helps.</summary>
    public static void PrepareHelper() => CpuHeap.Ensure();

    /// <summary>Marks a little. By a task that stays on its CPU.</summary>
    /// <returns>False when nothing is left to do here.</returns>
    public static bool HelpMarking() => MarkingHelp.Step();

    /// <summary>Says when the next collection is due, and what stays backed by memory after it. Any numbers are safe; too small ones make the collector run all the time.</summary>
    /// <param name="budgetBytes">Bytes to allocate until then.</param>
    /// <param name="keptBytes">Bytes of free blocks.</param>
    public static void SetPlan(ulong budgetBytes, ulong keptBytes) => GcBudget.SetPlan(budgetBytes, keptBytes);

    /// <summary>Forgets the last plan: the runtime's own rule holds from now on.</summary>
    public static void EndPlans() => GcBudget.EndPlans();

    /// <summary>Bytes to allocate between the beginnings of the last collection and the next.</summary>
    public static ulong BudgetBytes => GcBudget.LimitBytes;

    /// <summary>Collects now.</summary>
    [NoAlloc]
    public static void Collect() => Collector.Collect();
}
