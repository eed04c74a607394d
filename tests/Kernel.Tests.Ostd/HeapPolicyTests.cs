// SPDX-License-Identifier: MPL-2.0
using System.Threading;
using Ostd.Memory;
using Ostd.Tasks;
using Ostd.Testing;
using Ostd.Time;

namespace Kernel.Tests.Ostd;

/// <summary>The policy of the heap of objects: it is asked, what it plans holds, and nothing that it answers does harm.</summary>
public static class HeapPolicyTests
{
    private const long MostBytes = 256 << 20;

    [KernelTest]
    public static void Plan_IsAskedForAfterACollection_AndHolds()
    {
        var policy = Run(new HeapPlan(9 << 20, 2 << 20), 9 << 20);

        KernelAssert.True(policy.Figures.LiveBytes > 0);
        KernelAssert.True(policy.Figures.CommittedBytes >= policy.Figures.LiveBytes);
        KernelAssert.True(policy.Figures.FreePhysicalBytes <= policy.Figures.TotalPhysicalBytes);
    }

    [KernelTest]
    public static void Plan_ThatIsTooSmall_IsRaised() => Run(new HeapPlan(long.MinValue, long.MinValue), 1 << 20);

    [KernelTest]
    public static void Plan_ThatIsTooLarge_IsCutDown() => Run(new HeapPlan(long.MaxValue, long.MaxValue), PhysicalMemory.TotalPages * Paging.PageSizeBytes / 2);

    private static FixedPolicy Run(HeapPlan plan, long budgetBytes)
    {
        var policy = new FixedPolicy(plan);
        CollectedHeap.InstallPolicy(policy);
        try
        {
            for (long allocated = 0; allocated < MostBytes && CollectedHeap.BudgetBytes != budgetBytes; allocated += 4096)
            {
                policy.Last = new byte[4096];
                if (allocated % (1 << 20) == 0)
                {
                    Task.SleepUntil(Clock.MonotonicNs + 1_000_000);
                }
            }

            KernelAssert.Equal(budgetBytes, CollectedHeap.BudgetBytes);
            KernelAssert.True(policy.Calls > 0);
        }
        finally
        {
            CollectedHeap.InstallPolicy(null);
        }

        return policy;
    }

    private sealed class FixedPolicy(HeapPlan plan) : IHeapPolicy
    {
        private int _calls;

        public int Calls => Volatile.Read(ref _calls);

        /// <summary>Keeps an allocation from being optimised away.</summary>
        public byte[]? Last { get; set; }

        public HeapFigures Figures { get; private set; }

        public HeapPlan Plan(HeapFigures figures)
        {
            Figures = figures;
            Interlocked.Increment(ref _calls);
            return plan;
        }
    }
}
