// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using Kernel.Abstractions.Composition;
using Ostd.Sync;

namespace Kernel.Tests.Oops;

/// <summary>/proc/asterion/test/lockdep of debug kernels: a program that writes the name of a violation of the order of locks commits it. None of them deadlocks by itself.</summary>
[PseudoFile("/proc/asterion/test/lockdep", Mode = 0x1b6, Stage = InitStage.Late)]
public sealed class LockOrderTrigger : NamedActions
{
    private readonly Mutex _outer = new();
    private readonly Mutex _middle = new();
    private readonly Mutex _inner = new();
    private readonly RwMutex _readerWriter = new();
    private readonly SpinLock _spin = new();
    private readonly SpinLock _below = new();

    /// <summary>Names the violations.</summary>
    public LockOrderTrigger() => Actions = new Dictionary<string, Action>
    {
        ["inversion"] = Invert,
        ["circle"] = Circle,
        ["interrupt"] = TakeInInterruptAndOutside,
        ["below-interrupt"] = TakeBelowInterrupt,
        ["recursion"] = ReadTwice,
        ["same-class"] = TakeTwoOfOneClass,
        ["kept"] = KeepMutex,
        ["trylock"] = TryInOtherOrder,
    };

    /// <inheritdoc/>
    protected override Dictionary<string, Action> Actions { get; }

    private void Invert()
    {
        TakeInnerInOuter();
        TakeOuterInInner();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void TakeInnerInOuter()
    {
        using var outer = _outer.Acquire();
        using var inner = _inner.Acquire();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void TakeOuterInInner()
    {
        using var inner = _inner.Acquire();
        using var outer = _outer.Acquire();
    }

    // Three locks, no two of which are ever taken in both orders.
    private void Circle()
    {
        TakeMiddleInOuter();
        TakeInnerInMiddle();
        TakeOuterInInner();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void TakeMiddleInOuter()
    {
        using var outer = _outer.Acquire();
        using var middle = _middle.Acquire();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void TakeInnerInMiddle()
    {
        using var middle = _middle.Acquire();
        using var inner = _inner.Acquire();
    }

    // A lock that is only tried for is never waited for: this is no violation.
    private void TryInOtherOrder()
    {
        TakeInnerInOuter();
        using var inner = _inner.Acquire();
        if (_outer.TryAcquire(out var taken))
        {
            using var outer = taken;
        }
    }

    private void TakeInInterruptAndOutside()
    {
        KeyboardInterrupt.Run(TakeSpinInHandler);
        TakeSpinOutside();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void TakeSpinInHandler()
    {
        using var guard = _spin.AcquireIrqSafe();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void TakeSpinOutside()
    {
        using var guard = _spin.Acquire();
    }

    private void TakeBelowInterrupt()
    {
        KeyboardInterrupt.Run(TakeSpinInHandler);
        TakeBelowOutside();
        TakeBelowInSpin();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void TakeBelowOutside()
    {
        using var guard = _below.Acquire();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void TakeBelowInSpin()
    {
        using var spin = _spin.AcquireIrqSafe();
        using var below = _below.Acquire();
    }

    // With a writer that begins to wait in between, this would hang.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ReadTwice()
    {
        using var first = _readerWriter.AcquireRead();
        using var second = _readerWriter.AcquireRead();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void TakeTwoOfOneClass()
    {
        var mutexes = new Mutex[2];
        for (var i = 0; i < mutexes.Length; i++)
        {
            mutexes[i] = new Mutex();
        }

        using var first = mutexes[0].Acquire();
        using var second = mutexes[1].Acquire();
    }

    private static void KeepMutex() => _ = Kept(new Mutex());

    private static int Kept(Mutex mutex)
    {
        Keep(mutex);
        return mutex.IsHeldByCurrent ? 1 : 0;
    }

#pragma warning disable OST2006 // what this test is about
    private static void Keep(Mutex mutex)
    {
        var guard = mutex.Acquire();
    }
#pragma warning restore OST2006
}
