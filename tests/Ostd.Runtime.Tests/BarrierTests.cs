// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Threading;

namespace Ostd.Runtime.Tests;

/// <summary>
/// The adversary of the write barrier: between the steps of a collection, the only reference to an object moves from where marking has not been to where it may have been
/// already. Without the barrier such objects are freed: their contents change, and with verification on the collector finds them at once.
/// </summary>
internal static class BarrierTests
{
    private const int Count = 4000;
    private const int MovesPerStep = 40;

    private sealed class Victim(int number)
    {
        internal readonly int Number = number;
        internal readonly string Text = "v" + number;
    }

    private sealed class Cell
    {
        internal object? Reference;
    }

    private struct Pair
    {
        internal long Number;
        internal object? Reference;
        internal object? Second;
    }

    private sealed class Holder
    {
        internal readonly Cell[] Cells = MakeCells();
        internal readonly object?[] Array = new object?[Count];
        internal readonly Pair[] Pairs = new Pair[Count];
        internal readonly List<object?> List = [];
        internal readonly Dictionary<int, object?> Dictionary = [];
        internal object? Filler = MakeFiller();
    }

    // Which of the two marking comes to first is its own business, so each is once the source and once the destination.
    private static Holder? s_first;
    private static Holder? s_second;

    private static Cell[] MakeCells()
    {
        var cells = new Cell[Count];
        for (int i = 0; i < cells.Length; i++)
        {
            cells[i] = new Cell();
        }

        return cells;
    }

    // Work for the marker, so that a cycle has many steps.
    private static Cell MakeFiller()
    {
        var head = new Cell();
        for (int i = 0; i < 8000; i++)
        {
            head = new Cell { Reference = head };
        }

        return head;
    }

    private delegate void Store(Holder holder, int index, object? value);

    private delegate object? Load(Holder holder, int index);

    internal static void Fields() =>
        Run(static (holder, i, value) => holder.Cells[i].Reference = value, static (holder, i) => holder.Cells[i].Reference);

    internal static void ArrayElements() =>
        Run(static (holder, i, value) => holder.Array[i] = value, static (holder, i) => holder.Array[i]);

    internal static void Structs() => Run(
        static (holder, i, value) =>
        {
            var pair = new Pair { Number = i, Reference = value, Second = value };
            holder.Pairs[i] = pair;
        },
        static (holder, i) => holder.Pairs[i].Number == i ? holder.Pairs[i].Second : null);

    internal static void Exchange() =>
        Run(static (holder, i, value) => Interlocked.Exchange(ref holder.Array[i], value), static (holder, i) => holder.Array[i]);

    internal static void CompareExchange() =>
        Run(static (holder, i, value) => Interlocked.CompareExchange(ref holder.Array[i], value, null), static (holder, i) => holder.Array[i]);

    internal static void Lists() => Run(
        static (holder, i, value) =>
        {
            // Both shift what is behind by a bulk move.
            holder.List.Insert(holder.List.Count - holder.List.Count / 16, value);
            if (i % 64 == 0)
            {
                holder.List.Insert(0, null);
                holder.List.RemoveAt(0);
            }
        },
        static (holder, i) => holder.List.Find(candidate => candidate is Victim victim && victim.Number == i));

    internal static void Dictionaries() =>
        Run(static (holder, i, value) => holder.Dictionary[i] = value, static (holder, i) => holder.Dictionary[i]);

    private static void Run(Store store, Load load)
    {
        for (int round = 0; round < 2; round++)
        {
            Prepare(round, out Holder source, out Holder destination);
            Fill(source);
            int moved = 0;
            int steps = 0;
            do
            {
                for (int i = 0; i < MovesPerStep && moved < Count; i++)
                {
                    Move(source, destination, Scatter(moved++), store);
                }

                steps++;
            }
            while (GarbageCollector.StepCycle());

            Check.True(steps > 50, "the cycle had many steps: " + steps);
            Churn();
            for (int i = 0; i < moved; i += 29)
            {
                CheckVictim(load(destination, Scatter(i)), Scatter(i));
            }
        }
    }

