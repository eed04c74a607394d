// SPDX-License-Identifier: MPL-2.0

using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Asterion.Compiler.Cases;

internal static class ArrayCases
{
    internal static void Bounds(Output o)
    {
        int[] a = [1, 2, 3];
        o.Line(a[2]);
        o.Throws(() => o.Line(a[3]));
        o.Throws(() => o.Line(a[-1]));
        o.Throws(() => a[long.MaxValue] = 1);
        o.Throws(() => o.Line((new int[0])[0]));
        int size = -1;
        o.Throws(() => o.Line(new int[size].Length));
    }

    internal static void Covariance(Output o)
    {
        object[] strings = new string[2];
        o.Throws(() => strings[0] = "text");
        o.Throws(() => strings[0] = new object());
        o.Throws(() => strings[1] = null);
        o.Throws(() => Touch(ref strings[0]));
        object[] objects = new object[1];
        o.Throws(() => Touch(ref objects[0]));
        o.Line((string)strings[0]);
        Shape[] shapes = new Square[1];
        o.Throws(() => shapes[0] = new Cube(1));
    }

    private static void Touch(ref object place) => place = "touched";

    internal static void ElementTypes(Output o)
    {
        byte[] bytes = [255, 1];
        sbyte[] signed = [-1];
        short[] shorts = [-2];
        char[] chars = ['x'];
        long[] longs = [1L << 40];
        float[] floats = [1.5f];
        bool[] flags = [true];
        o.Line(bytes[0]);
        o.Line(signed[0]);
        o.Line(shorts[0]);
        o.Line(chars[0]);
        o.Line(longs[0]);
        o.Line(floats[0].ToString());
        o.Line(flags[0]);
        bytes[1]--;
        bytes[1]--;
        o.Line(bytes[1]);
    }

    internal static void ArraysOfStructs(Output o)
    {
        var pairs = new (int Key, string Text)[3];
        pairs[1] = (5, "five");
        pairs[2].Key = 7;
        ref (int Key, string Text) last = ref pairs[2];
        last.Text = "seven";
        foreach ((int key, string text) in pairs)
        {
            o.Line(key + (text ?? "null"));
        }
    }

    internal static void MultiDimensional(Output o)
    {
        int[,] grid = new int[2, 3];
        grid[1, 2] = 5;
        grid[0, 1] = 7;
        int sum = 0;
        for (int i = 0; i < grid.GetLength(0); i++)
        {
            for (int j = 0; j < grid.GetLength(1); j++)
            {
                sum += grid[i, j] * (i + 1);
            }
        }

        o.Line(sum);
        o.Line(grid.Length);
        o.Line(grid.Rank);
        o.Throws(() => o.Line(grid[2, 0]));
        o.Throws(() => o.Line(grid[0, -1]));
        ref int cell = ref grid[1, 1];
        cell = 9;
        o.Line(grid[1, 1]);
        string[,,] cube = new string[2, 2, 2];
        cube[1, 0, 1] = "deep";
        o.Line(cube[1, 0, 1]);
        object[,] covariant = new string[1, 1];
        o.Throws(() => covariant[0, 0] = new object());
        int[,] initial = { { 1, 2 }, { 3, 4 } };
        o.Line(initial[1, 0]);
    }

    internal static void Jagged(Output o)
    {
        int[][] rows = [[1], [2, 3], []];
        o.Line(rows[1][1]);
        o.Line(rows[2].Length);
        rows[0] = rows[1];
        rows[0][0] = 8;
        o.Line(rows[1][0]);
    }

    internal static void Spans(Output o)
    {
        int[] numbers = [1, 2, 3, 4, 5];
        Span<int> middle = numbers.AsSpan(1, 3);
        middle[0] = 20;
        o.Line(numbers[1]);
        o.Line(middle.Length);
        middle.Reverse();
        o.Line(numbers[3]);
        o.Line(middle.IndexOf(3));
        Span<byte> local = stackalloc byte[16];
        local.Fill(7);
        o.Line(local[15]);
        local[..4].CopyTo(local[8..]);
        ReadOnlySpan<int> constants = [10, 20, 30];
        o.Line(constants[2]);
        try
        {
            o.Line(middle[3]);
        }
        catch (IndexOutOfRangeException)
        {
            o.Line("out of range");
        }
    }

    internal static void ArrayMethods(Output o)
    {
        int[] numbers = [5, 3, 9, 1];
        Array.Sort(numbers);
        o.Line(string.Join(",", numbers));
        o.Line(Array.IndexOf(numbers, 9));
        o.Line(Array.BinarySearch(numbers, 3));
        Array.Reverse(numbers);
        o.Line(numbers[0]);
        Array.Resize(ref numbers, 6);
        o.Line(numbers.Length);
        int[] copy = (int[])numbers.Clone();
        copy[0] = 100;
        o.Line(numbers[0]);
        Array.Clear(copy);
        o.Line(copy[0]);
        string[] words = ["pear", "apple", "fig"];
        Array.Sort(words, string.CompareOrdinal);
        o.Line(string.Join(" ", words));
    }

    internal static void ArraysAsInterfaces(Output o)
    {
        System.Collections.Generic.IList<string> list = new[] { "a", "b" };
        o.Line(list.Count);
        o.Line(list[1]);
        o.Line(list.Contains("b"));
        System.Collections.Generic.IEnumerable<object> objects = new[] { "x", "y" };
        foreach (object each in objects)
        {
            o.Line((string)each);
        }

        o.Throws(() => list.Add("c"));
    }

    [InlineArray(4)]
    private struct Four
    {
        private int _first;
    }

    internal static void InlineArrays(Output o)
    {
        Four four = default;
        four[2] = 6;
        Span<int> span = four;
        span[3] = 7;
        o.Line(four[2] + four[3] + four[0]);
        o.Line(span.Length);
        o.Line(Unsafe.SizeOf<Four>());
    }

    [StructLayout(LayoutKind.Explicit)]
    private struct Overlay
    {
        [FieldOffset(0)]
        public uint Whole;

        [FieldOffset(0)]
        public byte Low;

        [FieldOffset(2)]
        public ushort High;
    }

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private struct Packed
    {
        public byte First;
        public int Second;
        public short Third;
    }

    internal static unsafe void Layouts(Output o)
    {
        Overlay overlay = default;
        overlay.Whole = 0x12345678;
        o.Line(overlay.Low);
        o.Line(overlay.High);
        overlay.High = 1;
        o.Line((int)overlay.Whole);
        Packed packed = default;
        packed.Second = 77;
        o.Line(sizeof(Packed));
        o.Line(*(int*)((byte*)&packed + 1));
        o.Line(sizeof((byte, long, short)));
    }

    internal static unsafe void Pointers(Output o)
    {
        int[] numbers = [1, 2, 3];
        fixed (int* p = numbers)
        {
            o.Line(p[1] + *(p + 2));
            *p = 40;
            int* end = p + 3;
            o.Line(end - p);
        }

        o.Line(numbers[0]);
        delegate*<int, int> twice = &Twice;
        o.Line(twice(21));
        int* memory = stackalloc int[4];
        memory[3] = 5;
        o.Line(memory[0] + memory[3]);
    }

    private static int Twice(int value) => value * 2;
}
