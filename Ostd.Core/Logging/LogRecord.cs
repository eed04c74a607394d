// SPDX-License-Identifier: MPL-2.0
using System;
using System.Globalization;

namespace Ostd.Logging;

/// <summary>A line of the ring, taken apart: <c>&lt;6&gt;[    1.234567] text</c>.</summary>
internal ref struct LogRecord
{
    /// <summary>The facility of what a log sink's own task writes: LOG_SYSLOG, "messages generated internally by syslogd" (man 3 syslog). All else is LOG_KERN, 0.</summary>
    public const int SinkFacility = 5;

    private const int FacilityShift = 3;

    /// <summary>Severity.</summary>
    public LogLevel Level;

    /// <summary>Who wrote it.</summary>
    public int Facility;

    /// <summary>When, on the monotonic clock.</summary>
    public long TimeNs;

    /// <summary>The message.</summary>
    public ReadOnlySpan<char> Text;

    /// <summary>The number between the angle brackets (man 3 syslog).</summary>
    [InterruptSafe]
    public static int PriorityOf(LogLevel level, int facility) => facility << FacilityShift | (int)level & ((1 << FacilityShift) - 1);

    /// <summary>Takes a line apart.</summary>
    /// <returns>False when it is a further line of the message before.</returns>
    public static bool TryParse(ReadOnlySpan<char> line, out LogRecord record)
    {
        record = default;
        int priorityEnd = line.IndexOf('>');
        int timeEnd = line.IndexOf(']');
        if (priorityEnd < 2 || line[0] != '<' || timeEnd < priorityEnd + 3 || line[priorityEnd + 1] != '[' || timeEnd + 1 >= line.Length || line[timeEnd + 1] != ' ')
        {
            return false;
        }

        ReadOnlySpan<char> time = line[(priorityEnd + 2)..timeEnd].TrimStart();
        int point = time.IndexOf('.');
        if (!TryParse(line[1..priorityEnd], out long priority) || point < 0 || !TryParse(time[..point], out long seconds) || !TryParse(time[(point + 1)..], out long microseconds))
        {
            return false;
        }

        record.Level = (LogLevel)(priority & ((1 << FacilityShift) - 1));
        record.Facility = (int)(priority >> FacilityShift);
        record.TimeNs = seconds * 1_000_000_000 + microseconds * 1_000;
        record.Text = line[(timeEnd + 2)..];
        return true;
    }

    private static bool TryParse(ReadOnlySpan<char> digits, out long value) => long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
