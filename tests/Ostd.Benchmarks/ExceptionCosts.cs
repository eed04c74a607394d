// SPDX-License-Identifier: MPL-2.0
using System;
using System.Runtime.CompilerServices;
using Ostd.Testing;

namespace Ostd.Benchmarks;

/// <summary>Throwing an exception that exists already, and catching it some frames above.</summary>
public static class ExceptionCosts
{
    private const int Count = 30;

    /// <summary>Prints the costs.</summary>
    [KernelTest]
    public static void Costs()
    {
        var exception = new InvalidOperationException();
        Measurement.Report("throw and catch in the same method", Count, n =>
        {
            for (int i = 0; i < n; i++)
            {
                try
                {
                    throw exception;
                }
                catch (InvalidOperationException)
                {
                }
            }
        }, Empty);
        Measurement.Report("throw and catch, 1 frame", Count, n => CatchFrom(exception, 1, n), Empty);
        Measurement.Report("throw and catch, 10 frames", Count, n => CatchFrom(exception, 10, n), Empty);
    }

    private static void CatchFrom(Exception exception, int frames, int n)
    {
        for (int i = 0; i < n; i++)
        {
            try
            {
                Throw(exception, frames);
            }
            catch (InvalidOperationException)
            {
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Throw(Exception exception, int frames)
    {
        if (frames <= 1)
        {
            throw exception;
        }

        // Not a tail call: each level keeps its frame.
        return Throw(exception, frames - 1) + 1;
    }

    private static void Empty(int n)
    {
        for (int i = 0; i < n; i++)
        {
        }
    }
}
