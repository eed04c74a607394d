// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Linq;

namespace Asterion.Compiler.Cases;

/// <summary>Sorting: every length, orders that are nearly sorted, comparers that misbehave.</summary>
internal static class SortCases
{
    internal static void EveryLength(Output o)
    {
        int wrong = 0;
        uint state = 1;
        for (int length = 0; length < 80; length++)
        {
            int[] values = new int[length];
            for (int i = 0; i < length; i++)
            {
                state = (state * 1664525) + 1013904223;
                values[i] = (int)(state >> 24);
            }

            int[] expected = values.Order().ToArray();
            Array.Sort(values);
            wrong += values.SequenceEqual(expected) ? 0 : 1;
        }

        o.Line(wrong);
    }

    internal static void SpecialOrders(Output o)
    {
        int[][] orders = [[.. Enumerable.Range(0, 100)], [.. Enumerable.Range(0, 100).Reverse()], [.. Enumerable.Repeat(5, 100)], [.. Enumerable.Range(0, 100).Select(i => i % 2 * 50 + i / 2)]];
        foreach (int[] order in orders)
        {
            Array.Sort(order, (x, y) => y.CompareTo(x));
            int rises = 0;
            for (int i = 1; i < order.Length; i++)
            {
                rises += order[i] > order[i - 1] ? 1 : 0;
            }

            o.Line(rises);
        }
    }

    internal static void EveryElementType(Output o)
    {
        byte[] bytes = [3, 255, 0];
        Array.Sort(bytes);
        long[] longs = [long.MaxValue, -1, long.MinValue];
        Array.Sort(longs);
        float[] floats = [1, float.NaN, -1, float.NegativeInfinity];
        Array.Sort(floats);
        string[] strings = ["b", null, "a", "B"];
        Array.Sort(strings, StringComparer.Ordinal);
        (int, string)[] tuples = [(1, "b"), (0, "z"), (1, "a")];
        Array.Sort(tuples);
        DayOfWeek[] days = [DayOfWeek.Friday, DayOfWeek.Monday];
        Array.Sort(days);
        Guid[] guids = [new(2, 0, 0, new byte[8]), new(1, 0, 0, new byte[8])];
        Array.Sort(guids);
        decimal?[] decimals = [1.5m, null, -2m];
        Array.Sort(decimals);
        o.Line($"{bytes[0]} {longs[0]} {floats[0]} {strings[1]} {tuples[0]} {(int)days[0]} {guids[0]} {decimals[1]}");
    }

    private readonly record struct Version(int Major, int Minor) : IComparable<Version>
    {
        public int CompareTo(Version other) => (Major, Minor).CompareTo((other.Major, other.Minor));
    }

    private sealed class ByName : IComparer<string>
    {
        public int Compare(string x, string y) => string.CompareOrdinal(x?.ToUpperInvariant(), y?.ToUpperInvariant());
    }

    internal static void OwnComparisons(Output o)
    {
        Version[] versions = [new(1, 10), new(1, 2), new(0, 99)];
        Array.Sort(versions);
        o.Line(string.Join(" ", versions.Select(v => $"{v.Major}.{v.Minor}")));
        List<string> names = ["b", "A", "c"];
        names.Sort(new ByName());
        o.Line(string.Concat(names));
        o.Line(names.BinarySearch("B", new ByName()));
        Array.Sort(versions, (x, y) => y.Minor.CompareTo(x.Minor));
        o.Line(versions[0].Minor);
    }

    internal static void ComparersThatFail(Output o)
    {
        int[] values = [3, 1, 2];
        o.Throws(() => Array.Sort(values, (_, _) => throw new FormatException()));
        o.Throws(() => Array.Sort(new object[] { 1, "x" }));
        o.Throws(() => Array.Sort(new[] { new object(), new object() }));
        Array.Sort(values, (x, y) => 1);
        o.Line(values.Sum());
        o.Throws(() => values.OrderBy(v => v == 2 ? throw new NotSupportedException() : v).ToList());
    }

    internal static void StabilityOfOrderBy(Output o)
    {
        var items = Enumerable.Range(0, 60).Select(i => (Key: i * 7 % 5, Index: i)).ToArray();
        var sorted = items.OrderBy(x => x.Key).ToArray();
        int wrong = 0;
        for (int i = 1; i < sorted.Length; i++)
        {
            wrong += sorted[i - 1].Key < sorted[i].Key || (sorted[i - 1].Key == sorted[i].Key && sorted[i - 1].Index < sorted[i].Index) ? 0 : 1;
        }

        o.Line(wrong);
        o.Line(string.Join(" ", items.OrderByDescending(x => x.Key).Take(4)));
    }

    internal static void SpansAndParts(Output o)
    {
        int[] values = [9, 8, 7, 6, 5];
        values.AsSpan(1, 3).Sort();
        o.Line(string.Join(" ", values));
        Span<string> words = ["z", "y", "x"];
        words.Sort(string.CompareOrdinal);
        o.Line(words[0]);
        int[] keys = [2, 1];
        keys.AsSpan().Sort(values.AsSpan(0, 2));
        o.Line(values[0]);
    }

    internal static void Comparers(Output o)
    {
        o.Line(Comparer<int>.Default.Compare(int.MinValue, int.MaxValue));
        o.Line(Comparer<object>.Default.Compare(null, 1));
        o.Throws(() => Comparer<object>.Default.Compare(1, "x"));
        o.Line(Comparer<string>.Create((x, y) => x.Length - y.Length).Compare("aa", "b"));
        o.Line(EqualityComparer<string>.Default.GetHashCode(null!));
        o.Line(EqualityComparer<int>.Create((x, y) => x % 10 == y % 10, x => x % 10).Equals(13, 3));
        o.Line(System.Collections.StructuralComparisons.StructuralEqualityComparer.Equals(new[] { 1, 2 }, new[] { 1, 2 }));
        o.Line(((System.Collections.IStructuralComparable)(1, 2)).CompareTo((1, 3), Comparer<object>.Default));
    }
}
