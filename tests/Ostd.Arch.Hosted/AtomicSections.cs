// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;
using System.Threading;

namespace Ostd.Arch;

/// <summary>Which threads of the host are in atomic mode: what a grace period is on the real machine, where CPUs are looked at.</summary>
internal static class AtomicSections
{
    private static readonly List<WeakReference<Record>> s_records = [];

    [ThreadStatic]
    private static Record? t_record;

    /// <summary>The thread turned preemption or interrupts off, or on again.</summary>
    public static void OnChange()
    {
        bool isInside = ThisCpu.PreemptCount > 0 || !Interrupts.AreEnabled;
        Record record = t_record ??= Register();
        if (((record.Changes & 1) != 0) != isInside)
        {
            Interlocked.Increment(ref record.Changes);
        }
    }

    /// <summary>Returns when each section that runs now has ended.</summary>
    public static void WaitForAll()
    {
        Interlocked.MemoryBarrier();
        WeakReference<Record>[] records;
        lock (s_records)
        {
            records = [.. s_records];
        }

        foreach (WeakReference<Record> reference in records)
        {
            if (!reference.TryGetTarget(out Record? record))
            {
                continue;
            }

            long seen = Volatile.Read(ref record.Changes);
            while ((seen & 1) != 0 && Volatile.Read(ref record.Changes) == seen)
            {
                Thread.Yield();
            }
        }
    }

    private static Record Register()
    {
        var record = new Record();
        lock (s_records)
        {
            s_records.RemoveAll(static reference => !reference.TryGetTarget(out _));
            s_records.Add(new WeakReference<Record>(record));
        }

        return record;
    }

    private sealed class Record
    {
        /// <summary>Odd while the thread is inside.</summary>
        public long Changes;
    }
}
