// SPDX-License-Identifier: MPL-2.0
using System;
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

    private static readonly long[] s_weights = MakeWeights();

    public static long WeightOf(SchedulingEntity entity) =>
        entity.Policy == RunQueue.SCHED_IDLE ? IdlePolicyWeight : s_weights[Math.Clamp(entity.Nice - LeastNice, 0, NiceCount - 1)];

    /// <summary>Real time as virtual time: a heavy task's clock goes slowly.</summary>
    public static long ScaleToVirtual(long ns, long weight) => weight == Normal ? ns : ns * Normal / weight;

    private static long[] MakeWeights()
    {
        var weights = new long[NiceCount];
        double weight = Normal;
        for (var nice = 0; nice + LeastNice < 20 && nice - LeastNice < NiceCount; nice++)
        {
            weights[nice - LeastNice] = (long)(weight + 0.5);
            weight /= 1.25;
        }

        weight = Normal;
        for (var nice = 0; nice >= LeastNice; nice--)
        {
            weights[nice - LeastNice] = (long)(weight + 0.5);
            weight *= 1.25;
        }

        return weights;
    }
}
