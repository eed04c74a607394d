// SPDX-License-Identifier: MPL-2.0
using System;

namespace Ostd.Sync;

/// <summary>A spinning lock. Holding it is atomic mode: no sleeping, no user memory. Always <c>using var guard = lock.Acquire();</c></summary>
public sealed class SpinLock
{
    /// <summary>Acquires with preemption off: for data that no interrupt handler touches.</summary>
    public SpinGuard Acquire() => throw new NotSupportedException();

    /// <summary>Acquires with this CPU's interrupts off: for data that an interrupt handler touches as well.</summary>
    public SpinGuard AcquireIrqSafe() => throw new NotSupportedException();
}

/// <summary>Proof that a <see cref="SpinLock"/> is held; disposing releases it.</summary>
public ref struct SpinGuard
{
    public void Dispose() => throw new NotSupportedException();
}
