// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;
using System.Threading;
using Ostd.Diagnostics;
using Ostd.Logging;
using Ostd.Sync;
using Ostd.Tasks;
using Ostd.Testing;
using Ostd.Time;
using Mutex = Ostd.Sync.Mutex;
using Task = Ostd.Tasks.Task;

namespace Kernel.Tests.Ostd;

/// <summary>The injected sink of the log. Records are at the debug level, which the console does not show.</summary>
public static class LogTests
{
    private const long LimitNs = 20_000_000_000;

    private sealed class Collector(string marker, Action<string>? onRecord = null) : ILogSink
    {
        private readonly Mutex _lock = new();
        private readonly List<(LogLevel Level, long TimeNs, string Text)> _records = [];

        public int Calls;

        public void Write(LogLevel level, long timeNs, ReadOnlySpan<char> message)
        {
            // What no interrupt handler could do: allocate, and take a lock that sleeps.
            Interlocked.Increment(ref Calls);
            using MutexGuard guard = _lock.Acquire();
            string text = message.ToString();
            if (text.Contains(marker, StringComparison.Ordinal))
            {
                _records.Add((level, timeNs, text));
                onRecord?.Invoke(text);
            }
        }

        public List<(LogLevel Level, long TimeNs, string Text)> WaitFor(int count)
        {
            long limit = Clock.MonotonicNs + LimitNs;
            while (true)
            {
                using (_lock.Acquire())
                {
                    if (_records.Count >= count || Clock.MonotonicNs > limit)
                    {
                        return [.. _records];
                    }
                }

                Task.Yield();
            }
        }
    }

    [KernelTest]
    public static void Sink_GetsRecordsOfEveryContext_InTheirOrder()
    {
        const int count = 300;
        var sink = new Collector("every-context");
        long before = Clock.MonotonicNs / 1_000 * 1_000;
        Log.Write(LogLevel.Debug, "every-context 0, before there is a sink");
        Log.Install(sink);
        for (int i = 1; i < count; i++)
        {
            switch (i % 3)
            {
                case 0:
                    Log.Debug("every-context " + i);
                    break;
                case 1:
                    WriteWithoutPreemption(i);
                    break;
                default:
                    WriteWithoutInterrupts(i);
                    break;
            }
        }

        List<(LogLevel Level, long TimeNs, string Text)> records = sink.WaitFor(count);
        Log.Install(null);
        Check.Equal(count, records.Count, "records");
        for (int i = 0; i < count; i++)
        {
            Check.That(records[i].Text.StartsWith("every-context " + i, StringComparison.Ordinal), "record out of order: " + records[i].Text);
            Check.Equal(LogLevel.Debug, records[i].Level, "level");
            Check.That(records[i].TimeNs >= before && records[i].TimeNs <= Clock.MonotonicNs, "time");
            before = records[i].TimeNs;
        }
    }

    [KernelTest]
    public static void Sink_ThatThrows_IsAnOopsAndOutOfService()
    {
        long oopses = Oops.Count;
        var sink = new Collector("poison", static _ => throw new InvalidOperationException("thrown by a log sink"));
        Log.Install(sink);
        Log.Debug("poison 1");
        long limit = Clock.MonotonicNs + LimitNs;
        while (Oops.Count == oopses && Clock.MonotonicNs < limit)
        {
            Task.Yield();
        }

        Check.Equal(oopses + 1, Oops.Count, "oopses");
        Log.Debug("poison 2");
        var next = new Collector("poison");
        Log.Install(next);
        Check.That(next.WaitFor(2).Count >= 2, "the next sink gets the records that the first one lost");
        Log.Install(null);
        Check.Equal(1, sink.WaitFor(1).Count, "records of the sink that threw");
    }

    [KernelTest]
    public static void Sink_ThatLogs_DoesNotGetItsOwnRecords()
    {
        var sink = new Collector("echo-test", static text => Log.Debug("echo of " + text));
        Log.Install(sink);
        Log.Debug("echo-test 1");
        sink.WaitFor(1);
        Log.Debug("echo-test 2"); // behind the echo
        List<(LogLevel Level, long TimeNs, string Text)> records = sink.WaitFor(2);
        Log.Install(null);
        Check.Equal("echo-test 1", records[0].Text, "first record");
        Check.Equal("echo-test 2", records[1].Text, "second record");
        byte[] ring = new byte[Log.Length];
        string log = System.Text.Encoding.ASCII.GetString(ring, 0, Log.CopyRecent(ring));
        Check.That(log.Contains("<47>", StringComparison.Ordinal) && log.Contains("echo of echo-test 1", StringComparison.Ordinal), "the ring has the echo, as the sink's own");
    }

    private static void WriteWithoutPreemption(int number)
    {
        using PreemptGuard guard = PreemptGuard.Disable();
        Log.Debug("every-context " + number);
    }

    private static void WriteWithoutInterrupts(int number)
    {
        using InterruptGuard guard = InterruptGuard.Disable();
        Log.Debug("every-context " + number);
    }
}
