// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Tasks;

namespace Ostd.Sync;

/// <summary>Why a wait ended.</summary>
public enum WaitResult
{
    /// <summary>The condition held.</summary>
    Ready,

    /// <summary>The deadline passed first.</summary>
    TimedOut,

    /// <summary>The task was interrupted (<see cref="Task.Interrupt"/>): a signal is pending.</summary>
    Interrupted,
}

/// <summary>
/// Tasks that wait for a condition. Whoever makes the condition true calls a Wake method afterwards; the condition is checked again after each wake, so that no wake is
/// lost. Wake methods may be called in atomic mode and from interrupt handlers, and do not allocate.
/// </summary>
/// <remarks>
/// Protocol. The waiter puts itself into the list, then checks the condition, then sleeps until its record is marked as woken. A waker makes the condition true, then looks into the
/// list: it finds the waiter, or the waiter's check came later and sees the condition. The condition runs while the task counts as awake, so it may itself wait on something else.
/// A wake given to a waiter that leaves for another reason (time, interruption) is passed on to the next.
/// Lock order: the queue's lock, then the scheduler's.
/// </remarks>
public sealed class WaitQueue
{
    /// <summary>No deadline.</summary>
    public const long Forever = long.MaxValue;

    private RawSpinLock _lock;
    private WaiterList _waiters;

    /// <summary>True when nobody waits (a hint: it may change at once).</summary>
    public bool IsEmpty => _waiters.IsEmpty;

    /// <summary>Sleeps until the condition holds, not interruptible by signals.</summary>
    /// <param name="state">Passed to the condition, so that it can be a static lambda and nothing is allocated.</param>
    /// <param name="condition">Checked in task context, with no OSTD lock held.</param>
    public void Wait<TState>(TState state, Func<TState, bool> condition) => WaitCore(state, condition, Forever, SleepKind.Uninterruptible);

    /// <summary>The same for a task that has nothing to do until then: however long it takes, it does not count as hung (Linux: TASK_IDLE).</summary>
    public void WaitIdle<TState>(TState state, Func<TState, bool> condition) => WaitCore(state, condition, Forever, SleepKind.Idle);

    /// <summary><see cref="WaitUntil{TState}"/> for a task that has nothing to do until then.</summary>
    /// <returns>False when the deadline passed first.</returns>
    public bool WaitUntilIdle<TState>(TState state, Func<TState, bool> condition, long deadlineNs) => WaitCore(state, condition, deadlineNs, SleepKind.Idle) == WaitResult.Ready;

    /// <summary>Sleeps until the condition holds or <paramref name="deadlineNs"/> (monotonic clock) passes, not interruptible by signals.</summary>
    /// <returns>False when the deadline passed first.</returns>
    public bool WaitUntil<TState>(TState state, Func<TState, bool> condition, long deadlineNs) =>
        WaitCore(state, condition, deadlineNs, SleepKind.Uninterruptible) == WaitResult.Ready;

    /// <summary>Sleeps until the condition holds, the task is interrupted, or <paramref name="deadlineNs"/> (monotonic clock; <see cref="Forever"/>) passes.</summary>
    public WaitResult WaitInterruptible<TState>(TState state, Func<TState, bool> condition, long deadlineNs = Forever) =>
        WaitCore(state, condition, deadlineNs, SleepKind.Interruptible);

    /// <summary>Wakes the task that has waited longest.</summary>
    /// <returns>False when nobody waits.</returns>
    [InterruptSafe]
    public bool WakeOne() => Wake(1) != 0;

    /// <summary>Wakes up to <paramref name="count"/> tasks.</summary>
    /// <returns>How many were woken.</returns>
    [InterruptSafe]
    public int Wake(int count)
    {
        // Pairs with the fence of the waiter between its queueing and its check: either it is seen here, or it sees the condition.
        System.Threading.Interlocked.MemoryBarrier();
        if (_waiters.IsEmpty)
        {
            return 0;
        }

        int woken = 0;
        while (woken < count)
        {
            bool wereEnabled = _lock.Enter();
            Waiter? waiter = _waiters.First;
            if (waiter is null)
            {
                _lock.Exit(wereEnabled);
                break;
            }

            _waiters.Remove(waiter);
            waiter.IsWoken = true;
            Scheduler.Wake(waiter.Task);
            _lock.Exit(wereEnabled);
            woken++;
        }

        if (woken != 0)
        {
            Scheduler.PreemptIfAllowed();
        }

        return woken;
    }

    /// <summary>Wakes all.</summary>
    [InterruptSafe]
    public void WakeAll() => Wake(int.MaxValue);

    private WaitResult WaitCore<TState>(TState state, Func<TState, bool> condition, long deadlineNs, SleepKind kind)
    {
        AtomicMode.MightSleep();
        if (condition(state))
        {
            return WaitResult.Ready;
        }

        Task current = Task.Current;
        Waiter waiter = current.RentWaiter();
        WaitResult result;
        while (true)
        {
            waiter.IsWoken = false;
            bool wereEnabled = _lock.Enter();
            _waiters.Append(waiter);
            _lock.Exit(wereEnabled);
            System.Threading.Interlocked.MemoryBarrier();

            if (condition(state))
            {
                Leave(waiter, passOn: false);
                result = WaitResult.Ready;
                break;
            }

            result = SleepUntilWoken(current, waiter, deadlineNs, kind);
            if (result != WaitResult.Ready)
            {
                // The last word has the condition: an event that came together with the signal or the deadline is not reported as either.
                bool holds = condition(state);
                Leave(waiter, passOn: !holds);
                result = holds ? WaitResult.Ready : result;
                break;
            }

            if (condition(state))
            {
                break;
            }
        }

        current.ReturnWaiter(waiter);
        return result;
    }

    private static WaitResult SleepUntilWoken(Task current, Waiter waiter, long deadlineNs, SleepKind kind)
    {
        bool hasDeadline = deadlineNs != Forever;
        if (hasDeadline)
        {
            current.Timeout.Arm(deadlineNs);
        }

        current.IsInUninterruptibleWait = kind == SleepKind.Uninterruptible;
        WaitResult result;
        while (true)
        {
            Scheduler.PrepareToSleep(current);
            if (waiter.IsWoken)
            {
                result = WaitResult.Ready;
                break;
            }

            if (kind == SleepKind.Interruptible && current.IsInterrupted)
            {
                result = WaitResult.Interrupted;
                break;
            }

            if (hasDeadline && current.Timeout.HasExpired)
            {
                result = WaitResult.TimedOut;
                break;
            }

            Scheduler.Sleep(current);
        }

        Scheduler.CancelSleep(current);
        current.IsInUninterruptibleWait = false;
        if (hasDeadline)
        {
            current.Timeout.Disarm();
        }

        return result;
    }

    private void Leave(Waiter waiter, bool passOn)
    {
        bool wereEnabled = _lock.Enter();
        bool wasQueued = waiter.IsQueued;
        if (wasQueued)
        {
            _waiters.Remove(waiter);
        }

        _lock.Exit(wereEnabled);
        if (!wasQueued && passOn)
        {
            Wake(1);
        }
    }

    private enum SleepKind
    {
        /// <summary>A signal ends it.</summary>
        Interruptible,

        /// <summary>A signal does not end it.</summary>
        Uninterruptible,

        /// <summary>The same, of a task that is there to wait.</summary>
        Idle,
    }
}
