// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Ostd.Logging;
using Xunit;

namespace Ostd.Core.Tests;

/// <summary>A sink of the log that does not keep up. tests/Kernel.Tests.Ostd has the contexts and the misbehaviour.</summary>
public class LogSinkTests
{
    private sealed class SlowSink(string marker) : ILogSink
    {
        private readonly List<string> _records = [];

        public ManualResetEventSlim Gate { get; } = new();

        public string[] Records
        {
            get
            {
                lock (_records)
                {
                    return [.. _records];
                }
            }
        }

        public void Write(LogLevel level, long timeNs, ReadOnlySpan<char> message)
        {
            string text = message.ToString();
            if (text.Contains(marker, StringComparison.Ordinal))
            {
                Gate.Wait();
                lock (_records)
                {
                    _records.Add(text);
                }
            }
        }
    }

    [Fact]
    public void Sink_SlowerThanTheLog_LosesWholeRecordsAlone()
    {
        // Whatever part of a record is left over, the marker is in it.
        string filler = string.Concat(Enumerable.Repeat("overrun ", 25));
        var sink = new SlowSink("overrun");
        Log.Install(sink);
        for (int i = 0; i < 2_000; i++)
        {
            Log.Debug(filler); // more than the ring holds
        }

        sink.Gate.Set();
        Log.Debug("last overrun");
        bool isThere = SpinWait.SpinUntil(() => sink.Records.LastOrDefault() == "last overrun", TimeSpan.FromMinutes(1));
        Log.Install(null);

        Assert.True(isThere);
        string[] records = sink.Records;
        Assert.InRange(records.Length, 2, 2_000);
        Assert.All(records[..^1], text => Assert.Equal(filler, text));
    }
}
