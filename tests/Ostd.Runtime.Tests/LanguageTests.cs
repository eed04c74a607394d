// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Text;
using System.Threading;

namespace Ostd.Runtime.Tests;

internal static class LanguageTests
{
    internal static void Strings()
    {
        string text = string.Concat("ab", "cd");
        Check.Equal("abcd", text, "concat");
        Check.Equal("x=42, y=ff", $"x={42}, y={255:x}", "interpolation");
        Check.Equal("a-b-c", string.Join("-", "a", "b", "c"), "join");
        Check.Equal("bcd", text[1..], "substring");
        Check.Equal(2, text.IndexOf('c', StringComparison.Ordinal), "index");
        Check.Equal("ABCD", text.ToUpperInvariant(), "upper");
        byte[] utf8 = Encoding.UTF8.GetBytes("grün €");
        Check.Equal(9, utf8.Length, "utf8 length");
        Check.Equal("grün €", Encoding.UTF8.GetString(utf8), "utf8 round trip");
        Check.Equal(-1234567, int.Parse("-1234567", System.Globalization.CultureInfo.InvariantCulture), "parse");
        Check.Equal(4, "a b c d".Split(' ').Length, "split");
        var builder = new StringBuilder();
        for (int i = 0; i < 1000; i++)
        {
            builder.Append(i).Append(' ');
        }

        Check.Equal(3890, builder.Length, "builder");
    }

    internal static void Collections()
    {
        var list = new List<int>();
        var map = new Dictionary<string, int>();
        for (int i = 0; i < 2000; i++)
        {
            list.Add(i * 7 % 1000);
            map["key" + i] = i;
        }

        list.Sort();
        Check.Equal(0, list[0], "sorted first");
        Check.Equal(999, list[^1], "sorted last");
        Check.Equal(1999, map["key1999"], "lookup");
        Check.True(!map.ContainsKey("key2000"), "missing key");
        var set = new HashSet<long>(new long[] { 3, 1, 3, 2 });
        Check.Equal(3, set.Count, "set");
        var sorted = new SortedDictionary<int, string> { [3] = "c", [1] = "a", [2] = "b" };
        string keys = "";
        foreach (KeyValuePair<int, string> pair in sorted)
        {
            keys += pair.Value;
        }

        Check.Equal("abc", keys, "sorted dictionary");
        var queue = new PriorityQueue<string, int>();
        queue.Enqueue("late", 9);
        queue.Enqueue("soon", 1);
        Check.Equal("soon", queue.Dequeue(), "priority queue");
        var linked = new LinkedList<int>();
        linked.AddLast(1);
        linked.AddFirst(0);
        Check.Equal(0, linked.First!.Value, "linked list");
        int[] numbers = [5, 3, 9, 1];
        Array.Sort(numbers, static (a, b) => b - a);
        Check.Equal(9, numbers[0], "array sort with comparison");
    }

    internal static void BoxingAndCasts()
    {
        object boxed = 42;
        Check.Equal(42, (int)boxed, "unbox");
        int? nothing = null;
        object? boxedNothing = nothing;
        Check.True(boxedNothing == null, "boxed empty nullable");
        int? something = 7;
        object boxedSomething = something;
        Check.Equal(7, (int)boxedSomething, "boxed nullable");
        Check.True(boxed is IComparable, "interface of a boxed value");
        Check.True(boxed is not string, "wrong type");
        Check.Throws<InvalidCastException>(() => GC.KeepAlive((string)boxed), "cast");
        Check.True((object)(1, "x") is ValueTuple<int, string> { Item1: 1 }, "tuple pattern");
        Check.Equal("Second", Second.Name(Kind.Second), "enum switch");
    }

    private enum Kind
    {
        First,
        Second,
    }

    private static class Second
    {
        internal static string Name(Kind kind) => kind switch
        {
            Kind.First => "First",
            Kind.Second => "Second",
            _ => "?",
        };
    }

    internal static void ArrayCovariance()
    {
        object[] strings = new string[2];
        strings[0] = "fine";
        Check.Throws<ArrayTypeMismatchException>(() => strings[1] = new object(), "array store check");
        IReadOnlyList<object> view = (string[])["a", "b"];
        Check.Equal("b", (string)view[1], "covariant list");
        int[,] matrix = new int[3, 4];
        matrix[2, 3] = 5;
        Check.Equal(5, matrix[2, 3], "matrix");
        Check.Throws<IndexOutOfRangeException>(() => matrix[3, 0] = 1, "matrix bounds");
    }

    private static class WithConstructor
    {
        internal static readonly List<string> Log = Make();
        internal static int Runs;

        private static List<string> Make()
        {
            Runs++;
            return ["made"];
        }
    }

    internal static void StaticConstructors()
    {
        Check.Equal("made", WithConstructor.Log[0], "initialised");
        Check.Equal("made", WithConstructor.Log[0], "still");
        Check.True(Generic<string>.Value != (object)Generic<object>.Value, "one static per instantiation");
    }

    private static class Generic<T>
    {
        internal static readonly T[] Value = new T[1];
    }

