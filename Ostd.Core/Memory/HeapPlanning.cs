// SPDX-License-Identifier: MPL-2.0
using System;
using System.Threading;
using Ostd.Arch;
using Ostd.Boot;
using Ostd.Runtime;

namespace Ostd.Memory;

/// <summary>Asks the heap's policy, and cuts its answer down to what works.</summary>
internal static class HeapPlanning
{
    /// <summary>The smallest budget: with less the collector would run all the time.</summary>
    public const long LeastBudgetBytes = 1 << 20;

    private static IHeapPolicy? s_policy;

    /// <summary>Puts a policy in, or none. What the one before has planned is over.</summary>
    public static void Install(IHeapPolicy? policy)
    {
        Volatile.Write(ref s_policy, policy);
        if (!TaskHosting.IsHosted)
        {
            GarbageCollector.EndPlans();
        }
    }

    /// <summary>By the collector's task, when a collection is over.</summary>
    public static void AfterCollection()
    {
        if (Volatile.Read(ref s_policy) is not { } policy)
        {
            return;
        }

        HeapPlan plan = default;
        try
        {
            long total = PhysicalMemory.TotalPages << Paging.PageShift;
            plan = Clamp(policy.Plan(new HeapFigures(CollectedHeap.LiveBytes, CollectedHeap.CommittedBytes, PhysicalMemory.FreePages << Paging.PageShift, total)), total);
        }
        catch (Exception)
        {
            Panic.Halt("the heap policy threw an exception");
        }

        GarbageCollector.SetPlan((ulong)plan.BudgetBytes, (ulong)plan.KeptBytes);
    }

    /// <summary>The nearest plan that works.</summary>
    internal static HeapPlan Clamp(HeapPlan plan, long totalBytes)
    {
        long budget = Math.Clamp(plan.BudgetBytes, LeastBudgetBytes, Math.Max(LeastBudgetBytes, totalBytes / 2));
        return new HeapPlan(budget, Math.Clamp(plan.KeptBytes, 0, budget));
    }
}
