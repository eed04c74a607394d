// SPDX-License-Identifier: MPL-2.0
using System.Runtime.CompilerServices;
using Ostd.Sync;
using Ostd.Testing;

namespace Ostd.Benchmarks;

/// <summary>Uncontended locks: taking and releasing, with everything that a <c>using</c> makes of it.</summary>
public static class LockCosts
{
    private const int Count = 1000;

    /// <summary>Prints the costs.</summary>
    [KernelTest]
    public static void Costs()
    {
        var spin = new SpinLock();
        var mutex = new Mutex();
        var readers = new RwMutex();
        Measurement.Report("SpinLock pair", Count, n =>
        {
            for (int i = 0; i < n; i++)
            {
                using SpinGuard guard = spin.Acquire();
            }
        }, Empty);
        Measurement.Report("SpinLock pair around a call", Count, n =>
        {
            for (int i = 0; i < n; i++)
            {
                using SpinGuard guard = spin.Acquire();
                MayThrow();
            }
        }, static n =>
        {
            for (int i = 0; i < n; i++)
            {
                MayThrow();
            }
        });
        Measurement.Report("SpinLock pair, interrupts off", Count, n =>
        {
            for (int i = 0; i < n; i++)
            {
                using SpinGuard guard = spin.AcquireIrqSafe();
            }
        }, Empty);
        Measurement.Report("Mutex pair", Count, n =>
        {
            for (int i = 0; i < n; i++)
            {
                using MutexGuard guard = mutex.Acquire();
            }
        }, Empty);
        Measurement.Report("RwMutex pair, reading", Count, n =>
        {
            for (int i = 0; i < n; i++)
            {
                using RwMutexReadGuard guard = readers.AcquireRead();
            }
        }, Empty);
        Measurement.Report("RwMutex pair, writing", Count, n =>
        {
            for (int i = 0; i < n; i++)
            {
                using RwMutexWriteGuard guard = readers.AcquireWrite();
            }
        }, Empty);
    }

    // With a call in it the lock needs its finally clause, and the guard a place on the stack.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void MayThrow()
    {
    }

    private static void Empty(int n)
    {
        for (int i = 0; i < n; i++)
        {
        }
    }
}
