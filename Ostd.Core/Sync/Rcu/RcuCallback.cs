// SPDX-License-Identifier: MPL-2.0
using System;
using System.Threading;
using Ostd.Tasks;

namespace Ostd.Sync;

/// <summary>An action that runs when all read-side sections (<see cref="Rcu"/>) have ended that ran when it was queued. Made once, it can be queued in any context, allocates nothing then, and may be queued again.</summary>
public sealed class RcuCallback
{
    private static RawSpinLock s_lock;
    private static RcuCallback? s_first;
    private static RcuCallback? s_last;

    // Counts up when the list is taken: what was queued under another number waits for its grace period already.
    private static long s_batch = 1;
    private static WaitQueue? s_queue;
    private static int s_isStarted;

    private readonly Action<object?> _action;
    private readonly object? _state;

    // Guarded by s_lock. A callback is in one list at a time: that of s_first, or the one that was taken.
    private RcuCallback? _next;
    private long _batch;
    private bool _isQueuedAgain;

    /// <summary>Makes one, not queued.</summary>
    /// <param name="action">Runs on a task, where it may sleep; it delays the others. What it throws is an oops.</param>
    /// <param name="state">Passed to it.</param>
    public RcuCallback(Action<object?> action, object? state)
    {
        ArgumentNullException.ThrowIfNull(action);
        _action = action;
        _state = state;
        EnsureStarted();
    }

    /// <summary>Queues it. While it waits for its grace period to begin this has no effect: one run serves both. Once that has begun, it runs again after another one.</summary>
    public void Queue()
    {
        bool wereEnabled = s_lock.Enter();
        if (_batch == 0)
        {
            AppendLocked();
        }
        else if (_batch != s_batch)
        {
            _isQueuedAgain = true;
        }

        s_lock.Exit(wereEnabled);
        s_queue!.WakeOne();
    }

    private void AppendLocked()
    {
        _batch = s_batch;
        _next = null;
        if (s_last is null)
        {
            s_first = this;
        }
        else
        {
            s_last._next = this;
        }

        s_last = this;
    }

    private static RcuCallback? TakeAll()
    {
        bool wereEnabled = s_lock.Enter();
        RcuCallback? first = s_first;
        s_first = null;
        s_last = null;
        s_batch++;
        s_lock.Exit(wereEnabled);
        return first;
    }

    // From the list that was taken. Before the action, which may queue itself.
    private RcuCallback? Leave()
    {
        bool wereEnabled = s_lock.Enter();
        RcuCallback? next = _next;
        _next = null;
        _batch = 0;
        if (_isQueuedAgain)
        {
            _isQueuedAgain = false;
            AppendLocked();
        }

        s_lock.Exit(wereEnabled);
        return next;
    }

    private static void Loop()
    {
        while (true)
        {
            s_queue!.WaitIdle(0, static _ => Volatile.Read(ref s_first) is not null);
            RcuCallback? callback = TakeAll();
            GracePeriods.Wait();
            while (callback is not null)
            {
                RcuCallback? next = callback.Leave();
                callback.Run();
                callback = next;
            }
        }
    }

    // A bug in one does not end the others' service.
    private void Run()
    {
        try
        {
            _action(_state);
        }
        catch (Exception exception)
        {
            Diagnostics.Oops.Report(exception, "an RCU callback", null);
        }
    }

    private static void EnsureStarted()
    {
        // The queue first: who finds the task started finds it too.
        if (Volatile.Read(ref s_queue) is null)
        {
            Interlocked.CompareExchange(ref s_queue, new WaitQueue(), null);
        }

        if (s_isStarted != 0 || Interlocked.Exchange(ref s_isStarted, 1) != 0)
        {
            return;
        }

        if (!Task.TryCreate(static _ => Loop(), null, "rcu", out Task? task))
        {
            Boot.Panic.Halt("no memory for the task of RCU callbacks");
        }

        task.Start();
    }
}