    // The references in an array move to another by Span.CopyTo and are cleared, in overlapping pieces of some length.
    internal static void Spans()
    {
        const int length = 160;
        for (int round = 0; round < 2; round++)
        {
            Prepare(round, out Holder source, out Holder destination);
            for (int i = 0; i < Count; i++)
            {
                source.Array[i] = new Victim(i);
            }

            int next = 0;
            do
            {
                if (next + length <= Count)
                {
                    Span<object?> piece = source.Array.AsSpan(next, length);
                    piece.CopyTo(destination.Array.AsSpan(next));
                    piece.Clear();

                    // Up and down by one: once forward and once backward over itself.
                    Span<object?> copy = destination.Array.AsSpan(next, length);
                    object? last = copy[length - 1];
                    copy[..^1].CopyTo(copy[1..]);
                    copy[1..].CopyTo(copy);
                    copy[length - 1] = last;
                    next += length;
                }
            }
            while (GarbageCollector.StepCycle());

            Churn();
            for (int i = 0; i < next; i++)
            {
                CheckVictim(destination.Array[i], i);
            }
        }
    }

    // What a weak reference gives out while a collection marks stays alive.
    internal static void WeakTargets()
    {
        for (int round = 0; round < 2; round++)
        {
            Prepare(round, out Holder source, out Holder destination);
            WeakReference<Victim>[] weak = MakeWeak();
            int next = 0;
            do
            {
                for (int i = 0; i < MovesPerStep && next < Count; i++, next++)
                {
                    Resurrect(weak, destination, next);
                }
            }
            while (GarbageCollector.StepCycle());

            Churn();
            for (int i = 0; i < next; i++)
            {
                if (destination.Array[i] != null)
                {
                    CheckVictim(destination.Array[i], i);
                }
            }
        }
    }

    // Collections with the world stopped come in between, at arbitrary steps.
    internal static void Abandoned()
    {
        Prepare(0, out Holder source, out Holder destination);
        Fill(source);
        for (int i = 0; i < Count; i++)
        {
            Move(source, destination, i, static (holder, i, value) => holder.Cells[i].Reference = value);
            GarbageCollector.StepCycle();
            if (i % 97 == 96)
            {
                GarbageCollector.Collect();
            }
        }

        Churn();
        for (int i = 0; i < Count; i++)
        {
            CheckVictim(destination.Cells[i].Reference, i);
        }
    }

    internal static void MemoryIsReclaimed()
    {
        Finish();
        ulong before = GarbageCollector.LiveBytes;
        for (int round = 0; round < 20; round++)
        {
            GC.KeepAlive(MakeFiller());
            Finish();
        }

        // What was allocated while a cycle marked lives until the next.
        Finish();
        Check.True(GarbageCollector.LiveBytes < before + 1024 * 1024, "live bytes stay");
    }

    /// <summary>Lets go of everything, so that the tests that follow collect a small heap.</summary>
    internal static void Forget()
    {
        s_first = null;
        s_second = null;
        GarbageCollector.Collect();
    }

    private static void Finish()
    {
        while (GarbageCollector.StepCycle())
        {
        }
    }

    private static void Prepare(int round, out Holder source, out Holder destination)
    {
        s_first = new Holder();
        s_second = new Holder();
        source = round == 0 ? s_first : s_second;
        destination = round == 0 ? s_second : s_first;
        Finish(); // a cycle that an earlier test began
    }

    private static void Fill(Holder source)
    {
        for (int i = 0; i < Count; i++)
        {
            source.Cells[i].Reference = new Victim(i);
        }
    }

    // All over the place, so that marking doesn't run ahead of the moves. 1009 and Count have no common factor.
    private static int Scatter(int i) => i * 1009 % Count;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Move(Holder source, Holder destination, int index, Store store)
    {
        object? victim = source.Cells[index].Reference;
        source.Cells[index].Reference = null;
        store(destination, index, victim);
    }

    private static WeakReference<Victim>[] MakeWeak()
    {
        var weak = new WeakReference<Victim>[Count];
        for (int i = 0; i < weak.Length; i++)
        {
            weak[i] = new WeakReference<Victim>(new Victim(i));
        }

        return weak;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Resurrect(WeakReference<Victim>[] weak, Holder destination, int index)
    {
        if (weak[index].TryGetTarget(out Victim? victim))
        {
            destination.Array[index] = victim;
        }
    }

    // Overwrites what was freed, so that a dead object's memory does not look alive.
    private static void Churn()
    {
        for (int i = 0; i < 20_000; i++)
        {
            byte[] bytes = new byte[8 + i % 40];
            bytes.AsSpan().Fill(0xee);
        }
    }

    private static void CheckVictim(object? o, int number)
    {
        Check.True(o is Victim, "a victim is there");
        var victim = (Victim)o!;
        Check.Equal(number, victim.Number, "number");
        Check.Equal("v" + number, victim.Text, "text");
    }
}
