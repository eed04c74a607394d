// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Arch;
using Ostd.Runtime;
using Ostd.Time;

namespace Ostd.Memory;

/// <summary>The heap of C# objects: what <c>/proc/asterion/gc</c> and <c>/proc/meminfo</c> tell about it.</summary>
public static class CollectedHeap
{
    /// <summary>Collections since boot.</summary>
    public static long CollectionCount => TaskHosting.IsHosted ? GC.CollectionCount(0) : GarbageCollector.CollectionCount;

    /// <summary>Bytes that survived the last collection.</summary>
    public static long LiveBytes => TaskHosting.IsHosted ? GC.GetTotalMemory(false) : (long)GarbageCollector.LiveBytes;

    /// <summary>Bytes handed to allocation since boot.</summary>
    public static long TotalAllocatedBytes => TaskHosting.IsHosted ? GC.GetTotalAllocatedBytes() : (long)GarbageCollector.TotalAllocatedBytes;

    /// <summary>Bytes of frames that back the heap now.</summary>
    public static long CommittedBytes => TaskHosting.IsHosted ? GC.GetTotalMemory(false) : (long)GarbageCollector.CommittedBytes;

    /// <summary>Length of the last pause, in nanoseconds.</summary>
    public static long LastPauseNs => TaskHosting.IsHosted ? 0 : Clock.CyclesToNs(GarbageCollector.LastPauseCycles);

    /// <summary>Length of the longest pause since boot, in nanoseconds.</summary>
    public static long LongestPauseNs => TaskHosting.IsHosted ? 0 : Clock.CyclesToNs(GarbageCollector.LongestPauseCycles);

    /// <summary>Sum of all pauses since boot, in nanoseconds.</summary>
    public static long TotalPauseNs => TaskHosting.IsHosted ? 0 : Clock.CyclesToNs(GarbageCollector.TotalPauseCycles);

    /// <summary>Collects now, and gives what is free back to the frame allocator.</summary>
    public static void Collect()
    {
        if (TaskHosting.IsHosted)
        {
            GC.Collect();
        }
        else
        {
            GarbageCollector.Collect();
        }
    }

    /// <summary>
    /// Honours <c>gc.stress=N</c> (collect at every Nth allocation), <c>gc.stress.concurrent</c> (collect all the time beside what runs) and <c>gc.verify</c> (check the heap after
    /// each collection): they test the kernel's own references.
    /// </summary>
    internal static void ApplyParameters(ReadOnlySpan<char> commandLine)
    {
        foreach (Range range in commandLine.Split(' '))
        {
            ReadOnlySpan<char> word = commandLine[range];
            const string stress = "gc.stress=";
            if (word.StartsWith(stress, StringComparison.Ordinal) && uint.TryParse(word[stress.Length..], out uint interval))
            {
                GarbageCollector.StressInterval = interval;
            }
            else if (word.SequenceEqual("gc.stress.concurrent"))
            {
                GarbageCollector.IsContinuous = true;
            }
            else if (word.SequenceEqual("gc.verify"))
            {
                GarbageCollector.IsVerifying = true;
            }
        }
    }
}
