// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;

namespace Asterion.Compiler.Cases;

internal static class LinqCases
{
    private static readonly int[] s_numbers = [5, 3, 8, 1, 9, 2];

    internal static void WhereSelect(Output o)
    {
        o.Line(string.Join(",", s_numbers.Where(n => n > 2).Select(n => n * 10)));
        o.Line(string.Join(",", s_numbers.Select((n, i) => n + i).ToArray()));
        o.Line(s_numbers.Where(n => n % 2 == 0).Count());
    }

    internal static void Ordering(Output o)
    {
        o.Line(string.Join(",", s_numbers.OrderBy(n => n)));
        o.Line(string.Join(",", s_numbers.OrderByDescending(n => n % 3).ThenBy(n => n)));
        string[] words = ["pear", "fig", "apple", "kiwi"];
        o.Line(string.Join(" ", words.OrderBy(w => w.Length).ThenByDescending(w => w, StringComparer.Ordinal)));
        o.Line(string.Join(",", Enumerable.Reverse(s_numbers)));
    }

    internal static void Aggregates(Output o)
    {
        o.Line(s_numbers.Sum());
        o.Line(s_numbers.Max());
        o.Line(s_numbers.Min());
        o.Line(s_numbers.Average().ToString());
        o.Line(s_numbers.Aggregate(1, (a, b) => a * b));
        o.Line(s_numbers.Any(n => n > 8));
        o.Line(s_numbers.All(n => n > 1));
        o.Line(s_numbers.Contains(8));
        o.Throws(() => o.Line(Array.Empty<int>().Max()));
    }

    internal static void Grouping(Output o)
    {
        foreach (IGrouping<bool, int> group in s_numbers.GroupBy(n => n > 4).OrderBy(g => g.Key))
        {
            o.Line(group.Key + ": " + string.Join(",", group));
        }

        Dictionary<int, int> map = s_numbers.ToDictionary(n => n, n => n * n);
        o.Line(map[9]);
        ILookup<int, int> lookup = s_numbers.ToLookup(n => n % 2);
        o.Line(lookup[1].Count());
        o.Line(string.Join(",", s_numbers.Join(map, n => n, m => m.Key, (n, m) => n + m.Value)));
    }

    internal static void Sequences(Output o)
    {
        o.Line(string.Join(",", Enumerable.Range(1, 5).Concat([9]).Skip(2).Take(3)));
        o.Line(string.Join(",", s_numbers.Zip(["a", "b"], (n, t) => t + n)));
        o.Line(string.Join(",", new[] { 1, 2, 2, 3, 1 }.Distinct()));
        o.Line(s_numbers.First(n => n > 5));
        o.Line(s_numbers.LastOrDefault(n => n > 100));
        o.Line(string.Join("|", s_numbers.Chunk(4).Select(c => string.Join(",", c))));
        o.Line(string.Join(",", s_numbers.SelectMany(n => Enumerable.Repeat(n, n % 3))));
        o.Line(s_numbers.SequenceEqual([5, 3, 8, 1, 9, 2]));
        o.Line(string.Join(",", new object[] { 1, "x", 2 }.OfType<int>()));
        o.Line(string.Join(",", s_numbers.TakeWhile(n => n != 1)));
    }

    internal static void QueryExpressions(Output o)
    {
        IEnumerable<string> pairs =
            from a in s_numbers
            where a < 4
            from b in Enumerable.Range(1, a)
            let product = a * b
            orderby product descending, a
            select $"{a}*{b}={product}";
        foreach (string pair in pairs)
        {
            o.Line(pair);
        }
    }

    private sealed class Countdown(int from) : IEnumerable<int>
    {
        public IEnumerator<int> GetEnumerator()
        {
            int left = from;
            while (true)
            {
                try
                {
                    if (left == 0)
                    {
                        yield break;
                    }

                    yield return left;
                }
                finally
                {
                    left--;
                }
            }
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }

    internal static void OwnEnumerable(Output o)
    {
        o.Line(string.Join(",", new Countdown(4)));
        o.Line(new Countdown(100).Sum());
        int total = 0;
        foreach (object each in (IEnumerable)new Countdown(3))
        {
            total += (int)each;
        }

        o.Line(total);
    }

    internal static void SortedCollections(Output o)
    {
        var sorted = new SortedDictionary<string, int>(StringComparer.Ordinal) { ["b"] = 2, ["a"] = 1, ["c"] = 3 };
        o.Line(string.Join(",", sorted.Keys));
        var set = new SortedSet<int>(s_numbers);
        o.Line(string.Join(",", set));
        o.Line(set.Min + set.Max);
        var heap = new PriorityQueue<string, int>();
        heap.Enqueue("late", 9);
        heap.Enqueue("soon", 1);
        o.Line(heap.Dequeue());
        var linked = new LinkedList<int>(s_numbers);
        linked.AddFirst(0);
        linked.RemoveLast();
        o.Line(string.Join(",", linked));
    }
}
