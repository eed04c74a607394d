// SPDX-License-Identifier: MPL-2.0
using System;
using System.Runtime.CompilerServices;
using System.Threading;
using Ostd.Sync;
using Ostd.Tasks;
using Mutex = Ostd.Sync.Mutex;
using SpinLock = Ostd.Sync.SpinLock;
using Task = Ostd.Tasks.Task;

namespace Kernel.Tests.Oops;

#pragma warning disable OST2013 // The copies are the point: the locks have to notice them at run time.

/// <summary>Guards that are copied, so that each copy releases what was taken once.</summary>
internal sealed class GuardBugs
{
    private readonly SpinLock _spin = new();
    private readonly Mutex _mutex = new();
    private readonly RwMutex _readerWriter = new();
    private readonly RwLock _spinningReaderWriter = new();

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void EnablePreemptionTwice()
    {
        using var guard = PreemptGuard.Disable();
        Release(guard);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void WaitForOwnSection()
    {
        var cell = new Rcu<string>("value");
        using var guard = cell.Read();
        Rcu.Synchronize();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public void ReleaseSpinningLockTwice()
    {
        using var guard = _spin.Acquire();
        Release(guard);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public void ReleaseSpinningLockOfAnotherCpu()
    {
        Task.Current.SetAffinity(1);
        using var guard = _spin.Acquire();
        using var copy = guard;
        guard.Dispose();
        var isHeld = false;
        var isStarted = Task.TryCreate(
            _ =>
            {
                Task.Current.SetAffinity(2);
                using var other = _spin.Acquire();
                Volatile.Write(ref isHeld, true);
                while (true)
                {
                }
            },
            null,
            "holder",
            out var holder);
        if (!isStarted)
        {
            throw new InvalidOperationException("no task");
        }

        holder!.Start();
        while (!Volatile.Read(ref isHeld))
        {
            Task.Yield();
        }

        copy.Dispose();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public void ReleaseMutexTwice()
    {
        using var guard = _mutex.Acquire();
        Release(guard);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public void ReleaseReaderTwice()
    {
        using var guard = _readerWriter.AcquireRead();
        Release(guard);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public void ReleaseSpinningReaderTwice()
    {
        using var guard = _spinningReaderWriter.AcquireRead();
        Release(guard);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public void ReleaseSpinningWriterTwice()
    {
        using var guard = _spinningReaderWriter.AcquireWrite();
        Release(guard);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public void UpgradeSpinningReaderTwice()
    {
        using var guard = _spinningReaderWriter.AcquireUpgradeable();
        guard.Upgrade();
        guard.Upgrade();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public void WriteUnderSpinningReader()
    {
        using var outer = _spinningReaderWriter.AcquireUpgradeable();
        using var inner = _spinningReaderWriter.AcquireWrite();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public void ReleaseUpgradeableTwice()
    {
        using var guard = _readerWriter.AcquireUpgradeable();
        Release(guard);
    }

    private static void Release(PreemptGuard copy) => copy.Dispose();

    private static void Release(SpinGuard copy) => copy.Dispose();

    private static void Release(MutexGuard copy) => copy.Dispose();

    private static void Release(RwMutexReadGuard copy) => copy.Dispose();

    private static void Release(RwMutexUpgradeableGuard copy) => copy.Dispose();

    private static void Release(RwLockReadGuard copy) => copy.Dispose();

    private static void Release(RwLockWriteGuard copy) => copy.Dispose();
}
