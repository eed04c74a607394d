// SPDX-License-Identifier: MPL-2.0
using System;
using System.Threading;
using Ostd.Sync;

namespace Ostd.Tasks;

/// <summary>A bottom half: work queued from an interrupt handler, run soon after in task context (a worker task; may sleep and allocate).</summary>
public sealed class DeferredWork
{
    private static RawSpinLock s_lock;
    private static DeferredWork? s_first;
    private static DeferredWork? s_last;
    private static WaitQueue? s_queue;
    private static int s_isStarted;

    private readonly Action _callback;

    // Guarded by s_lock.
    private DeferredWork? _next;
    private bool _isQueued;

    /// <summary>Makes work that can be queued any number of times. The first one of all starts the worker task; a panic if there is no memory for it.</summary>
    /// <param name="callback">What to run, in task context. An exception in it is an oops, which costs nobody else.</param>
    /// <param name="name">For logs.</param>
    public DeferredWork(Action callback, string name)
    {
        ArgumentNullException.ThrowIfNull(callback);
        _callback = callback;
        Name = name;
        EnsureStarted();
    }

    /// <summary>For logs.</summary>
    public string Name { get; }

    /// <summary>Queues the work; no effect while it is already queued. Callable anywhere; allocates nothing.</summary>
    [InterruptSafe]
    public void Queue()
    {
        bool wereEnabled = s_lock.Enter();
        if (_isQueued)
        {
            s_lock.Exit(wereEnabled);
            return;
        }

        _isQueued = true;
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
        s_lock.Exit(wereEnabled);
        s_queue!.WakeOne();
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

        if (!Task.TryCreate(static _ => Loop(), null, "deferred", out Task? task))
        {
            Boot.Panic.Halt("no memory for the deferred work's task");
        }

        task.Start();
    }

    private static DeferredWork? Take()
    {
        bool wereEnabled = s_lock.Enter();
        DeferredWork? work = s_first;
        if (work is not null)
        {
            s_first = work._next;
            if (s_first is null)
            {
                s_last = null;
            }

            work._next = null;
            work._isQueued = false; // before the callback, so that an event during it queues the work again
        }

        s_lock.Exit(wereEnabled);
        return work;
    }

    // A bug in one callback does not end the others' service.
    private void Run()
    {
        try
        {
            _callback();
        }
        catch (Exception exception)
        {
            Diagnostics.Oops.Report(exception, "deferred work " + Name, null);
        }
    }

    private static void Loop()
    {
        while (true)
        {
            s_queue!.WaitIdle(0, static _ => s_first is not null);
            while (Take() is DeferredWork work)
            {
                work.Run();
            }
        }
    }
}
