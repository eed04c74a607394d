// SPDX-License-Identifier: MPL-2.0
using System;
using System.Threading;
using Ostd.Sync;
using Task = Ostd.Tasks.Task;

namespace Ostd.Torture.Loads;

/// <summary>Tasks that live for a moment, with thread statics of their own; some are joined, some just end.</summary>
internal sealed class TaskLoad : ITortureLoad
{
    private const int MostAtOnce = 24;

    [ThreadStatic]
    private static Graph? t_graph;

    [ThreadStatic]
    private static ulong t_mark;

    private readonly WaitQueue _ended = new();
    private int _running;
    private TortureException? _failure;

    private sealed class Child
    {
        public required TaskLoad Owner;
        public required ulong Seed;
        public Graph? Result;
        public int HasEnded;
    }

    public string Name => "tasks";

    public void Run(Dice dice)
    {
        if (Volatile.Read(ref _running) >= MostAtOnce)
        {
            return;
        }

        // The worker's own thread statics outlive everything that the other loads do.
        t_graph?.Check();
        t_graph = new Graph(dice, 2);
        var child = new Child { Owner = this, Seed = dice.Next() };
        Interlocked.Increment(ref _running);
        TortureException.Unless(Task.TryCreate(static state => RunChild((Child)state!), child, "child", out Task? task), "no task could be created");
        task!.Start();
        if (dice.OneIn(2))
        {
            _ended.Wait(child, static c => Volatile.Read(ref c.HasEnded) != 0);
            child.Result?.Check();
        }
    }

    public void Finish()
    {
        _ended.Wait(this, static load => Volatile.Read(ref load._running) == 0);
        t_graph = null;
        if (_failure is not null)
        {
            throw _failure;
        }
    }

    private static void RunChild(Child child)
    {
        try
        {
            TortureException.Unless(t_graph is null && t_mark == 0, "a new task has the thread statics of another");
            var dice = new Dice(child.Seed);
            t_mark = child.Seed;
            t_graph = new Graph(dice, 1 + dice.Below(4));
            for (int i = dice.Below(4); i > 0; i--)
            {
                Task.Yield();
                _ = new object[dice.Below(100)];
            }

            TortureException.Unless(t_mark == child.Seed, "a thread static has changed");
            t_graph.Check();
            child.Result = t_graph;
        }
        catch (TortureException failure)
        {
            child.Owner._failure = failure;
        }

        Volatile.Write(ref child.HasEnded, 1);
        Interlocked.Decrement(ref child.Owner._running);
        child.Owner._ended.WakeAll();
    }
}
