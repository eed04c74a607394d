// SPDX-License-Identifier: MPL-2.0
using System;
using System.Threading;
using Ostd.Sync;
using Ostd.Testing;
using Task = Ostd.Tasks.Task;

namespace Ostd.Benchmarks;

/// <summary>Switching between tasks, by yielding and by waking, and the life of a task.</summary>
public static class TaskCosts
{
    private const int Count = 200;

    private sealed class Turns
    {
        public readonly WaitQueue Changed = new();
        public int Turn;
        public bool IsStopped;
    }

    /// <summary>Prints the costs.</summary>
    [KernelTest]
    public static void Costs()
    {
        var yielding = new Turns();
        Start(yielding, static turns =>
        {
            while (!Volatile.Read(ref turns.IsStopped))
            {
                Task.Yield();
            }
        });
        // Each round switches there and back: so half of a round is one switch with its yield.
        Measurement.Report("context switch by yielding", Count, static n =>
        {
            for (int i = 0; i < n / 2; i++)
            {
                Task.Yield();
            }
        }, Empty);
        Volatile.Write(ref yielding.IsStopped, true);
        Task.Yield();

        var passing = new Turns();
        Start(passing, static turns =>
        {
            while (!Volatile.Read(ref turns.IsStopped))
            {
                turns.Changed.Wait(turns, static t => Volatile.Read(ref t.Turn) == 1);
                Volatile.Write(ref turns.Turn, 0);
                turns.Changed.WakeAll();
            }
        });
        Measurement.Report("context switch by wake and wait", Count, n =>
        {
            for (int i = 0; i < n / 2; i++)
            {
                Volatile.Write(ref passing.Turn, 1);
                passing.Changed.WakeAll();
                passing.Changed.Wait(passing, static t => Volatile.Read(ref t.Turn) == 0);
            }
        }, Empty);
        Volatile.Write(ref passing.IsStopped, true);
        Volatile.Write(ref passing.Turn, 1);
        passing.Changed.WakeAll();
        Task.Yield();

        Measurement.Report("task creation, start and end", 50, static n =>
        {
            for (int i = 0; i < n; i++)
            {
                var ended = new Turns();
                Start(ended, static turns =>
                {
                    Volatile.Write(ref turns.Turn, 1);
                    turns.Changed.WakeAll();
                });
                ended.Changed.Wait(ended, static t => Volatile.Read(ref t.Turn) == 1);
            }
        }, Empty);
    }

    private static void Start(Turns turns, Action<Turns> body)
    {
        KernelAssert.True(Task.TryCreate(state => body((Turns)state!), turns, "benchmark", out Task? task));
        task!.Start();
    }

    private static void Empty(int n)
    {
        for (int i = 0; i < n; i++)
        {
        }
    }
}
