// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Collections.ObjectModel;
using System.Linq;

namespace Asterion.Compiler.Cases;

/// <summary>The collections of the class library.</summary>
internal static class CollectionCases
{
    internal static void Lists(Output o)
    {
        List<int> list = [5, 3, 8, 1];
        list.AddRange([9, 7]);
        list.InsertRange(2, [100, 200]);
        list.RemoveAt(0);
        list.RemoveRange(1, 2);
        o.Line(string.Join(" ", list));
        o.Line(list.RemoveAll(v => v > 7));
        o.Line(list.BinarySearch(7));
        o.Line(list.FindIndex(v => v == 1));
        o.Line(string.Join(" ", list.GetRange(0, 2)));
        list.Reverse();
        list.Capacity = 20;
        list.TrimExcess();
        o.Line(list.ConvertAll(v => v * 2).Sum());
        o.Throws(() => list.RemoveAt(10));
        o.Throws(() => list.Insert(-1, 5));
        o.Throws(() => list.GetRange(0, 50));
    }

    internal static void ListsOfStructs(Output o)
    {
        List<(int Key, string Text)> list = [(2, "b"), (1, "a"), (3, null)];
        list.Sort();
        o.Line(string.Join(" ", list));
        o.Line(list.Contains((1, "a")));
        o.Line(list.IndexOf((3, null)));
        System.Runtime.InteropServices.CollectionsMarshal.AsSpan(list)[0].Text = "changed";
        o.Line(list[0].Text);
    }

    internal static void DictionariesGrowAndShrink(Output o)
    {
        var map = new Dictionary<int, string>();
        for (int i = 0; i < 200; i++)
        {
            map[i * 7919] = "v" + i;
        }

        for (int i = 0; i < 200; i += 3)
        {
            map.Remove(i * 7919);
        }

        o.Line(map.Count);
        o.Line(map.TryGetValue(7919, out string value) ? value : "none");
        o.Line(map.ContainsKey(0));
        o.Line(map.Values.Count(v => v.EndsWith('1')));
        o.Line(map.Keys.Sum());
        o.Line(map.TryAdd(7919, "again"));
        o.Throws(() => map.Add(7919, "again"));
        o.Throws(() => o.Line(map[1]));
        map.Clear();
        o.Line(map.Count);
    }

    private sealed record Key(string Name, int Number);

    private enum Colour : byte
    {
        Red,
        Blue,
    }

