// SPDX-License-Identifier: MPL-2.0
using System.Diagnostics;
using System.Threading;

namespace Ostd.Arch;

/// <summary>The cycle counter: the host's stopwatch, which a test can put forward.</summary>
public static class TimeStampCounter
{
    private static long s_skipped;

    /// <summary>Cycles since some moment.</summary>
    public static ulong Read() => (ulong)(Stopwatch.GetTimestamp() + Interlocked.Read(ref s_skipped));

    /// <summary>Lets so much time pass at once, for the whole process: what was to end meanwhile ends now.</summary>
    public static void Skip(long seconds)
    {
        _ = Interlocked.Add(ref s_skipped, seconds * Stopwatch.Frequency);
        TaskHosting.RunTimerHandler();
    }

    /// <summary>Cycles per second.</summary>
    public static ulong FrequencyHz => (ulong)Stopwatch.Frequency;
}
