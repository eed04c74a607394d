// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Runtime;
using System.Runtime.CompilerServices;
using Ostd.Arch;

namespace Ostd.Runtime.Tests;

/// <summary>Walks from each instruction of code of all shapes, as an interrupt there would begin them.</summary>
internal static unsafe class WalkTests
{
    private interface IShape
    {
        long Area(long n);
    }

    private sealed class Square : IShape
    {
        public long Area(long n) => n * n;
    }

    private sealed class Other(long side) : IShape
    {
        public long Area(long n) => n * side + Sum(n, side);
    }

    private struct Point(long x) : IShape
    {
        internal long X = x;

        public long Area(long n) => X += n;
    }

    private class Node
    {
        internal Node? Next;

        internal virtual long Value(long n) => n + 1;
    }

    private sealed class Leaf : Node
    {
        internal override long Value(long n) => n + 2;
    }

    // So many that the compiler does not ask for each of them in turn, but calls.
    private sealed class Third : Node, IShape
    {
        public long Area(long n) => n + 3;

        internal override long Value(long n) => n + 3;
    }

    private sealed class Fourth : Node, IShape
    {
        public long Area(long n) => n + 4;

        internal override long Value(long n) => n + 4;
    }

    private sealed class Fifth : Node, IShape
    {
        public long Area(long n) => n + 5;

        internal override long Value(long n) => n + 5;
    }

    private delegate long TakesPointer(delegate*<long, long> function, long n);

    private static class Lazy
    {
        internal static readonly long[] Numbers = Make();
        internal static long Count = Numbers.Length;

        private static long[] Make() => [1, 2, s_sink];
    }

    [ThreadStatic]
    private static long t_number;

    private static long s_sink;
    private static Node[]? s_nodes;
    private static Box? s_box;
    private static byte[]? s_large;

    private sealed class Box
    {
        internal object? Value;
    }

    internal static void Frames() => SingleStep.Run(
        static () =>
        {
            s_sink = Sum(1, 2);
            s_sink += Many(1, 2, 3, 4, 5, 6, 7, 8);
            s_sink += Large(3);
            s_sink += Huge(3);
            s_sink += Allocated(40);
            s_sink += Allocated(3000);
            s_sink += Guarded(5);
        },
        300);

    internal static void TailCalls() => SingleStep.Run(
        static () =>
        {
            s_sink += Hide<Func<long, long, long>>(TailStatic)(5, 6);
            s_sink += Hide<Func<int, long>>(TailWithFrame)(4);
            foreach (Node node in (Node[])[new Node(), new Leaf(), new Third(), new Fourth(), new Fifth()])
            {
                s_sink += Hide<Func<Node, long, long>>(TailVirtual)(node, 5);
            }

            s_sink += Hide<Func<Func<long, long>, long, long>>(TailDelegate)(static n => n + Many(n, 2, 3, 4, 5, 6, 7, 8), 5);
            s_sink += Hide<TakesPointer>(TailPointer)(&Twice, 5);
            foreach (IShape shape in (IShape[])[new Square(), new Other(3), new Point(3), new Third(), new Fourth(), new Fifth()])
            {
                s_sink += Hide<Func<IShape, long, long>>(TailInterface)(shape, 5);
            }
        },
        500);

    internal static void Dispatch() => SingleStep.Run(
        static () =>
        {
            IShape[] shapes = [new Square(), new Other(2), new Point(3), new Third(), new Fourth(), new Fifth(), new Square()];
            for (int round = 0; round < 2; round++)
            {
                foreach (IShape shape in shapes)
                {
                    s_sink += Call(shape, round);
                }
            }

            s_sink += Generic<string>("a") + Generic<object>(shapes);
            s_sink += shapes is IReadOnlyList<IShape> list ? list.Count : 0;
        },
        800);

