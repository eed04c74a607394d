// SPDX-License-Identifier: MPL-2.0
using System;

namespace Ostd.Sync;

/// <summary>Why a wait ended.</summary>
public enum WaitResult
{
    /// <summary>The condition held.</summary>
    Ready,

    /// <summary>The deadline passed first.</summary>
    TimedOut,

    /// <summary>The task was interrupted (<see cref="Tasks.Task.Interrupt"/>): a signal is pending.</summary>
    Interrupted,
}

/// <summary>
/// Tasks that wait for a condition. Whoever makes the condition true calls a Wake method afterwards; the condition is checked again after each wake, so that no wake is
/// lost. Wake methods may be called in atomic mode and from interrupt handlers, and do not allocate.
/// </summary>
public sealed class WaitQueue
{
    /// <summary>No deadline.</summary>
    public const long Forever = long.MaxValue;

    /// <summary>Sleeps until the condition holds, not interruptible by signals.</summary>
    /// <param name="state">Passed to the condition, so that it can be a static lambda and nothing is allocated.</param>
    /// <param name="condition">Checked in task context, with no OSTD lock held.</param>
    public void Wait<TState>(TState state, Func<TState, bool> condition) => throw new NotSupportedException();

    /// <summary>Sleeps until the condition holds, the task is interrupted, or <paramref name="deadlineNs"/> (monotonic clock; <see cref="Forever"/>) passes.</summary>
    public WaitResult WaitInterruptible<TState>(TState state, Func<TState, bool> condition, long deadlineNs = Forever) => throw new NotSupportedException();

    /// <summary>Wakes the task that has waited longest.</summary>
    /// <returns>False when nobody waits.</returns>
    public bool WakeOne() => throw new NotSupportedException();

    /// <summary>Wakes up to <paramref name="count"/> tasks.</summary>
    public int Wake(int count) => throw new NotSupportedException();

    /// <summary>Wakes all.</summary>
    public void WakeAll() => throw new NotSupportedException();

    /// <summary>True when nobody waits (a hint: it may change at once).</summary>
    public bool IsEmpty => throw new NotSupportedException();
}
