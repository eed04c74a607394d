// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;

namespace Asterion.Compiler.Cases;

/// <summary>Generic virtual methods: of classes, interfaces, generic types, with structures and references as arguments.</summary>
internal static class GenericVirtualCases
{
    private abstract class Visitor
    {
        internal abstract string Visit<T>(T value);

        internal virtual int Count<T>() => 1;
    }

    private class Printing : Visitor
    {
        internal override string Visit<T>(T value) => $"print {value}";
    }

    private sealed class Counting : Printing
    {
        private int _count;

        internal override string Visit<T>(T value) => $"{++_count} {base.Visit(value)}";

        internal override int Count<T>() => base.Count<T>() + (typeof(T) == typeof(int) ? 10 : 20);
    }

    internal static void OfClasses(Output o)
    {
        foreach (Visitor visitor in new Visitor[] { new Printing(), new Counting() })
        {
            o.Line(visitor.Visit(1));
            o.Line(visitor.Visit("two"));
            o.Line(visitor.Visit((3, 4L)));
            o.Line(visitor.Visit<object>(5));
            o.Line(visitor.Count<int>() + visitor.Count<string>());
        }
    }

    private interface IFactory
    {
        List<T> Make<T>(T first);

        string Name<T>() => "default " + (typeof(T) == typeof(string));
    }

    private sealed class Factory : IFactory
    {
        public List<T> Make<T>(T first) => [first, first];
    }

    private struct StructFactory : IFactory
    {
        private int _made;

        public List<T> Make<T>(T first)
        {
            var list = new List<T>();
            for (int i = 0; i <= _made; i++)
            {
                list.Add(first);
            }

            _made++;
            return list;
        }

        readonly string IFactory.Name<T>() => "struct " + _made;
    }

    internal static void OfInterfaces(Output o)
    {
        foreach (IFactory factory in new IFactory[] { new Factory(), new StructFactory() })
        {
            o.Line(factory.Make(5).Count);
            o.Line(factory.Make("x").Count);
            o.Line(factory.Make(Guid.Empty).Count);
            o.Line(factory.Name<string>());
            o.Line(factory.Name<int>());
        }
    }

    private abstract class Generic<T>
    {
        internal abstract string Pair<TOther>(T own, TOther other);
    }

    private sealed class GenericOfInt : Generic<int>
    {
        internal override string Pair<TOther>(int own, TOther other) => $"int {own} and {other}";
    }

    private sealed class Passing<T> : Generic<T>
    {
        internal override string Pair<TOther>(T own, TOther other) => $"{own} and {other}, {typeof(T) == typeof(TOther)}";
    }

    internal static void OfGenericClasses(Output o)
    {
        Generic<int>[] ints = [new GenericOfInt(), new Passing<int>()];
        foreach (Generic<int> each in ints)
        {
            o.Line(each.Pair(1, "a"));
            o.Line(each.Pair(2, 3));
        }

        Generic<string> text = new Passing<string>();
        o.Line(text.Pair("s", 4));
        o.Line(text.Pair("s", "t"));
    }

    internal static void AsDelegates(Output o)
    {
        Visitor visitor = new Counting();
        Func<int, string> visitInt = visitor.Visit;
        Func<string, string> visitText = visitor.Visit;
        o.Line(visitInt(1));
        o.Line(visitText("b"));
        IFactory factory = new Factory();
        Func<char, List<char>> make = factory.Make;
        o.Line(make('c').Count);
    }

    private interface IAcceptor
    {
        TResult Accept<TResult>(IResultVisitor<TResult> visitor);
    }

    private interface IResultVisitor<out TResult>
    {
        TResult OnNumber(int number);

        TResult OnSum(IAcceptor left, IAcceptor right);
    }

    private sealed record Number(int Value) : IAcceptor
    {
        public TResult Accept<TResult>(IResultVisitor<TResult> visitor) => visitor.OnNumber(Value);
    }

    private sealed record Sum(IAcceptor Left, IAcceptor Right) : IAcceptor
    {
        public TResult Accept<TResult>(IResultVisitor<TResult> visitor) => visitor.OnSum(Left, Right);
    }

    private sealed class Evaluate : IResultVisitor<int>
    {
        public int OnNumber(int number) => number;

        public int OnSum(IAcceptor left, IAcceptor right) => left.Accept(this) + right.Accept(this);
    }

    private sealed class Show : IResultVisitor<string>
    {
        public string OnNumber(int number) => number.ToString();

        public string OnSum(IAcceptor left, IAcceptor right) => $"({left.Accept(this)} + {right.Accept(this)})";
    }

    internal static void VisitorsWithResults(Output o)
    {
        IAcceptor tree = new Sum(new Number(1), new Sum(new Number(2), new Number(3)));
        o.Line(tree.Accept(new Evaluate()));
        o.Line(tree.Accept(new Show()));
        o.Line(tree.Accept<object>(new Show()).ToString());
    }

    internal static void RecursionOverTypes(Output o)
    {
        Visitor visitor = new Printing();
        o.Line(Deepen(visitor, 1, 3));
    }

    private static string Deepen<T>(Visitor visitor, T value, int depth)
    {
        if (depth == 0)
        {
            return visitor.Visit(value);
        }

        return typeof(T) == typeof(int) ? Deepen(visitor, value.ToString(), depth - 1) : visitor.Visit(new[] { value }[0]);
    }

    internal static void OnNull(Output o)
    {
        Visitor none = null;
        IFactory nothing = null;
        o.Throws(() => none.Visit(1));
        o.Throws(() => nothing.Make(1));
    }
}
