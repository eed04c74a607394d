// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Testing;

namespace Ostd.Benchmarks;

/// <summary>New objects, arrays and strings, the call included. Two loads of a collected heap's life are in it: what is dropped is swept by later runs of the loop.</summary>
public static class AllocationCosts
{
    private const int Count = 500;

    // Sizes count the object's header and type: 8 bytes each, with at least one field.
    private sealed class Bytes24
    {
        public long A;
    }

    private sealed class Bytes32
    {
        public long A, B;
    }

    private sealed class Bytes64
    {
        public long A, B, C, D, E, F;
    }

    private sealed class Bytes128
    {
        public long A, B, C, D, E, F, G, H, I, J, K, L, M, N;
    }

    /// <summary>Prints the costs.</summary>
    [KernelTest]
    public static void Costs()
    {
        var some = new Bytes24();
        Action<int> kept = n =>
        {
            for (int i = 0; i < n; i++)
            {
                GC.KeepAlive(some);
            }
        };
        Measurement.Report("new object of 24 bytes", Count, static n =>
        {
            for (int i = 0; i < n; i++)
            {
                GC.KeepAlive(new Bytes24());
            }
        }, kept);
        Measurement.Report("new object of 32 bytes", Count, static n =>
        {
            for (int i = 0; i < n; i++)
            {
                GC.KeepAlive(new Bytes32());
            }
        }, kept);
        Measurement.Report("new object of 64 bytes", Count, static n =>
        {
            for (int i = 0; i < n; i++)
            {
                GC.KeepAlive(new Bytes64());
            }
        }, kept);
        Measurement.Report("new object of 128 bytes", Count, static n =>
        {
            for (int i = 0; i < n; i++)
            {
                GC.KeepAlive(new Bytes128());
            }
        }, kept);
        Measurement.Report("new byte[32]", Count, static n =>
        {
            for (int i = 0; i < n; i++)
            {
                GC.KeepAlive(new byte[32]);
            }
        }, kept);
        Measurement.Report("new object[4]", Count, static n =>
        {
            for (int i = 0; i < n; i++)
            {
                GC.KeepAlive(new object[4]);
            }
        }, kept);
        Measurement.Report("new string of 8 characters", Count, static n =>
        {
            for (int i = 0; i < n; i++)
            {
                GC.KeepAlive(new string('a', 8));
            }
        }, kept);
    }
}
