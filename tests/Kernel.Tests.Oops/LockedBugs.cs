// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using Ostd.Sync;
using Ostd.Tasks;

namespace Kernel.Tests.Oops;

/// <summary>Exceptions under locks, which the guards have to release.</summary>
internal sealed class LockedBugs
{
    private readonly Mutex _mutex = new();
    private readonly RwMutex _readerWriter = new();
    private readonly SpinLock _outer = new();
    private readonly SpinLock _inner = new();

    public void AddTo(List<KeyValuePair<string, Action>> bugs)
    {
        bugs.Add(new("two-mutexes", ThrowUnderMutexes));
        bugs.Add(new("two-spinning-locks", ThrowUnderSpinningLocks));
        bugs.Add(new("fault-under-spinning-locks", FaultUnderSpinningLocks));
        bugs.Add(new("fault-with-interrupts-off", FaultWithInterruptsOff));
        bugs.Add(new("without-preemption", ThrowWithoutPreemption));
        bugs.Add(new("stack-under-mutexes", OverflowUnderMutexes));
        bugs.Add(new("stack-under-spinning-locks", OverflowUnderSpinningLocks));
        bugs.Add(new("memory", ExhaustHeap));
    }

    public void TakeAll()
    {
        using var mutex = _mutex.Acquire();
        using var writer = _readerWriter.AcquireWrite();
        using var outer = _outer.Acquire();
        using var inner = _inner.AcquireIrqSafe();
    }

    private void ThrowUnderMutexes()
    {
        using var mutex = _mutex.Acquire();
        using var reader = _readerWriter.AcquireRead();
        throw new InvalidOperationException("under two mutexes");
    }

    private void ThrowUnderSpinningLocks()
    {
        using var outer = _outer.Acquire();
        using var inner = _inner.AcquireIrqSafe();
        throw new InvalidOperationException("under two spinning locks");
    }

    private void FaultUnderSpinningLocks()
    {
        using var outer = _outer.Acquire();
        using var inner = _inner.Acquire();
        FaultBugs.Divide(1, 0);
    }

    private void FaultWithInterruptsOff()
    {
        using var outer = _outer.Acquire();
        using var inner = _inner.AcquireIrqSafe();
        FaultBugs.ReadNull();
    }

    private void ThrowWithoutPreemption()
    {
        using var preemption = PreemptGuard.Disable();
        using var interrupts = InterruptGuard.Disable();
        throw new InvalidOperationException("without preemption");
    }

    private void OverflowUnderMutexes()
    {
        using var mutex = _mutex.Acquire();
        using var writer = _readerWriter.AcquireWrite();
        Recurse(0);
    }

    private void OverflowUnderSpinningLocks()
    {
        using var outer = _outer.Acquire();
        using var inner = _inner.Acquire();
        Recurse(0);
    }

    // No bug: the call fails with ENOMEM.
    private void ExhaustHeap()
    {
        using var mutex = _mutex.Acquire();
        using var outer = _outer.Acquire();
        Allocate(int.MaxValue - 100);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Recurse(int depth) => Recurse(depth + 1) + depth;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static byte[] Allocate(int sizeBytes) => new byte[sizeBytes];
}
