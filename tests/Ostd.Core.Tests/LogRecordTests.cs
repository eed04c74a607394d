// SPDX-License-Identifier: MPL-2.0
using Ostd.Logging;
using Xunit;

namespace Ostd.Core.Tests;

/// <summary>Lines of the log's ring, taken apart for a sink. Anybody may write what looks nearly like one.</summary>
public class LogRecordTests
{
    [Theory]
    [InlineData("<6>[    1.234567] text", LogLevel.Info, 0, 1_234_567_000, "text")]
    [InlineData("<0>[12345.000001] ", LogLevel.Emergency, 0, 12_345_000_001_000, "")]
    [InlineData("<47>[    0.000000] of the sink's own", LogLevel.Debug, LogRecord.SinkFacility, 0, "of the sink's own")]
    [InlineData("<4>[    1.000000] a > b [c] ", LogLevel.Warning, 0, 1_000_000_000, "a > b [c] ")]
    public void Line_OfTheLog_IsTakenApart(string line, LogLevel level, int facility, long timeNs, string text)
    {
        Assert.True(LogRecord.TryParse(line, out LogRecord record));

        Assert.Equal(level, record.Level);
        Assert.Equal(facility, record.Facility);
        Assert.Equal(timeNs, record.TimeNs);
        Assert.Equal(text, record.Text.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("<")]
    [InlineData("<>[]")]
    [InlineData("the second line of a message")]
    [InlineData("<6>text")]
    [InlineData("<x>[    1.234567] text")]
    [InlineData("<6>[    1234567] text")]
    [InlineData("<6>[    1.234567]")]
    [InlineData("<6>[    -1.234567] text")]
    [InlineData("<99999999999999999999>[    1.234567] text")]
    [InlineData("]<6>[    1.234567 text")]
    public void Line_OfAnythingElse_IsNoRecord(string line) => Assert.False(LogRecord.TryParse(line, out _));

    [Theory]
    [InlineData(LogLevel.Debug, 0, 7)]
    [InlineData(LogLevel.Error, LogRecord.SinkFacility, 43)]
    [InlineData((LogLevel)77, 0, 5)]
    public void Priority_IsFacilityAndLevel(LogLevel level, int facility, int expected) => Assert.Equal(expected, LogRecord.PriorityOf(level, facility));
}
