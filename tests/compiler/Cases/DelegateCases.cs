// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;

namespace Asterion.Compiler.Cases;

internal delegate int Transform(int value);

internal delegate (int, string) MakePair(int number, string text);

internal static class DelegateCases
{
    private static int Triple(int value) => value * 3;

    internal static void StaticAndInstance(Output o)
    {
        Transform triple = Triple;
        int factor = 5;
        Transform scaled = value => value * factor;
        o.Line(triple(4));
        o.Line(scaled(4));
        factor = 6;
        o.Line(scaled(4));
        Func<int> length = "hello".AsLength;
        o.Line(length());
        MakePair pair = (n, t) => (n + 1, t + "!");
        o.Line(pair(1, "x").ToString());
        MakePair open = StaticPair;
        o.Line(open(2, "y").ToString());
    }

    private static (int, string) StaticPair(int number, string text) => (number, text);

    private static int AsLength(this string text) => text.Length;

    internal static void OnStructs(Output o)
    {
        var counter = new Counter { Start = 10 };
        Func<int> next = counter.Next;
        o.Line(next());
        o.Line(next());
        o.Line(counter.Start);
    }

    private struct Counter
    {
        public int Start;

        public int Next() => ++Start;
    }

    internal static void Virtual(Output o)
    {
        Shape shape = new Cube(3);
        Func<string> name = shape.Name;
        o.Line(name());
        IGreeter greeter = new DerivedGreeter();
        Func<string> greet = greeter.Greet;
        o.Line(greet());
    }

    internal static void Multicast(Output o)
    {
        Action all = () => o.Line("one");
        all += () => o.Line("two");
        Action three = () => o.Line("three");
        all += three;
        all();
        all -= three;
        o.Line("less");
        all();
        Transform last = Triple;
        last += v => v + 1;
        o.Line(last(10));
        o.Line((all - all) is null);
        o.Line(last.GetInvocationList().Length);
    }

    internal static void Equality(Output o)
    {
        Transform a = Triple;
        Transform b = Triple;
        o.Line(a == b);
        Action x = () => { };
        Action y = () => { };
        o.Line(x == y);
        o.Line(a.Target is null);
    }

    internal static void Events(Output o)
    {
        var source = new Source();
        source.Changed += v => o.Line("changed to " + v);
        source.Set(5);
        source.Set(6);
    }

    private sealed class Source
    {
        internal event Action<int> Changed;

        internal void Set(int value) => Changed?.Invoke(value);
    }

    internal static void Iterators(Output o)
    {
        foreach (int each in Squares(4))
        {
            o.Line(each);
        }

        using IEnumerator<int> squares = Squares(10).GetEnumerator();
        squares.MoveNext();
        squares.MoveNext();
        o.Line(squares.Current);
    }

    private static IEnumerable<int> Squares(int count)
    {
        for (int i = 1; i <= count; i++)
        {
            yield return i * i;
        }
    }

    internal static void Recursion(Output o)
    {
        Func<int, int> fibonacci = null;
        fibonacci = n => n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
        o.Line(fibonacci(15));
    }
}
