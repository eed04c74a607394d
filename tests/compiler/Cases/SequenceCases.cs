// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Linq;

namespace Asterion.Compiler.Cases;

/// <summary>LINQ beyond the first steps.</summary>
internal static class SequenceCases
{
    private static readonly string[] s_words = ["delta", "alpha", "echo", "bravo", "charlie", "alpha"];

    private sealed record Order(int Id, string Customer, decimal Amount);

    private static readonly Order[] s_orders = [new(1, "ann", 10), new(2, "bob", 5.5m), new(3, "ann", 7), new(4, "cid", 0), new(5, "bob", 100)];

    internal static void IsEvaluatedLate(Output o)
    {
        int evaluated = 0;
        IEnumerable<int> query = Enumerable.Range(1, 10).Where(v => { evaluated++; return v % 2 == 0; }).Select(v => v * v);
        o.Line(evaluated);
        o.Line(query.First());
        o.Line(evaluated);
        o.Line(query.Take(2).Sum());
        o.Line(evaluated);
        o.Line(query.Any(v => v > 10));
        o.Line(evaluated);
    }

    internal static void StableOrdering(Output o)
    {
        o.Line(string.Join(" ", s_words.OrderBy(w => w.Length)));
        o.Line(string.Join(" ", s_words.OrderByDescending(w => w.Length).ThenBy(w => w, StringComparer.Ordinal)));
        o.Line(string.Join(" ", s_orders.OrderBy(x => x.Customer, StringComparer.Ordinal).ThenByDescending(x => x.Amount).Select(x => x.Id)));
        o.Line(string.Join(" ", Enumerable.Range(0, 50).OrderBy(v => v % 3).Skip(15).Take(5)));
        o.Line(string.Join(" ", new[] { 3, 1, 2 }.OrderDescending()));
    }

    internal static void Groups(Output o)
    {
        foreach (IGrouping<string, Order> group in s_orders.GroupBy(x => x.Customer))
        {
            o.Line($"{group.Key}: {group.Count()}, {group.Sum(x => x.Amount)}");
        }

        ILookup<bool, string> lookup = s_words.ToLookup(w => w.Contains('a'), w => w[..1]);
        o.Line(string.Concat(lookup[false]) + lookup[true].Count());
        o.Line(string.Join(" ", s_orders.CountBy(x => x.Customer).Select(p => p.Key + p.Value)));
        o.Line(s_orders.AggregateBy(x => x.Customer, 0m, (sum, x) => sum + x.Amount).Last().Value.ToString());
    }

    internal static void Joins(Output o)
    {
        var cities = new[] { (Name: "ann", City: "x"), (Name: "bob", City: "y"), (Name: "dan", City: "z") };
        o.Line(string.Join(" ", s_orders.Join(cities, x => x.Customer, c => c.Name, (x, c) => x.Id + c.City)));
        o.Line(string.Join(" ", cities.GroupJoin(s_orders, c => c.Name, x => x.Customer, (c, all) => c.City + all.Count())));
        o.Line(string.Join(" ", from c in cities
                                from x in s_orders
                                where c.Name == x.Customer
                                where x.Amount > 6
                                select c.City + x.Amount));
    }

    internal static void SetOperators(Output o)
    {
        int[] a = [1, 2, 3, 3, 4], b = [3, 4, 5];
        o.Line(string.Join(" ", a.Union(b)));
        o.Line(string.Join(" ", a.Intersect(b)));
        o.Line(string.Join(" ", a.Except(b)));
        o.Line(string.Join(" ", a.Distinct()));
        o.Line(string.Join(" ", a.Concat(b).Append(9).Prepend(0)));
        o.Line(string.Join(" ", s_words.DistinctBy(w => w.Length)));
        o.Line(string.Join(" ", a.ExceptBy(b, v => v)));
    }

