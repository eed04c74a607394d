// SPDX-License-Identifier: MPL-2.0
using System;
using System.Threading;
using Ostd.Boot;
using Ostd.Logging;
using Ostd.Sync;
using Ostd.Tasks;
using Ostd.Time;

namespace Ostd.Diagnostics;

/// <summary>Tasks that wait for a lock or an event, and cannot be interrupted, for longer than <see cref="TimeoutSeconds"/>. A task of its own looks at all, a few times within that.</summary>
public static class HungTasks
{
    private const int RoundsPerTimeout = 4;
    private const int DefaultWarnings = 10;
    private const int DefaultTimeoutSeconds = 120;

    private static WaitQueue s_changed = null!;
    private static int s_version;
    private static int s_timeoutSeconds = DefaultTimeoutSeconds;
    private static int s_count;

    /// <summary>After how many seconds a task hangs; 0 for never (<c>hung_task_timeout_secs</c>).</summary>
    public static int TimeoutSeconds
    {
        get => Volatile.Read(ref s_timeoutSeconds);
        set
        {
            Volatile.Write(ref s_timeoutSeconds, value);
            Interlocked.Increment(ref s_version);
            s_changed?.WakeAll();
        }
    }

    /// <summary>Whether a hung task is a panic (<c>hung_task_panic</c>).</summary>
    public static bool Panics { get; set; }

    /// <summary>How many more are reported; -1 for all (<c>hung_task_warnings</c>).</summary>
    public static int Warnings { get; set; } = DefaultWarnings;

    /// <summary>Found since boot.</summary>
    public static int Count => Volatile.Read(ref s_count);

    /// <summary>Starts the task that looks.</summary>
    internal static void Start()
    {
        s_changed = new WaitQueue();
        if (!Task.TryCreate(static _ => Loop(), null, "khungtaskd", out Task? task))
        {
            Panic.Halt("no memory for the task that looks for hung tasks");
        }

        task.Start();
    }

    private static void Loop()
    {
        while (true)
        {
            int version = Volatile.Read(ref s_version);
            int timeout = TimeoutSeconds;
            long deadlineNs = timeout == 0 ? WaitQueue.Forever : Clock.MonotonicNs + timeout * 1_000_000_000L / RoundsPerTimeout;
            if (!s_changed.WaitUntilIdle(version, static seen => Volatile.Read(ref s_version) != seen, deadlineNs))
            {
                Look(timeout);
            }
        }
    }

    private static void Look(int timeoutSeconds)
    {
        TaskList.AgeWaits();
        while (TaskList.FindHung(RoundsPerTimeout) is Task task)
        {
            Interlocked.Increment(ref s_count);
            if (Warnings != 0 || Panics)
            {
                Warnings = Math.Max(-1, Warnings < 0 ? -1 : Warnings - 1);
                Report(task, timeoutSeconds);
            }
        }
    }

    // SAFETY: the buffer has the length that is passed with it.
    private static unsafe void Report(Task task, int timeoutSeconds)
    {
        nint* trace = stackalloc nint[StackReport.MaxFrames];
        int length = Scheduler.CaptureSleeping(task, trace, StackReport.MaxFrames);
        if (length == 0)
        {
            return; // it has just woken
        }

        Span<char> storage = stackalloc char[160];
        var text = new TextBuffer(storage);
        text.Append("INFO: task ");
        text.Append(task.Name);
        text.Append(" blocked for more than ");
        text.AppendDecimal(timeoutSeconds);
        text.Append(" seconds.");
        Log.Write(LogLevel.Error, text.Text);
        Log.Error("\"echo 0 > /proc/sys/kernel/hung_task_timeout_secs\" disables this message.");
        StackReport.Write(LogLevel.Error, new ReadOnlySpan<nint>(trace, length), isInterrupted: false);
        if (Panics)
        {
            Panic.Halt("hung_task: blocked tasks");
        }
    }
}
