// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Linq;

namespace Asterion.Compiler.Cases;

/// <summary>Records, tuples, and what the C# compiler writes for them.</summary>
internal static class RecordCases
{
    private record Person(string Name, int Age);

    private record Student(string Name, int Age, string School) : Person(Name, Age);

    private record struct Point(int X, int Y)
    {
        internal readonly double Length => Math.Sqrt((X * X) + (Y * Y));
    }

    private sealed record Pair<T>(T Left, T Right);

    internal static void EqualityAndHash(Output o)
    {
        Person first = new("ann", 30), second = new("a" + "nn", 30), third = new Student("ann", 30, "x");
        o.Line(first == second);
        o.Line(first.GetHashCode() == second.GetHashCode());
        o.Line(first == third);
        o.Line(third == first);
        o.Line(third.Equals(new Student("ann", 30, "x")));
        o.Line(third != new Student("ann", 30, "y"));
        o.Line(first.Equals(null));
        o.Line(new Pair<int>(1, 2) == new Pair<int>(1, 2));
        o.Line(new Pair<Person>(first, third).Equals(new Pair<Person>(second, third)));
    }

    internal static void WithExpressions(Output o)
    {
        Person student = new Student("bob", 20, "school");
        Person older = student with { Age = 21 };
        o.Line(older is Student);
        o.Line(older.ToString());
        o.Line(student.Age);
        Point point = new(3, 4);
        Point moved = point with { X = 0 };
        o.Line(point.Length + moved.Length == 9);
        var anonymous = new { A = 1, B = "x" };
        o.Line((anonymous with { A = 2 }).ToString());
    }

    internal static void TextOfRecords(Output o)
    {
        o.Line(new Person("x", 1).ToString());
        o.Line(new Student("y", 2, null).ToString());
        o.Line(new Point(1, -2).ToString());
        o.Line(new Pair<string>("l", "r").ToString());
        o.Line(new Pair<Point>(new(1, 2), default).ToString());
    }

    internal static void Deconstruction(Output o)
    {
        (string name, int age) = new Person("z", 9);
        o.Line(name + age);
        var (x, y) = new Point(5, 6);
        o.Line(x * y);
        (x, y) = (y, x);
        o.Line(x * 10 + y);
        int[] array = [1, 2];
        int index = 0;
        (array[index++], array[index]) = (array[index], 10);
        o.Line(array[0] * 100 + array[1]);
        foreach ((string key, (int a, int b)) in new Dictionary<string, (int, int)> { ["k"] = (1, 2) })
        {
            o.Line(key + a + b);
        }
    }

    internal static void TuplesCompare(Output o)
    {
        o.Line((1, "a") == (1, "a"));
        o.Line((1, "a") != (1, "b"));
        o.Line((1, 2L, 3.0).Equals((1, 2L, 3.0)));
        o.Line((1, 2).CompareTo((1, 3)));
        o.Line((1, 2).GetHashCode() == (1, 2).GetHashCode());
        o.Line((1, (2, 3)).ToString());
        o.Line(new[] { (2, "b"), (1, "z"), (2, "a") }.Order().First().Item2);
        object boxed = (1, "x");
        o.Line(boxed is (int, string));
        o.Line(boxed is (1, "x"));
    }

    internal static void LongTuples(Output o)
    {
        var tuple = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
        o.Line(tuple.Item10 + tuple.Item8);
        o.Line(tuple.ToString());
        tuple.Item9 = 90;
        o.Line(tuple == (1, 2, 3, 4, 5, 6, 7, 8, 90, 10));
        o.Line(Tuple.Create(1, "two").ToString());
        o.Line(Tuple.Create(1, 2).Equals(Tuple.Create(1, 2)));
    }

    private static (int Min, int Max) Range(int[] values) => (values.Min(), values.Max());

    private static (T First, U Second) Make<T, U>(T first, U second) => (first, second);

    internal static void TuplesAsResults(Output o)
    {
        (int min, int max) = Range([3, 1, 2]);
        o.Line(min * 10 + max);
        o.Line(Make("s", 5).First);
        o.Line(Make(Make(1, 2), "x").First.Second);
        Func<(int, string)> make = () => (1, "f");
        o.Line(make().Item2);
    }

    internal static void AnonymousTypes(Output o)
    {
        var first = new { Name = "n", Value = 5 };
        var second = new { Name = "n", Value = 5 };
        o.Line(first.Equals(second));
        o.Line(first.GetHashCode() == second.GetHashCode());
        o.Line(first.ToString());
        o.Line(new[] { first, second }.Distinct().Count());
        var nested = new { Inner = first, List = new[] { 1 } };
        o.Line(nested.Inner.Value + nested.List[0]);
    }

    private abstract record Expression
    {
        internal abstract int Evaluate();

        internal sealed record Constant(int Value) : Expression
        {
            internal override int Evaluate() => Value;
        }

        internal sealed record Product(Expression Left, Expression Right) : Expression
        {
            internal override int Evaluate() => Left.Evaluate() * Right.Evaluate();
        }
    }

    internal static void TreesOfRecords(Output o)
    {
        Expression tree = new Expression.Product(new Expression.Constant(6), new Expression.Constant(7));
        o.Line(tree.Evaluate());
        o.Line(tree == new Expression.Product(new Expression.Constant(6), new Expression.Constant(7)));
        o.Line(tree.ToString());
    }

    private sealed record Validated(int Value)
    {
        internal int Value { get; init; } = Value > 0 ? Value : throw new ArgumentException("not positive");

        internal required string Label { get; init; }
    }

    internal static void InitialisersAndRequired(Output o)
    {
        var valid = new Validated(5) { Label = "five" };
        o.Line(valid.Value + valid.Label);
        o.Line((valid with { Label = "other" }).Value);
        o.Throws(() => _ = new Validated(-1) { Label = "no" });
    }
}
