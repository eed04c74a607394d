// SPDX-License-Identifier: MPL-2.0

using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Asterion.Compiler.Cases;

/// <summary>Spans, memory on the stack, inline arrays.</summary>
internal static class SpanCases
{
    internal static void Slicing(Output o)
    {
        int[] values = [0, 1, 2, 3, 4, 5];
        Span<int> span = values.AsSpan(1, 4);
        span[0] = 10;
        o.Line(values[1]);
        o.Line(string.Join(" ", span[1..^1].ToArray()));
        o.Line(span.Slice(4).Length);
        o.Throws(() => values.AsSpan(7));
        o.Throws(() => values.AsSpan(2, 5));
        o.Throws(() => values.AsSpan(1, 4).Slice(-1));
        o.Throws(() => o.Line(values.AsSpan(1, 2)[2]));
        o.Throws(() => o.Line(values.AsSpan()[-1]));
        o.Line(((int[])null).AsSpan().IsEmpty);
    }

    internal static void SpansOfCovariantArrays(Output o)
    {
        object[] strings = new string[] { "a" };
        o.Throws(() => strings.AsSpan());
        o.Throws(() => new Span<object>(strings));
        o.Line(new ReadOnlySpan<object>(strings)[0].ToString());
    }

    internal static void CopyFillClear(Output o)
    {
        Span<byte> bytes = stackalloc byte[10];
        bytes.Fill(7);
        bytes[2..5].Clear();
        bytes[..6].CopyTo(bytes[3..]);
        o.Line(string.Join(" ", bytes.ToArray()));
        o.Line(bytes.TryCopyTo(new byte[9]));
        string[] words = ["x", "y", "z"];
        words.AsSpan(0, 2).CopyTo(words.AsSpan(1));
        o.Line(string.Concat(words));
        words.AsSpan().Reverse();
        o.Line(string.Concat(words));
    }

    internal static void Comparisons(Output o)
    {
        ReadOnlySpan<char> text = "comparison";
        o.Line(text.SequenceEqual("comparison"));
        o.Line(text.StartsWith("comp"));
        o.Line(text.IndexOf('s'));
        o.Line(text.LastIndexOf('o'));
        o.Line(text.IndexOfAny('z', 'r'));
        o.Line(text.SequenceCompareTo("compass") > 0);
        o.Line(text.Contains("paris", StringComparison.OrdinalIgnoreCase));
        o.Line(text.Trim("con").ToString());
        o.Line(text.Count('o'));
        o.Line(new[] { 1L, 5L, 9L }.AsSpan().IndexOf(5));
        o.Line(new[] { 1.5, double.NaN }.AsSpan().IndexOf(double.NaN));
        o.Line(((ReadOnlySpan<int>)[1, 2, 3]).BinarySearch(3));
    }

    internal static void SearchesAtEveryLength(Output o)
    {
        byte[] bytes = new byte[70];
        int found = 0;
        for (int length = 0; length < bytes.Length; length++)
        {
            bytes[length] = 1;
            found += bytes.AsSpan().IndexOf((byte)1) == length ? 1 : 0;
            found += bytes.AsSpan(0, length).IndexOf((byte)1) == -1 ? 1 : 0;
            found += bytes.AsSpan(0, length + 1).LastIndexOf((byte)0) == length - 1 ? 1 : 0;
            found += bytes.AsSpan().IndexOfAnyExcept((byte)0) == length ? 1 : 0;
            bytes[length] = 0;
        }

        o.Line(found);
    }

    internal static unsafe void StackMemory(Output o)
    {
        int* numbers = stackalloc int[] { 1, 2, 3 };
        Span<long> wide = stackalloc long[4];
        o.Line(wide[3]);
        wide[3] = numbers[2];
        o.Line(wide[3] + numbers[0]);
        int total = 0;
        for (int i = 1; i <= 5; i++)
        {
            total += SumOfStack(i * 100);
        }

        o.Line(total);
        Span<char> text = stackalloc[] { 'o', 'k' };
        o.Line(text.ToString());
        int none = 0;
        o.Line((stackalloc int[none]).Length);
    }

    private static int SumOfStack(int length)
    {
        Span<int> values = stackalloc int[length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] += i;
        }