    internal static void DictionaryKeys(Output o)
    {
        var records = new Dictionary<Key, int> { [new("a", 1)] = 1 };
        o.Line(records[new("a", 1)]);
        var tuples = new Dictionary<(int, string), int> { [(1, "x")] = 2 };
        o.Line(tuples[(1, "x")]);
        var colours = new Dictionary<Colour, int> { [Colour.Blue] = 3 };
        o.Line(colours[Colour.Blue]);
        var guids = new Dictionary<Guid, int> { [Guid.Empty] = 4 };
        o.Line(guids[default]);
        var longs = new Dictionary<long, int> { [1L << 40] = 5, [0] = 6 };
        o.Line(longs[1L << 40] + longs[0]);
        var doubles = new Dictionary<double, int> { [0.0] = 7, [double.NaN] = 8 };
        o.Line(doubles[-0.0] + doubles[double.NaN]);
        var objects = new Dictionary<object, int> { [5] = 9, ["5"] = 10 };
        o.Line(objects[5] + objects["5"]);
        var insensitive = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase) { ["Key"] = 11 };
        o.Line(insensitive["KEY"]);
        o.Throws(() => records.Add(null, 1));
    }

    internal static void SetOperations(Output o)
    {
        HashSet<int> a = [1, 2, 3, 4], b = [3, 4, 5];
        o.Line(a.Overlaps(b));
        o.Line(a.IsSupersetOf([1, 2]));
        o.Line(a.IsProperSubsetOf(b));
        var union = new HashSet<int>(a);
        union.UnionWith(b);
        o.Line(string.Join(" ", union.Order()));
        a.IntersectWith(b);
        o.Line(string.Join(" ", a.Order()));
        b.ExceptWith(a);
        o.Line(string.Join(" ", b));
        union.SymmetricExceptWith([1, 9]);
        o.Line(union.Count);
        o.Line(union.Add(9));
        o.Line(union.SetEquals([2, 3, 4, 5, 9]));
    }

    internal static void SortedSetsAndMaps(Output o)
    {
        SortedSet<string> set = new(StringComparer.Ordinal) { "pear", "apple", "fig", "apple" };
        o.Line(string.Join(" ", set));
        o.Line(set.Min + set.Max);
        o.Line(string.Join(" ", set.GetViewBetween("b", "h")));
        o.Line(string.Join(" ", set.Reverse()));
        var map = new SortedDictionary<int, string> { [3] = "c", [1] = "a", [2] = "b" };
        map.Remove(2);
        o.Line(string.Join(" ", map.Select(p => p.Key + p.Value)));
        var list = new SortedList<string, int>(StringComparer.Ordinal) { ["b"] = 2, ["a"] = 1 };
        o.Line(list.GetKeyAtIndex(0) + list.IndexOfKey("b"));
        o.Throws(() => list.Add("a", 3));
        var many = new SortedSet<int>();
        for (int i = 0; i < 100; i++)
        {
            many.Add(i * 37 % 101);
        }

        for (int i = 0; i < 50; i++)
        {
            many.Remove(i * 2);
        }

        o.Line(string.Join(" ", many.Take(5)) + " " + many.Count);
    }

    internal static void QueuesAndStacks(Output o)
    {
        var queue = new Queue<int>();
        for (int i = 0; i < 10; i++)
        {
            queue.Enqueue(i);
            if (i % 3 == 2)
            {
                queue.Dequeue();
            }
        }

        o.Line(string.Join(" ", queue) + " " + queue.Peek());
        var stack = new System.Collections.Generic.Stack<string>(["a", "b"]);
        stack.Push("c");
        o.Line(stack.Pop() + stack.Peek() + stack.Count);
        o.Line(string.Concat(stack));
        o.Line(stack.TryPop(out _) && stack.TryPop(out _) && !stack.TryPop(out _));
        o.Throws(() => stack.Pop());
        o.Throws(() => new Queue<int>().Dequeue());
    }

    internal static void PriorityQueues(Output o)
    {
        var queue = new PriorityQueue<string, int>();
        foreach ((string text, int priority) in new[] { ("low", 9), ("high", 1), ("middle", 5), ("highest", 0) })
        {
            queue.Enqueue(text, priority);
        }

        o.Line(queue.EnqueueDequeue("now", -1));
        while (queue.TryDequeue(out string text, out int priority))
        {
            o.Line(text + priority);
        }

        var reversed = new PriorityQueue<int, int>(Comparer<int>.Create((x, y) => y - x));
        reversed.EnqueueRange(Enumerable.Range(0, 20).Select(i => (i, i * 7 % 20)));
        o.Line(reversed.Dequeue() * 100 + reversed.Dequeue());
    }

    internal static void LinkedLists(Output o)
    {
        var list = new LinkedList<int>([1, 2, 3]);
        LinkedListNode<int> two = list.Find(2);
        list.AddBefore(two, 10);
        list.AddAfter(two, 20);
        list.AddFirst(0);
        list.RemoveLast();
        list.Remove(1);
        o.Line(string.Join(" ", list));
        o.Line(two.Previous.Value + two.Next.Value);
        o.Line(list.Contains(3));
        o.Throws(() => list.AddFirst(two));
    }

    internal static void ReadOnlyAndImmutable(Output o)
    {
        List<int> list = [1, 2];
        ReadOnlyCollection<int> view = list.AsReadOnly();
        list.Add(3);
        o.Line(view.Count);
        o.Throws(() => ((IList<int>)view).Add(1));
        ImmutableArray<int> array = [1, 2, 3];
        ImmutableArray<int> longer = array.Add(4);
        o.Line(array.Length * 10 + longer.Length);
        ImmutableList<string> words = ["a", "b"];
        o.Line(string.Concat(words.Insert(1, "x")) + words.Count);
        ImmutableDictionary<string, int> map = ImmutableDictionary<string, int>.Empty.Add("k", 1).SetItem("k", 2);
        o.Line(map["k"]);
    }

    internal static void UntypedCollections(Output o)
    {
        var list = new ArrayList { 1, "two", null, 4.5 };
        list.Remove("two");
        o.Line(list.Count);
        o.Line((int)list[0]);
        var table = new Hashtable { ["a"] = 1, [2] = "b" };
        o.Line((string)table[2] + table["a"]);
        o.Line(table["missing"] == null);
        var bits = new BitArray(40);
        bits[35] = true;
        bits.Not();
        o.Line(bits[35] || !bits[34]);
        o.Line(bits.Cast<bool>().Count(b => b));
    }

    internal static void ModifiedWhileEnumerated(Output o)
    {
        var map = new Dictionary<int, int> { [1] = 1, [2] = 2, [3] = 3 };
        foreach ((int key, _) in map)
        {
            map.Remove(key);
        }

        o.Line(map.Count);
        map[1] = 1;
        o.Throws(() => { foreach (int key in map.Keys) { map[key + 1] = 0; } });
        HashSet<int> set = [1];
        o.Throws(() => { foreach (int value in set) { set.Add(value + 1); } });
        Queue<int> queue = new([1]);
        o.Throws(() => { foreach (int value in queue) { queue.Enqueue(value); } });
    }

    private sealed class Bag : KeyedCollection<string, Key>
    {
        protected override string GetKeyForItem(Key item) => item.Name;
    }

    internal static void OwnCollections(Output o)
    {
        var bag = new Bag { new("a", 1), new("b", 2) };
        o.Line(bag["b"].Number + bag[0].Number);
        o.Throws(() => bag.Add(new("a", 3)));
        bag.Remove("a");
        o.Line(bag.Count);
        o.Line(bag.Contains("a"));
    }
}
