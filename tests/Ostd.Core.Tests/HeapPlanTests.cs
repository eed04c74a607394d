// SPDX-License-Identifier: MPL-2.0
using Ostd.Memory;
using Xunit;

namespace Ostd.Core.Tests;

public class HeapPlanTests
{
    private const long Total = 1L << 30;

    [Theory]
    [InlineData(8 << 20, 4 << 20, 8 << 20, 4 << 20)]
    [InlineData(8 << 20, 9 << 20, 8 << 20, 8 << 20)]
    [InlineData(0, 0, 1 << 20, 0)]
    [InlineData(long.MinValue, long.MinValue, 1 << 20, 0)]
    [InlineData(long.MaxValue, long.MaxValue, Total / 2, Total / 2)]
    public void Clamp_TakesTheNearestPlanThatWorks(long budget, long kept, long expectedBudget, long expectedKept)
    {
        Assert.Equal(new HeapPlan(expectedBudget, expectedKept), HeapPlanning.Clamp(new HeapPlan(budget, kept), Total));
    }

    [Fact]
    public void Clamp_WithHardlyAnyMemory_KeepsTheLeastBudget()
    {
        Assert.Equal(new HeapPlan(1 << 20, 0), HeapPlanning.Clamp(new HeapPlan(8 << 20, 0), 4096));
    }
}
