// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Sync;
using Ostd.Tasks;

namespace Ostd.Time;

/// <summary>The task that runs the callbacks of expired timers, in the order in which they expired.</summary>
internal static class TimerTask
{
    private static RawSpinLock s_lock;
    private static Timer? s_first;
    private static Timer? s_last;
    private static WaitQueue? s_queue;
    private static int s_isStarted;

    public static void EnsureStarted()
    {
        // The queue first: who finds the task started finds it too.
        if (System.Threading.Volatile.Read(ref s_queue) is null)
        {
            System.Threading.Interlocked.CompareExchange(ref s_queue, new WaitQueue(), null);
        }

        if (s_isStarted != 0 || System.Threading.Interlocked.Exchange(ref s_isStarted, 1) != 0)
        {
            return;
        }

        if (!Task.TryCreate(static _ => Loop(), null, "timers", out Task? task))
        {
            Boot.Panic.Halt("no memory for the timer task");
        }

        task.Start();
    }

    /// <summary>Hands an expired timer over. From the timer's interrupt handler.</summary>
    [InterruptSafe]
    public static void Submit(Timer timer)
    {
        s_lock.EnterWithInterruptsOff();
        if (!timer.IsExpired)
        {
            timer.IsExpired = true;
            timer.NextExpired = null;
            if (s_last is null)
            {
                s_first = timer;
            }
            else
            {
                s_last.NextExpired = timer;
            }

            s_last = timer;
        }

        s_lock.ExitWithInterruptsOff();
        s_queue!.WakeOne();
    }

    /// <summary>Takes an expired timer back before its callback has begun.</summary>
    [InterruptSafe]
    public static bool Withdraw(Timer timer)
    {
        bool wereEnabled = s_lock.Enter();
        bool wasExpired = timer.IsExpired;
        if (wasExpired)
        {
            RemoveLocked(timer);
        }

        s_lock.Exit(wereEnabled);
        return wasExpired;
    }

    [InterruptSafe]
    private static void RemoveLocked(Timer timer)
    {
        Timer? before = null;
        for (Timer? candidate = s_first; candidate is not null; before = candidate, candidate = candidate.NextExpired)
        {
            if (candidate != timer)
            {
                continue;
            }

            if (before is null)
            {
                s_first = timer.NextExpired;
            }
            else
            {
                before.NextExpired = timer.NextExpired;
            }

            if (s_last == timer)
            {
                s_last = before;
            }

            break;
        }

        timer.NextExpired = null;
        timer.IsExpired = false;
    }

    private static Timer? Take()
    {
        bool wereEnabled = s_lock.Enter();
        Timer? timer = s_first;
        if (timer is not null)
        {
            RemoveLocked(timer);
        }

        s_lock.Exit(wereEnabled);
        return timer;
    }

    // A bug in one callback does not end the others' service.
    private static void Invoke(Timer timer)
    {
        try
        {
            timer.Invoke();
        }
        catch (Exception exception)
        {
            Diagnostics.Oops.Report(exception, "a timer", null);
        }
    }

    private static void Loop()
    {
        while (true)
        {
            s_queue!.WaitIdle(0, static _ => s_first is not null);
            while (Take() is Timer timer)
            {
                Invoke(timer);
            }
        }
    }
}
