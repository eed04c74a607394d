// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd;
using Ostd.Tasks;

namespace Kernel.Sched;

/// <summary>How much of the CPU a nice value is worth: each step is a factor of 1.25, so that one step between two tasks makes about 10 % of the CPU (man 7 sched, "The nice value").</summary>
internal static class NiceWeights
{
    /// <summary>Weight of nice 0.</summary>
    public const long Normal = 1024;

    private const long IdlePolicyWeight = 3;
    private const int LeastNice = -20;
    private const int NiceCount = 40;

    // From nice -20 to 19: 1024 * 1.25^-nice, rounded. A span over the image's data, since code that computes it would be a static constructor that first runs under the scheduler's lock.
    [InterruptSafe]
    private static ReadOnlySpan<long> Weights =>
    [
        88818, 71054, 56843, 45475, 36380, 29104, 23283, 18626, 14901, 11921,
        9537, 7629, 6104, 4883, 3906, 3125, 2500, 2000, 1600, 1280,
        1024, 819, 655, 524, 419, 336, 268, 215, 172, 137,
        110, 88, 70, 56, 45, 36, 29, 23, 18, 15,
    ];

    [InterruptSafe]
    public static long WeightOf(SchedulingEntity entity) =>
        entity.Policy == RunQueue.SCHED_IDLE ? IdlePolicyWeight : Weights[Math.Clamp(entity.Nice - LeastNice, 0, NiceCount - 1)];

    /// <summary>Real time as virtual time: a heavy task's clock goes slowly.</summary>
    [InterruptSafe]
    public static long ScaleToVirtual(long ns, long weight) => weight == Normal ? ns : ns * Normal / weight;
}
