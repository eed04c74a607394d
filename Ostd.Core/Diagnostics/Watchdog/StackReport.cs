// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Logging;

namespace Ostd.Diagnostics;

/// <summary>A call trace in the log. Allocates nothing.</summary>
internal static class StackReport
{
    /// <summary>The longest trace.</summary>
    public const int MaxFrames = 24;

    /// <summary>Writes a trace.</summary>
    /// <param name="level">The log's level.</param>
    /// <param name="addresses">Innermost first.</param>
    /// <param name="isInterrupted">The first one is where an interrupt came, and not where a call returns to.</param>
    [InterruptSafe]
    public static void Write(LogLevel level, ReadOnlySpan<nint> addresses, bool isInterrupted)
    {
        Log.Write(level, "Call trace:");
        Span<char> storage = stackalloc char[CodeAddress.LongestLine];
        for (int i = 0; i < addresses.Length; i++)
        {
            var text = new TextBuffer(storage);
            text.Append("  ");
            CodeAddress.Append(ref text, (ulong)addresses[i], isReturnAddress: i != 0 || !isInterrupted);
            Log.Write(level, text.Text);
        }
    }
}
