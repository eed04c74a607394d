// SPDX-License-Identifier: MPL-2.0
using System;

namespace Ostd.Logging;

/// <summary>
/// Where the kernel wants its log to go: another console, a network, a file. Injected by <see cref="Log.Install"/> and not trusted.
/// </summary>
/// <remarks>
/// Records come in their order, soon after they were written, one at a time, on a task of OSTD's: the sink may allocate, sleep, take locks and throw, whatever context the record came from. What it throws takes it out
/// of service and is an oops. What it logs itself goes to the ring and the console, and does not come back to it.
/// </remarks>
public interface ILogSink
{
    /// <summary>Takes one record.</summary>
    /// <param name="level">Its severity; records of all levels come.</param>
    /// <param name="timeNs">When it was written, on the monotonic clock, in nanoseconds rounded down to microseconds.</param>
    /// <param name="message">One line, ASCII, without a line feed; a message of several lines comes line by line. Valid during the call.</param>
    void Write(LogLevel level, long timeNs, ReadOnlySpan<char> message);
}
