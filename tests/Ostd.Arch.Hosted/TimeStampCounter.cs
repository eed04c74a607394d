// SPDX-License-Identifier: MPL-2.0
using System.Diagnostics;

namespace Ostd.Arch;

/// <summary>The cycle counter: the host's stopwatch.</summary>
public static class TimeStampCounter
{
    /// <summary>Cycles since some moment.</summary>
    public static ulong Read() => (ulong)Stopwatch.GetTimestamp();

    /// <summary>Cycles per second.</summary>
    public static ulong FrequencyHz => (ulong)Stopwatch.Frequency;
}
