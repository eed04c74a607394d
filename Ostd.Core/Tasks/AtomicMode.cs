// SPDX-License-Identifier: MPL-2.0
using System;

namespace Ostd.Tasks;

/// <summary>Preemption of this CPU is off until disposed.</summary>
public ref struct PreemptGuard
{
    public static PreemptGuard Disable() => throw new NotSupportedException();

    public void Dispose() => throw new NotSupportedException();
}

/// <summary>This CPU's interrupts are off until disposed.</summary>
public ref struct InterruptGuard
{
    public static InterruptGuard Disable() => throw new NotSupportedException();

    public void Dispose() => throw new NotSupportedException();
}

/// <summary>Atomic mode: preemption or interrupts are off, or an interrupt handler runs; sleeping is a panic.</summary>
public static class AtomicMode
{
    /// <summary>True in atomic mode.</summary>
    public static bool IsActive => throw new NotSupportedException();

    /// <summary>Panics in atomic mode: what may sleep calls it first, so that a misuse is found even when it would not have slept.</summary>
    public static void MightSleep() => throw new NotSupportedException();
}
