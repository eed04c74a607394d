// SPDX-License-Identifier: MPL-2.0
using System;
using System.Threading;
using Ostd.Arch;
using Ostd.Sync;
using Ostd.Tasks;
using Ostd.Time;

namespace Ostd.Logging;

/// <summary>
/// Takes records from the ring to the injected sink, on a task of its own: the log is written in every context, under OSTD's own locks too, and a sink that ran there could deadlock, recurse or throw where nobody may.
/// </summary>
/// <remarks>A record that was written in atomic mode wakes nobody, since the scheduler's locks may be held there; the task finds it at its next look, <see cref="LookIntervalNs"/> later at most.</remarks>
internal static class LogDelivery
{
    private const long LookIntervalNs = 100_000_000;
    private const int FirstLineLength = 256;

    private static WaitQueue? s_queue;
    private static ILogSink? s_sink;
    private static Task? s_task;

    // The task's alone, but for Install, which sets it while there is no sink.
    private static long s_position;

    /// <summary>The caller is the task that calls the sink, and no interrupt handler on top of it.</summary>
    [InterruptSafe]
    public static bool IsCurrent => s_task is Task task && ThisCpu.CurrentTask == task && !ThisCpu.InInterrupt;

    private static bool HasNews => Volatile.Read(ref s_sink) is not null && Log.Position > Volatile.Read(ref s_position);

    public static void Install(ILogSink? sink)
    {
        AtomicMode.MightSleep();
        if (Volatile.Read(ref s_queue) is null)
        {
            Interlocked.CompareExchange(ref s_queue, new WaitQueue(), null);
        }

        if (sink is not null && Volatile.Read(ref s_sink) is null)
        {
            Volatile.Write(ref s_position, 0);
        }

        Volatile.Write(ref s_sink, sink);
        if (sink is not null && Volatile.Read(ref s_task) is null)
        {
            Start();
        }

        s_queue!.WakeAll();
    }

    /// <summary>A record was written.</summary>
    [InterruptSafe]
    public static void OnWritten()
    {
        if (Volatile.Read(ref s_sink) is not null && !AtomicMode.IsActive)
        {
            s_queue!.WakeAll();
        }
    }

    private static void Start()
    {
        if (!Task.TryCreate(static _ => Loop(), null, "log", out Task? task))
        {
            Boot.Panic.Halt("no memory for the log's task");
        }

        if (Interlocked.CompareExchange(ref s_task, task, null) is null)
        {
            task.Start();
        }
    }

    private static void Loop()
    {
        byte[] bytes = new byte[1024];
        char[] line = new char[FirstLineLength];
        int length = 0;
        LogLevel level = LogLevel.Info;
        int facility = 0;
        long timeNs = 0;
        while (true)
        {
            s_queue!.WaitUntilIdle(0, static _ => HasNews, Volatile.Read(ref s_sink) is null ? WaitQueue.Forever : Clock.MonotonicNs + LookIntervalNs);
            if (Volatile.Read(ref s_sink) is not ILogSink sink)
            {
                continue;
            }

            long position = s_position;
            int count = Log.CopyFrom(ref position, bytes);
            bool isCutOff = position - count != s_position;
            s_position = position;
            ReadOnlySpan<byte> rest = bytes.AsSpan(0, count);
            if (isCutOff)
            {
                // The ring has gone past: what is left of a line says nothing.
                length = 0;
                rest = rest[(rest.IndexOf((byte)'\n') + 1)..];
            }

            foreach (byte value in rest)
            {
                if (value != '\n')
                {
                    if (length == line.Length)
                    {
                        Array.Resize(ref line, 2 * length);
                    }

                    line[length++] = (char)value;
                    continue;
                }

                ReadOnlySpan<char> text = line.AsSpan(0, length);
                length = 0;
                if (LogRecord.TryParse(text, out LogRecord record))
                {
                    level = record.Level;
                    facility = record.Facility;
                    timeNs = record.TimeNs;
                    text = record.Text;
                }

                if (facility != LogRecord.SinkFacility && !TryDeliver(sink, level, timeNs, text))
                {
                    break;
                }
            }
        }
    }

    private static bool TryDeliver(ILogSink sink, LogLevel level, long timeNs, ReadOnlySpan<char> text)
    {
        try
        {
            sink.Write(level, timeNs, text);
            return true;
        }
        catch (Exception exception)
        {
            // Only this one: another may have been installed meanwhile.
            Interlocked.CompareExchange(ref s_sink, null, sink);
            Diagnostics.Oops.Report(exception, "the log's sink, which is out of service", null);
            return false;
        }
    }
}