    internal static void Partitions(Output o)
    {
        IEnumerable<int> numbers = Enumerable.Range(1, 10);
        o.Line(string.Join(" ", numbers.SkipWhile(v => v < 4).TakeWhile(v => v < 8)));
        o.Line(string.Join(" ", numbers.TakeLast(3)));
        o.Line(string.Join(" ", numbers.SkipLast(7)));
        o.Line(string.Join(" ", numbers.Take(2..^5)));
        o.Line(string.Join("|", numbers.Chunk(4).Select(c => string.Join(",", c))));
        o.Line(numbers.ElementAt(^2));
        o.Line(string.Join(" ", numbers.Index().Where(p => p.Index % 4 == 0).Select(p => p.Item)));
    }

    internal static void EmptyAndMissing(Output o)
    {
        int[] none = [];
        o.Throws(() => none.First());
        o.Throws(() => none.Max());
        o.Throws(() => none.Single());
        o.Throws(() => new[] { 1, 2 }.Single());
        o.Throws(() => none.Average());
        o.Line(none.FirstOrDefault(-1));
        o.Line(none.Sum());
        o.Line(none.DefaultIfEmpty(7).First());
        o.Line(none.All(_ => false));
        o.Line(none.Select(v => (int?)v).Max() == null);
        o.Throws(() => none.Aggregate((x, y) => x + y));
        o.Line(none.Aggregate(5, (x, y) => x + y));
        o.Throws(() => ((IEnumerable<int>)null).Count());
        o.Throws(() => none.ElementAt(0));
    }

    internal static void SumsAndAverages(Output o)
    {
        o.Line(s_orders.Sum(x => x.Amount).ToString());
        o.Line(s_orders.Average(x => x.Id).ToString());
        o.Line(new[] { 1.5, 2.5, double.NaN }.Min().ToString());
        o.Line(new[] { 1.5, double.NaN, 2.5 }.Max().ToString());
        o.Line(new long?[] { 1, null, 3 }.Sum().ToString());
        o.Line(new[] { 1, 2, 4 }.Average().ToString());
        o.Throws(() => new[] { int.MaxValue, 1 }.Sum());
        o.Line(s_orders.MaxBy(x => x.Amount).Id + s_orders.MinBy(x => x.Amount).Id);
        o.Line(s_words.Max(StringComparer.Ordinal));
        o.Line(new[] { 3f, 1f }.Sum().ToString());
    }

    internal static void Conversions(Output o)
    {
        object[] mixed = [1, "a", 2, null, 3L];
        o.Line(mixed.OfType<int>().Sum());
        o.Throws(() => mixed.Cast<int>().ToList());
        Dictionary<int, string> map = s_orders.ToDictionary(x => x.Id, x => x.Customer);
        o.Line(map[3]);
        o.Throws(() => s_orders.ToDictionary(x => x.Customer));
        o.Line(s_words.ToHashSet().Count);
        o.Line(s_words.AsEnumerable().Reverse().First());
        o.Line(Enumerable.Repeat("x", 3).ToArray().Length);
        o.Line(s_words.SequenceEqual(s_words.ToList()));
    }

    internal static void ZipsAndFlattening(Output o)
    {
        o.Line(string.Join(" ", s_words.Zip([1, 2, 3], (w, n) => w[..n])));
        o.Line(string.Join(" ", new[] { 1, 2 }.Zip("ab", [true, false]).Select(t => $"{t.First}{t.Second}{t.Third}")));
        o.Line(string.Concat(s_words.SelectMany(w => w.Take(2))));
        o.Line(string.Join(" ", s_words.SelectMany((w, i) => new[] { i, w.Length }, (w, v) => w[0].ToString() + v).Take(4)));
        o.Line(s_words.Select((w, i) => i * w.Length).Sum());
        o.Line(s_words.Aggregate(new { Length = 0, Last = "" }, (a, w) => new { Length = a.Length + w.Length, Last = w }, a => a.Last + a.Length));
    }

    private static IEnumerable<T> Flatten<T>(T root, Func<T, IEnumerable<T>> children) => children(root).SelectMany(c => Flatten(c, children)).Prepend(root);

    internal static void RecursiveQueries(Output o) => o.Line(string.Join(" ", Flatten(12, v => Enumerable.Range(2, Math.Max(0, v / 2 - 1)).Where(d => v % d == 0).Take(2))));
}
