// SPDX-License-Identifier: MPL-2.0
using Ostd.Arch;
using Ostd.Runtime;

namespace Ostd.Memory;

/// <summary>
/// Allocations of C# objects that fail on purpose inside of system calls, so that the ways out are walked: what Linux calls failslab and fail-nth (Documentation/fault-injection).
/// </summary>
public static class AllocationFailures
{
    /// <summary>One in so many fails, of the tasks that are to meet failures; 0 for none.</summary>
    public static uint Interval => TaskHosting.IsHosted ? 0 : HeapFailure.Interval;

    /// <summary>What the distances between failures come from; 0 when all are the same.</summary>
    public static uint Seed => TaskHosting.IsHosted ? 0 : HeapFailure.Seed;

    /// <summary>Those that failed on purpose since boot.</summary>
    public static long Count => TaskHosting.IsHosted ? 0 : HeapFailure.Count;

    /// <summary>What is left until the running task's Nth allocation; 0 when it has failed or none was asked for.</summary>
    public static uint Nth
    {
        get => TaskHosting.IsHosted ? 0 : HeapFailure.Nth;
        set
        {
            if (!TaskHosting.IsHosted)
            {
                // Not in the call that sets it.
                HeapFailure.SetMayFail(false);
                HeapFailure.Nth = value;
            }
        }
    }

    /// <summary>Sets how often allocations fail.</summary>
    /// <param name="interval">The distance; 0 for none.</param>
    /// <param name="seed">0 for equal distances; otherwise they vary around the interval.</param>
    public static void Configure(uint interval, uint seed)
    {
        if (!TaskHosting.IsHosted)
        {
            HeapFailure.SetMayFail(false);
            HeapFailure.Configure(interval, seed);
        }
    }
}