    internal static void Stubs() => SingleStep.Run(
        static () =>
        {
            ulong start = TimeStampCounter.Read();
            s_sink += (long)(TimeStampCounter.Read() - start);
            double number = start;
            s_sink += (int)number + (long)number + (uint)number + (long)(ulong)number;
            s_sink += Lazy.Numbers.Length + Lazy.Count + t_number++;
            s_sink += CpuIdentification.TryReadRandom(out ulong random) ? (long)random : 0;
        },
        100);

    internal static void Copies()
    {
        byte[] source = new byte[700];
        byte[] destination = new byte[700];
        SingleStep.Run(
            () =>
            {
                foreach (int length in (ReadOnlySpan<int>)[0, 1, 5, 12, 20, 40, 64, 65, 200, 601])
                {
                    source.AsSpan(0, length).CopyTo(destination);
                    source.AsSpan(0, length).CopyTo(source.AsSpan(3));
                    destination.AsSpan(0, length).Fill((byte)length);
                    destination.AsSpan(0, length).Clear();
                }
            },
            1000);
    }

    internal static void Allocations() => SingleStep.Run(
        static () =>
        {
            var list = new List<object>();
            for (int i = 0; i < 2; i++)
            {
                list.Add(new Node { Next = new Leaf() });
                list.Add(new long[i]);
                list.Add(i.ToString());
                list.Add("s" + i);
            }

            s_sink += list.Count;
        },
        500);

    /// <summary>Stores of references, of white objects too, while a collection marks: the barrier's second half, with its way into C#.</summary>
    internal static void Barriers()
    {
        s_nodes = new Node[4000];
        s_box = new Box();
        s_large = new byte[100_000];
        for (int i = 0; i < s_nodes.Length; i++)
        {
            s_nodes[i] = new Node();
        }

        while (GarbageCollector.StepCycle())
        {
        }

        for (int i = 0; i < s_nodes.Length; i++)
        {
            s_nodes[i].Next = new Leaf();
        }

        // The first steps of a cycle finish what the one before has left.
        int* isMarking = BarrierState();
        for (int steps = 0; *isMarking == 0 && steps < 1000; steps++)
        {
            GarbageCollector.StepCycle();
        }

        Check.True(*isMarking != 0, "a collection marks");
        try
        {
            SingleStep.Run(
                static () =>
                {
                    Node[] nodes = s_nodes!;
                    for (int i = 0; i < 8; i++)
                    {
                        int from = (i * 1009 + 17) % nodes.Length;
                        nodes[i].Next = nodes[from].Next;
                        nodes[from].Next = null;
                    }

                    s_sink += StoreBesideBuffer(s_box!, s_large!, 40);
                    Array.Copy(nodes, 100, nodes, 200, 12);
                    Array.Copy(nodes, 100, nodes, 110, 12);
                    System.Threading.Interlocked.CompareExchange(ref nodes[0].Next, nodes[3], nodes[0].Next);
                    System.Threading.Interlocked.Exchange(ref nodes[1].Next, nodes[5].Next);
                },
                1500);
        }
        finally
        {
            s_nodes = null;
            s_box = null;
            s_large = null;
            GarbageCollector.Collect();
        }
    }

    // Its frame is found by RBP, which the barrier uses for something else on its way into C#, where it always goes with a large object: the walk needs the RBP that the barrier has saved.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static long StoreBesideBuffer(Box box, object large, int size)
    {
        byte* bytes = stackalloc byte[size];
        bytes[size - 1] = 1;
        box.Value = large;
        return Sum(bytes[0], bytes[size - 1]);
    }

    // Its first word is not 0 while a collection marks (WriteBarrierStubs).
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchBarrierState")]
    private static extern int* BarrierState();

    internal static void Exceptions() => SingleStep.Run(
        static () =>
        {
            try
            {
                Thrower(1);
            }
            catch (InvalidOperationException) when (Sum(s_sink, 1) != 1)
            {
                s_sink++;
            }
        },
        5000);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static long Sum(long a, long b) => a + b;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static long Twice(long n) => Sum(n, n) + 1;

