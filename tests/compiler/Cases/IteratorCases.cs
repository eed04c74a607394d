// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;

namespace Asterion.Compiler.Cases;

/// <summary>Iterators: state, finally blocks, early ends.</summary>
internal static class IteratorCases
{
    private static IEnumerable<int> Logged(Output o, int count)
    {
        o.Line("begin");
        try
        {
            for (int i = 0; i < count; i++)
            {
                o.Line("yield " + i);
                yield return i;
            }
        }
        finally
        {
            o.Line("finally");
        }

        o.Line("end");
    }

    internal static void NothingRunsBeforeTheFirstStep(Output o)
    {
        IEnumerable<int> sequence = Logged(o, 2);
        o.Line("made");
        foreach (int value in sequence)
        {
            o.Line(value);
        }
    }

    internal static void BreakRunsFinally(Output o)
    {
        foreach (int value in Logged(o, 5))
        {
            if (value == 1)
            {
                break;
            }
        }

        o.Line(Logged(o, 3).First());
    }

    internal static void ExceptionInTheConsumer(Output o)
    {
        o.Throws(() =>
        {
            foreach (int value in Logged(o, 3))
            {
                throw new InvalidOperationException();
            }
        });
    }

    private static IEnumerable<int> Throwing(Output o)
    {
        try
        {
            yield return 1;
            throw new FormatException();
        }
        finally
        {
            o.Line("cleaned");
        }
    }

    internal static void ExceptionInTheIterator(Output o)
    {
        IEnumerator<int> enumerator = Throwing(o).GetEnumerator();
        o.Line(enumerator.MoveNext());
        o.Throws(() => enumerator.MoveNext());
        o.Line(enumerator.MoveNext());
        enumerator.Dispose();
        enumerator.Dispose();
    }

    private static IEnumerable<string> NestedFinally(Output o)
    {
        try
        {
            yield return "outer";
            try
            {
                yield return "inner";
            }
            finally
            {
                o.Line("inner finally");
            }

            yield return "between";
        }
        finally
        {
            o.Line("outer finally");
        }
    }

    internal static void NestedFinallyBlocks(Output o)
    {
        for (int steps = 0; steps <= 4; steps++)
        {
            using IEnumerator<string> enumerator = NestedFinally(o).GetEnumerator();
            for (int i = 0; i < steps && enumerator.MoveNext(); i++)
            {
                o.Line(enumerator.Current);
            }

            o.Line("leaving after " + steps);
        }
    }

    internal static void EachEnumerationHasItsOwnState(Output o)
    {
        int calls = 0;
        IEnumerable<int> Count()
        {
            calls++;
            for (int i = 0; i < 3; i++)
            {
                yield return i;
            }
        }

        IEnumerable<int> sequence = Count();
        o.Line(sequence.Sum() + sequence.Sum());
        o.Line(calls);
        using IEnumerator<int> first = sequence.GetEnumerator(), second = sequence.GetEnumerator();
        first.MoveNext();
        first.MoveNext();
        second.MoveNext();
        o.Line(first.Current * 10 + second.Current);
    }

    private static IEnumerable<int> Walk(Tree tree)
    {
        if (tree is null)
        {
            yield break;
        }

        foreach (int value in Walk(tree.Left))
        {
            yield return value;
        }

        yield return tree.Value;
        foreach (int value in Walk(tree.Right))
        {
            yield return value;
        }
    }

    private sealed record Tree(int Value, Tree Left = null, Tree Right = null);

    internal static void Recursive(Output o) =>
        o.Line(string.Join(" ", Walk(new Tree(4, new Tree(2, new Tree(1), new Tree(3)), new Tree(6, null, new Tree(7))))));

    private sealed class Ring<T>(params T[] items) : IEnumerable<T>
    {
        public IEnumerator<T> GetEnumerator()
        {
            while (true)
            {
                foreach (T item in items)
                {
                    yield return item;
                }
            }
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }

    internal static void WithoutEnd(Output o)
    {
        o.Line(string.Concat(new Ring<char>('a', 'b', 'c').Take(7)));
        o.Line(new Ring<int>(1, 2).Skip(3).First());
    }

    private ref struct Digits(int number)
    {
        private int _rest = number;

        public int Current { get; private set; }

        public bool MoveNext()
        {
            if (_rest == 0)
            {
                return false;
            }

            Current = _rest % 10;
            _rest /= 10;
            return true;
        }

        public readonly Digits GetEnumerator() => this;

        public readonly void Dispose() => s_disposed++;
    }

    private static int s_disposed;

    internal static void ForeachByPattern(Output o)
    {
        s_disposed = 0;
        foreach (int digit in new Digits(1234))
        {
            o.Line(digit);
        }

        o.Line(s_disposed);
    }

    private static IEnumerator<int> GetEnumerator(this int count)
    {
        for (int i = 1; i <= count; i++)
        {
            yield return i;
        }
    }

    internal static void ForeachByExtension(Output o)
    {
        int sum = 0;
        foreach (int i in 4)
        {
            sum = (sum * 10) + i;
        }

        o.Line(sum);
    }

    private static IEnumerable<T> Interleave<T>(IEnumerable<T> left, IEnumerable<T> right)
    {
        using IEnumerator<T> first = left.GetEnumerator();
        using IEnumerator<T> second = right.GetEnumerator();
        bool more;
        do
        {
            more = false;
            if (first.MoveNext())
            {
                more = true;
                yield return first.Current;
            }

            if (second.MoveNext())
            {
                more = true;
                yield return second.Current;
            }
        }
        while (more);
    }

    internal static void GenericIterators(Output o)
    {
        o.Line(string.Join(" ", Interleave([1, 2, 3], [10, 20, 30, 40])));
        o.Line(string.Concat(Interleave("abc", "XY")));
        o.Line(Interleave(new[] { (1, 'a') }, [(2, 'b')]).Last().Item2.ToString());
    }

    internal static void CurrentBeforeAndAfter(Output o)
    {
        List<int> list = [1];
        List<int>.Enumerator enumerator = list.GetEnumerator();
        o.Line(enumerator.Current);
        enumerator.MoveNext();
        o.Line(enumerator.Current);
        o.Line(enumerator.MoveNext());
        IEnumerator untyped = ((IEnumerable)list).GetEnumerator();
        o.Throws(() => _ = untyped.Current);
        list.Add(2);
        o.Throws(() => untyped.MoveNext());
        IEnumerator array = new[] { 5 }.GetEnumerator();
        o.Throws(() => _ = array.Current);
        array.MoveNext();
        o.Line((int)array.Current);
        array.Reset();
        o.Line(array.MoveNext());
    }
}