        return values[length - 1] + values[0];
    }

    [InlineArray(5)]
    private struct Five<T>
    {
        private T _first;
    }

    internal static void InlineArraysOfReferences(Output o)
    {
        var words = new Five<string>();
        words[0] = "first";
        words[^1] = "last";
        foreach (string word in words)
        {
            o.Line(word ?? "none");
        }

        Five<string> copy = words;
        copy[0] = "copy";
        o.Line(words[0] + copy[0]);
        Span<string> span = words;
        span[2] = "middle";
        o.Line(words[2]);
        o.Line(words[3..].Length);
        int index = 5;
        o.Throws(() => { var five = new Five<int>(); five[index] = 1; });
    }

    private sealed class Holder
    {
        internal Five<(int Number, string Text)> Pairs;
        internal Five<byte> Bytes;
    }

    internal static void InlineArraysInObjects(Output o)
    {
        var holder = new Holder();
        for (int i = 0; i < 5; i++)
        {
            holder.Pairs[i] = (i, new string('x', i));
            holder.Bytes[i] = (byte)(i * 60);
        }

        holder.Pairs[2].Number = 50;
        ref (int Number, string Text) pair = ref holder.Pairs[3];
        pair.Text += "!";
        o.Line(holder.Pairs[2].Number + holder.Pairs[4].Text.Length);
        o.Line(holder.Pairs[3].Text);
        ReadOnlySpan<byte> bytes = holder.Bytes;
        o.Line(bytes[4] + bytes[1]);
        Five<Five<int>> nested = default;
        nested[1][2] = 12;
        o.Line(nested[1][2] + nested[2][1]);
    }

    internal static void ReinterpretedMemory(Output o)
    {
        Span<int> ints = [0x01020304, -1];
        Span<byte> bytes = MemoryMarshal.AsBytes(ints);
        o.Line(bytes[0]);
        bytes[7] = 0x7f;
        o.Line(ints[1]);
        Span<short> shorts = MemoryMarshal.Cast<int, short>(ints);
        o.Line(shorts[1]);
        o.Line(MemoryMarshal.Cast<byte, long>(bytes[..7]).Length);
        o.Line(MemoryMarshal.Read<short>(bytes[1..]));
        o.Throws(() => MemoryMarshal.Read<long>(new byte[7]));
        MemoryMarshal.Write(bytes, 0x0a0b0c0d);
        o.Line(ints[0].ToString("x"));
        int value = 5;
        o.Line(MemoryMarshal.CreateSpan(ref value, 1)[0]);
    }

    internal static void MemoryObjects(Output o)
    {
        Memory<int> memory = new[] { 1, 2, 3, 4 };
        Memory<int> part = memory[1..3];
        part.Span[0] = 20;
        o.Line(memory.Span[1]);
        o.Line(part.Length);
        ReadOnlyMemory<char> text = "some text".AsMemory(5);
        o.Line(text.ToString());
        o.Line(part.Equals(memory.Slice(1, 2)));
        o.Throws(() => memory.Slice(5));
        ArraySegment<int> segment = new([1, 2, 3], 1, 2);
        segment[0] = 9;
        o.Line(segment.Array[1] + segment.Count);
    }

    private static int Count(params ReadOnlySpan<int> values) => values.Length;

    internal static void ParamsAndCollectionExpressions(Output o)
    {
        o.Line(Count());
        o.Line(Count(1, 2, 3));
        ReadOnlySpan<string> words = ["a", "b"];
        o.Line(words[1]);
        Span<int> numbers = [1, .. new[] { 2, 3 }, 4];
        o.Line(numbers.Length + numbers[2]);
        foreach (ref readonly int number in (ReadOnlySpan<int>)numbers)
        {
            o.Line(number);
        }
    }

    internal static void Splitting(Output o)
    {
        ReadOnlySpan<char> line = "alpha,beta,,gamma";
        foreach (Range range in line.Split(','))
        {
            o.Line("<" + line[range].ToString() + ">");
        }

        Span<Range> ranges = stackalloc Range[2];
        o.Line(line.Split(ranges, ','));
        o.Line(line[ranges[1]].ToString());
        int sum = 0;
        foreach (ReadOnlySpan<char> each in "a\nb\r\nc".AsSpan().EnumerateLines())
        {
            sum = (sum * 10) + each.Length;
        }

        o.Line(sum);
    }
}