    // All callee-saved registers are in use across calls, RBP among them: no frame pointer.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static long Many(long a, long b, long c, long d, long e, long f, long g, long h)
    {
        long i = Sum(a, b);
        long j = Sum(c, d);
        long k = Sum(e, f);
        long l = Sum(g, h);
        long m = Sum(i, l);
        return Sum(a, i) + Sum(b, j) + Sum(c, k) + Sum(d, l) + Sum(e, m) + a + b + c + d + e + f + i + j + k + l + m;
    }

    private struct Kilobyte
    {
        internal fixed long Words[128];
    }

    private struct Pages
    {
        internal fixed byte Bytes[20_000];
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static long Large(long n)
    {
        Kilobyte local;
        Fill(&local, n);
        return local.Words[(int)n] + Sum(n, local.Words[1]);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Fill(Kilobyte* block, long n)
    {
        block->Words[1] = n;
        block->Words[n] = n;
    }

    // More than a page: the prologue calls the stack probe.
    [MethodImpl(MethodImplOptions.NoInlining)]
    [SkipLocalsInit]
    private static long Huge(long n)
    {
        Pages local;
        Touch(&local, n);
        return local.Bytes[n] + Sum(n, n);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Touch(Pages* block, long n) => block->Bytes[n] = (byte)n;

    // The size is not known in advance: RSP moves in the body, frames are found by RBP.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static long Allocated(int size)
    {
        byte* bytes = stackalloc byte[size];
        bytes[size - 1] = 1;
        return Many(bytes[size - 1], bytes[0], 3, 4, 5, 6, 7, 8) + Sum(bytes[0], size);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static long Guarded(long n)
    {
        try
        {
            n = Sum(n, n);
        }
        finally
        {
            s_sink += Sum(n, 1);
        }

        return n;
    }

    // What calls by tail must not be marked NoInlining: the compiler then makes ordinary calls of them.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static T Hide<T>(T function) => function;

    private static long TailStatic(long a, long b)
    {
        s_sink += Sum(a, b);
        return Many(a, b, 3, 4, 5, 6, a, b) > 0 ? Sum(b, a) : Twice(a);
    }

    private static long TailVirtual(Node node, long n)
    {
        long sum = Sum(n, n);
        return node.Value(sum);
    }

    private static long TailDelegate(Func<long, long> function, long n)
    {
        long sum = Sum(n, n);
        return function(sum);
    }

    private static long TailPointer(delegate*<long, long> function, long n)
    {
        long sum = Sum(n, n);
        return function(sum);
    }

    private static long TailInterface(IShape shape, long n)
    {
        long sum = Sum(n, n);
        return shape.Area(sum);
    }

    private static long TailWithFrame(int size)
    {
        long n = Allocated(size + Switch(size));
        return Twice(n + Switch((int)n & 7));
    }

    // A table of jumps, which are no tail calls.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Switch(int n)
    {
        int m = (int)Sum(n, 1);
        switch (n)
        {
            case 0: return (int)Sum(m, 3) + m;
            case 1: return (int)Sum(m, 9) * m;
            case 2: return (int)Twice(m) - m;
            case 3: return (int)Sum(m, m) ^ m;
            case 4: return (int)Twice(n) + m;
            case 5: return (int)Sum(n, m) - n;
            case 6: return (int)Twice(n) * n;
            default: return m;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static long Call(IShape shape, long n) => shape.Area(n) + shape.Area(n + 1) + n;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static long Generic<T>(object o)
        where T : class
    {
        var list = new List<T>();
        if (o is T item)
        {
            list.Add(item);
        }

        return list.Count;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Thrower(long n)
    {
        try
        {
            if (n == 0)
            {
                throw new InvalidOperationException();
            }

            Thrower(n - 1);
        }
        finally
        {
            s_sink += Many(n, 2, 3, 4, 5, 6, 7, 8);
        }
    }
}