    private static class Failing
    {
        internal static readonly int Value = Fail();

        private static int Fail() => throw new InvalidOperationException("constructor");
    }

    internal static void FailingStaticConstructor()
    {
        try
        {
            GC.KeepAlive(Failing.Value);
        }
        catch (TypeInitializationException e) when (e.InnerException is InvalidOperationException)
        {
            Check.Throws<TypeInitializationException>(static () => GC.KeepAlive(Failing.Value), "second access");
            return;
        }

        throw new CheckFailedException("no exception");
    }

    [ThreadStatic]
    private static int t_number;

    [ThreadStatic]
    private static string? t_text;

    internal static void ThreadStatics()
    {
        t_number = 5;
        t_text = "t" + t_number;
        GarbageCollector.Collect();
        Check.Equal("t5", t_text, "thread static reference");
        Check.Equal(5, t_number, "thread static number");
    }

    internal static void Delegates()
    {
        int sum = 0;
        Action<int> add = n => sum += n;
        add += n => sum += n * 10;
        add(3);
        Check.Equal(33, sum, "multicast closure");
        Func<Func<int, int>, int> twice = f => f(f(1));
        Check.Equal(4, twice(static n => n * 2), "higher order");
        Func<string> method = "instance".ToString;
        Check.Equal("instance", method(), "bound instance method");
    }

    private static IEnumerable<int> Squares(int count)
    {
        try
        {
            for (int i = 0; i < count; i++)
            {
                yield return i * i;
            }
        }
        finally
        {
            t_number = count;
        }
    }

    internal static void Iterators()
    {
        int sum = 0;
        foreach (int square in Squares(10))
        {
            sum += square;
        }

        Check.Equal(285, sum, "sum");
        Check.Equal(10, t_number, "finally of the iterator");
    }

    internal static void InterlockedReferences()
    {
        object first = new();
        object second = new();
        object? slot = first;
        Check.True(Interlocked.CompareExchange(ref slot, second, first) == first && slot == second, "exchanged");
        Check.True(Interlocked.CompareExchange(ref slot, first, first) == second && slot == second, "not exchanged");
        Check.True(Interlocked.Exchange(ref slot, null) == second && slot == null, "exchange");
    }

    internal static void NumberConversions()
    {
        Check.Equal(int.MaxValue, (int)Opaque(1e10), "saturates above");
        Check.Equal(int.MinValue, (int)Opaque(-1e10), "saturates below");
        Check.Equal(0, (int)Opaque(double.NaN), "not a number");
        Check.Equal(-3, (int)Opaque(-3.9), "truncates");
        Check.Equal(uint.MaxValue, (uint)Opaque(1e10), "unsigned saturates");
        Check.Equal(long.MaxValue, (long)Opaque(1e30), "long saturates");
        Check.True((ulong)Opaque(1e19) == 10_000_000_000_000_000_000, "large unsigned");
        Check.Equal("0.1", 0.1.ToString(System.Globalization.CultureInfo.InvariantCulture), "format double");
        Check.Equal(7, (long)(Opaque(7.5) % Opaque(7.6) - 0.5), "remainder");
        Check.True((UInt128)1 << 100 == UInt128.Parse("1267650600228229401496703205376", System.Globalization.CultureInfo.InvariantCulture), "128 bits");
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static double Opaque(double value) => value;

    internal static void BlockCopies()
    {
        byte[] data = new byte[600];
        byte[] model = new byte[600];
        for (int length = 0; length < 200; length++)
        {
            for (int shift = 0; shift < 80; shift += 7)
            {
                for (int i = 0; i < data.Length; i++)
                {
                    data[i] = model[i] = (byte)(i * 31 + length);
                }

                byte[] copy = new byte[length];
                for (int i = 0; i < length; i++)
                {
                    copy[i] = model[100 + i];
                }

                for (int i = 0; i < length; i++)
                {
                    model[60 + shift + i] = copy[i];
                }

                data.AsSpan(100, length).CopyTo(data.AsSpan(60 + shift));
                Check.True(data.AsSpan().SequenceEqual(model), "overlapping copy");
            }

            data.AsSpan(200, length).Fill(0x5a);
            data.AsSpan(210, length).Clear();
            for (int i = 0; i < length; i++)
            {
                Check.True(data[210 + i] == 0, "clear");
            }

            for (int i = 0; i < Math.Min(length, 10); i++)
            {
                Check.True(data[200 + i] == 0x5a, "fill");
            }
        }

        string?[] references = new string?[40];
        for (int i = 0; i < references.Length; i++)
        {
            references[i] = "r" + i;
        }

        Array.Copy(references, 0, references, 3, 30);
        Check.Equal("r29", references[32], "reference copy up");
        Array.Copy(references, 3, references, 1, 30);
        Check.Equal("r0", references[1], "reference copy down");
    }

    internal static void Monitors()
    {
        object gate = new();
        lock (gate)
        {
            lock (gate)
            {
                Check.True(Monitor.IsEntered(gate), "entered");
            }
        }

        Check.True(!Monitor.IsEntered(gate), "left");
    }
}
