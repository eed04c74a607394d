// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Text;

namespace Asterion.Compiler.Cases;

internal static class LibraryCases
{
    internal static void Strings(Output o)
    {
        string text = "Hello, World";
        o.Line(text.Length);
        o.Line(text.Substring(7));
        o.Line(text.ToUpperInvariant());
        o.Line(text.Replace("World", "you"));
        o.Line(text.IndexOf('W'));
        o.Line(text.Contains("lo, W", StringComparison.Ordinal));
        o.Line(string.Join("|", text.Split(", ")));
        o.Line("  trimmed ".Trim());
        o.Line(new string('x', 5));
        o.Line(string.Compare("apple", "banana", StringComparison.Ordinal) < 0);
        o.Line(text.StartsWith("Hell", StringComparison.Ordinal));
        o.Line(string.IsNullOrEmpty(""));
        o.Line("ab" == new string(['a', 'b']));
        o.Line(text[4] == 'o');
        o.Line("x".PadLeft(4, '.') + "y".PadRight(3, '-') + "|");
        o.Line("äöü €𝄞".Length);
        o.Line("äöü €𝄞");
    }

    internal static void Interpolation(Output o)
    {
        int number = 42;
        string name = "n";
        o.Line($"{name} = {number}, hex {number:x4}, wide {number,6}|, {true}, {1.5}");
        o.Line(string.Format("{0} and {1}", "a", 7));
        o.Line($"{number:D5} {-number:N0} {255:X}");
    }

    internal static void Builder(Output o)
    {
        var builder = new StringBuilder();
        for (int i = 0; i < 100; i++)
        {
            builder.Append(i).Append(',');
        }

        builder.Insert(0, "start ").Replace(",", ";", 0, 20).Remove(30, 200);
        o.Line(builder.ToString());
        o.Line(builder.Length);
    }

    internal static void NumbersToText(Output o)
    {
        o.Line(int.MinValue.ToString());
        o.Line(ulong.MaxValue.ToString());
        o.Line((-1.25e-7).ToString());
        o.Line(double.MaxValue.ToString());
        o.Line((1f / 3).ToString());
        o.Line(123456789.ToString("N0"));
        o.Line(0.1m.ToString());
        o.Line(Guid.Empty.ToString());
        o.Line(true.ToString());
        o.Line('c'.ToString());
    }

    internal static void TextToNumbers(Output o)
    {
        o.Line(int.Parse("-123"));
        o.Line(int.TryParse("12x", out int value));
        o.Line(value);
        o.Line(long.Parse("9223372036854775807"));
        o.Line(double.Parse("1.5e3").ToString());
        o.Throws(() => int.Parse("x"));
        o.Throws(() => int.Parse("99999999999"));
        o.Line(Convert.ToInt32("ff", 16));
    }

    internal static void Lists(Output o)
    {
        var list = new List<int> { 5, 1, 4 };
        list.Add(2);
        list.Sort();
        o.Line(string.Join(" ", list));
        list.Remove(4);
        list.Insert(1, 9);
        o.Line(list.IndexOf(9));
        o.Line(list.Count);
        list.Sort((a, b) => b - a);
        o.Line(list[0]);
        o.Throws(() => o.Line(list[10]));
        var words = new List<string>(["c", "a", "b"]);
        words.Sort(StringComparer.Ordinal);
        o.Line(string.Concat(words));
        o.Throws(() =>
        {
            foreach (int each in list)
            {
                list.Add(each);
            }
        });
    }

    internal static void Dictionaries(Output o)
    {
        var ages = new Dictionary<string, int> { ["ann"] = 30, ["bob"] = 25 };
        ages["ann"]++;
        o.Line(ages["ann"]);
        o.Line(ages.TryGetValue("eve", out int age));
        o.Line(ages.ContainsKey("bob"));
        var squares = new Dictionary<int, long>();
        for (int i = 0; i < 1000; i++)
        {
            squares[i * 7] = (long)i * i;
        }

        o.Line(squares[6993]);
        o.Line(squares.Count);
        squares.Remove(7);
        o.Line(squares.ContainsKey(7));
        var byDay = new Dictionary<DayOfWeek, string> { [DayOfWeek.Monday] = "m" };
        o.Line(byDay[DayOfWeek.Monday]);
        o.Throws(() => ages.Add("ann", 1));
        var insensitive = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase) { ["Key"] = 1 };
        o.Line(insensitive["KEY"]);
    }

    internal static void Sets(Output o)
    {
        var set = new HashSet<string> { "a", "b" };
        o.Line(set.Add("a"));
        o.Line(set.Add("c"));
        o.Line(set.Count);
        set.IntersectWith(["b", "c", "d"]);
        o.Line(set.Contains("a"));
        o.Line(set.Count);
    }

    internal static void Queues(Output o)
    {
        var queue = new Queue<int>();
        for (int i = 0; i < 10; i++)
        {
            queue.Enqueue(i);
        }

        o.Line(queue.Dequeue() + queue.Dequeue());
        o.Line(queue.Count);
        var linked = new System.Collections.Generic.Stack<string>();
        linked.Push("x");
        linked.Push("y");
        o.Line(linked.Pop());
    }

    internal static void Encoding(Output o)
    {
        byte[] bytes = System.Text.Encoding.UTF8.GetBytes("grün €");
        o.Line(bytes.Length);
        o.Line(bytes[2]);
        o.Line(System.Text.Encoding.UTF8.GetString(bytes));
        o.Line(System.Text.Encoding.ASCII.GetString([65, 66]));
        o.Line(Convert.ToHexString(bytes));
        o.Line(Convert.ToBase64String([1, 2, 3, 4]));
    }

    internal static void TimeSpans(Output o)
    {
        TimeSpan time = TimeSpan.FromSeconds(3725);
        o.Line(time.Hours);
        o.Line(time.ToString());
        o.Line(new DateTime(2024, 2, 29).AddYears(1).Month);
        o.Line((new DateTime(2024, 3, 1) - new DateTime(2024, 2, 1)).Days);
    }

    internal static void Enums(Output o)
    {
        FileFlags flags = FileFlags.Read | FileFlags.Write;
        o.Line((flags & FileFlags.Write) != 0);
        o.Line(flags.HasFlag(FileFlags.Read));
        o.Line(flags.HasFlag(FileFlags.Append));
        o.Line((int)flags);
        o.Line(flags.Equals(FileFlags.Read));
        o.Line(flags.GetHashCode());
        o.Line(((IComparable)FileFlags.Read).CompareTo(FileFlags.Write) < 0);
    }

    [Flags]
    private enum FileFlags : short
    {
        Read = 1,
        Write = 2,
        Append = 4,
    }

    internal static void Ranges(Output o)
    {
        string text = "abcdef";
        o.Line(text[1..^1]);
        int[] numbers = [1, 2, 3, 4];
        o.Line(numbers[^1]);
        o.Line(numbers[1..3].Length);
    }

    internal static void Sorting(Output o)
    {
        uint seed = 12345;
        int[] numbers = new int[500];
        for (int i = 0; i < numbers.Length; i++)
        {
            seed = (seed * 1664525) + 1013904223;
            numbers[i] = (int)(seed >> 8);
        }

        string[] keys = Array.ConvertAll(numbers, n => n.ToString());
        Array.Sort(numbers);
        for (int i = 1; i < numbers.Length; i++)
        {
            if (numbers[i - 1] > numbers[i])
            {
                o.Line("out of order");
            }
        }

        o.Line(numbers[0]);
        o.Line(numbers[499]);
        Array.Sort(keys, StringComparer.Ordinal);
        o.Line(keys[0] + " " + keys[499]);
    }
}
