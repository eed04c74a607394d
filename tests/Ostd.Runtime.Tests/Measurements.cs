// SPDX-License-Identifier: MPL-2.0

using System;
using System.Globalization;
using System.Runtime.CompilerServices;
using Ostd.Arch;

namespace Ostd.Runtime.Tests;

/// <summary>What the runtime's operations cost, in cycles of the time-stamp counter.</summary>
internal static class Measurements
{
    private sealed class Node
    {
        internal Node? Next;
    }

    private interface IWork
    {
        int Do(int n);
    }

    private sealed class Work : IWork
    {
        public int Do(int n) => n + 1;
    }

    internal static void Print()
    {
        const int count = 20_000;
        Report("new object", count, static n =>
        {
            for (int i = 0; i < n; i++)
            {
                GC.KeepAlive(new Node());
            }
        });
        Report("interface call", count, static n => Call(new Work(), n));
        Report("throw and catch", 200, static n =>
        {
            for (int i = 0; i < n; i++)
            {
                try
                {
                    throw new InvalidOperationException();
                }
                catch (InvalidOperationException)
                {
                }
            }
        });
        foreach (int megabytes in (int[])[1, 4, 16])
        {
            Node? head = null;
            for (int i = 0; i < megabytes * 1024 * 1024 / 32; i++)
            {
                head = new Node { Next = head };
            }

            GarbageCollector.Collect();
            RuntimePanic.Write("collection with " + (GarbageCollector.LiveBytes / 1024).ToString(CultureInfo.InvariantCulture) + " KiB live: "
                + GcReport.LastStopNs.ToString(CultureInfo.InvariantCulture) + " cycles\n");
            GC.KeepAlive(head);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Call(IWork work, int n)
    {
        int value = 0;
        for (int i = 0; i < n; i++)
        {
            value = work.Do(value);
        }

        GC.KeepAlive(value);
    }

    private static void Report(string what, int count, Action<int> action)
    {
        action(10);
        ulong start = TimeStampCounter.Read();
        action(count);
        ulong cycles = (TimeStampCounter.Read() - start) / (ulong)count;
        RuntimePanic.Write(what + ": " + cycles.ToString(CultureInfo.InvariantCulture) + " cycles\n");
    }
}
