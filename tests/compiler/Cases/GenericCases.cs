// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Numerics;

namespace Asterion.Compiler.Cases;

internal sealed class Stack<T>
{
    private T[] _items = new T[2];
    private int _count;

    internal int Count => _count;

    internal void Push(T item)
    {
        if (_count == _items.Length)
        {
            Array.Resize(ref _items, _count * 2);
        }

        _items[_count++] = item;
    }

    internal T Pop() => _count == 0 ? throw new InvalidOperationException("empty") : _items[--_count];
}

internal static class GenericStatics<T>
{
    internal static int Count;

    internal static readonly string Name = typeof(T) == typeof(int) ? "int" : "other";
}

internal static class GenericCases
{
    internal static void OwnStack(Output o)
    {
        var numbers = new Stack<int>();
        var words = new Stack<string>();
        for (int i = 0; i < 5; i++)
        {
            numbers.Push(i * i);
            words.Push("w" + i);
        }

        o.Line(numbers.Pop());
        o.Line(words.Pop());
        o.Line(words.Count);
        o.Throws(() => new Stack<long>().Pop());
    }

    internal static void StaticsPerInstantiation(Output o)
    {
        GenericStatics<int>.Count = 1;
        GenericStatics<string>.Count = 2;
        GenericStatics<object>.Count += 5;
        o.Line(GenericStatics<int>.Count);
        o.Line(GenericStatics<string>.Count);
        o.Line(GenericStatics<object>.Count);
        o.Line(GenericStatics<int>.Name);
        o.Line(GenericStatics<long>.Name);
    }

    internal static void GenericMath(Output o)
    {
        o.Line(Sum<int>(1, 2, 3));
        o.Line(Sum(1.5, 2.25).ToString());
        o.Line(Sum(1L << 40, 1).ToString());
        o.Line(Parse<int>("123") + Parse<byte>("7"));
        o.Throws(() => Parse<byte>("300"));
        o.Line(T<sbyte>() + T<ushort>());
    }

    private static int T<N>()
        where N : IMinMaxValue<N>, INumber<N> => int.CreateChecked(N.MaxValue);

    private static N Sum<N>(params N[] values)
        where N : INumber<N>
    {
        N sum = N.Zero;
        foreach (N value in values)
        {
            sum += value;
        }

        return sum;
    }

    private static N Parse<N>(string text)
        where N : IParsable<N> => N.Parse(text, null);

    internal static void Constraints(Output o)
    {
        o.Line(Make<List<int>>().Count);
        o.Line(Make<int>());
        o.Line(Largest(3, 9, 4));
        o.Line(Largest("b", "a"));
        o.Line(IsDefault<int>(0));
        o.Line(IsDefault("x"));
        o.Line(IsDefault<string>(null));
    }

    private static N Make<N>()
        where N : new() => new();

    private static N Largest<N>(params N[] values)
        where N : IComparable<N>
    {
        N largest = values[0];
        foreach (N value in values)
        {
            if (value.CompareTo(largest) > 0)
            {
                largest = value;
            }
        }

        return largest;
    }

    private static bool IsDefault<N>(N value) => EqualityComparer<N>.Default.Equals(value, default);

    internal static void NestedGenerics(Output o)
    {
        var map = new Dictionary<string, List<(int, KeyValuePair<byte, string>)>>();
        map["a"] = [(1, new(2, "two"))];
        o.Line(map["a"][0].Item2.Value);
        o.Line(map["a"][0].Item2.Key);
    }

    internal static void PatternsOnGenerics(Output o)
    {
        o.Line(Describe(5));
        o.Line(Describe("text"));
        o.Line(Describe(5L));
        o.Line(Describe<int?>(null));
        o.Line(Describe(new int[3]));
    }

    private static string Describe<N>(N value) => value switch
    {
        null => "null",
        int i when i > 3 => "large int " + i,
        int i => "int " + i,
        string s => "string " + s.Length,
        Array a => "array " + a.Length,
        _ => "something",
    };
}
