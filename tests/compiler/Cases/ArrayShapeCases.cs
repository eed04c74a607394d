// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Linq;

namespace Asterion.Compiler.Cases;

/// <summary>Arrays of several dimensions, of arrays, and what Array does with all of them.</summary>
internal static class ArrayShapeCases
{
    internal static void TwoDimensionsOfEveryWidth(Output o)
    {
        byte[,] bytes = { { 1, 2 }, { 3, 255 } };
        short[,] shorts = { { -1, 2, 3 } };
        long[,] longs = new long[2, 2];
        double[,] doubles = { { 0.5 }, { 1.5 } };
        longs[1, 0] = long.MinValue;
        bytes[1, 1]++;
        doubles[1, 0] *= 2;
        o.Line(bytes[1, 1]);
        o.Line(shorts[0, 0]);
        o.Line(longs[1, 0]);
        o.Line(longs[0, 1]);
        o.Line(doubles[1, 0].ToString());
    }

    internal static void FourDimensions(Output o)
    {
        int[,,,] cube = new int[2, 3, 4, 5];
        for (int i = 0; i < cube.Length; i++)
        {
            cube[i / 60, i / 20 % 3, i / 5 % 4, i % 5] = i;
        }

        o.Line(cube[1, 2, 3, 4]);
        o.Line(cube[0, 1, 0, 3]);
        o.Line(cube.Rank);
        o.Line(cube.GetLength(2));
        o.Line(cube.Cast<int>().Sum());
        o.Throws(() => o.Line(cube[0, 3, 0, 0]));
        o.Throws(() => o.Line(cube[0, 0, 0, -1]));
    }

    internal static void ReferencesInSeveralDimensions(Output o)
    {
        object[,] strings = new string[2, 2];
        strings[0, 1] = "here";
        o.Line(strings[0, 1].ToString());
        o.Line(strings[1, 1] == null);
        o.Throws(() => strings[0, 0] = 5);
        o.Throws(() => strings[0, 0] = null);
        o.Throws(() => Set(ref strings[0, 0]));
        object[,] objects = new object[1, 1];
        o.Throws(() => Set(ref objects[0, 0]));
        o.Line(objects[0, 0].ToString());
    }

    private static void Set(ref object place) => place = "set";

    private struct Cell
    {
        internal int Count;
        internal object Owner;
    }

    internal static void StructsInSeveralDimensions(Output o)
    {
        var grid = new Cell[3, 3];
        grid[1, 2].Count = 5;
        grid[1, 2].Owner = "centre";
        ref Cell cell = ref grid[1, 2];
        cell.Count++;
        Cell copy = grid[1, 2];
        copy.Count = 50;
        o.Line(grid[1, 2].Count);
        o.Line(grid[1, 2].Owner.ToString());
        grid[0, 0] = copy;
        o.Line(grid[0, 0].Count);
    }

    internal static void NullAndEmptyShapes(Output o)
    {
        int[,] none = null;
        o.Throws(() => o.Line(none[0, 0]));
        o.Throws(() => none[0, 0] = 1);
        int[,] empty = new int[0, 5];
        o.Line(empty.Length);
        o.Line(empty.GetLength(1));
        o.Throws(() => o.Line(empty[0, 0]));
        int size = -1;
        o.Throws(() => _ = new int[2, size]);
        o.Throws(() => o.Line(empty.GetLength(2)));
    }

    internal static void InitialValues(Output o)
    {
        int[,] table = { { 1, 2, 3 }, { 4, 5, 6 } };
        char[,,] letters = { { { 'a' }, { 'b' } }, { { 'c' }, { 'd' } } };
        string[,] words = { { "x", "y" }, { "z", "w" } };
        o.Line(table[1, 2] * 10 + table[0, 1]);
        o.Line(string.Concat(letters.Cast<char>()));
        o.Line(string.Concat(words.Cast<string>()));
        int total = 0;
        foreach (int each in table)
        {
            total = (total * 10) + each;
        }

        o.Line(total);
    }

    internal static void JaggedArrays(Output o)
    {
        int[][] triangle = new int[5][];
        for (int i = 0; i < triangle.Length; i++)
        {
            triangle[i] = new int[i + 1];
            triangle[i][0] = triangle[i][i] = 1;
            for (int j = 1; j < i; j++)
            {
                triangle[i][j] = triangle[i - 1][j - 1] + triangle[i - 1][j];
            }
        }

        o.Line(string.Join(" ", triangle[4]));
        triangle[2] = null;
        o.Throws(() => o.Line(triangle[2][0]));
        int[][,] mixed = [new int[2, 2], null];
        mixed[0][1, 1] = 7;
        o.Line(mixed[0][1, 1] + mixed.Length);
        string[,][] other = new string[1, 1][];
        other[0, 0] = ["in", "side"];
        o.Line(other[0, 0][1]);
    }

    internal static void CopiesThatOverlap(Output o)
    {
        int[] numbers = [1, 2, 3, 4, 5];
        Array.Copy(numbers, 0, numbers, 1, 4);
        o.Line(string.Join(" ", numbers));
        string[] words = ["a", "b", "c", "d"];
        Array.Copy(words, 1, words, 0, 3);
        o.Line(string.Concat(words));
        object[] objects = new object[4];
        Array.Copy(words, objects, 4);
        o.Line(string.Concat(objects));
        o.Throws(() => Array.Copy(objects, new Exception[4], 4));
        o.Throws(() => Array.Copy(numbers, 3, numbers, 0, 3));
        byte[] bytes = new byte[8];
        Buffer.BlockCopy(numbers, 4, bytes, 0, 8);
        o.Line(string.Join(" ", bytes));
    }

    internal static void CopiesThatConvert(Output o)
    {
        long[] wide = new long[3];
        Array.Copy(new[] { -1, 2, 3 }, wide, 3);
        o.Line(string.Join(" ", wide));
        object[] boxes = new object[2];
        Array.Copy(new[] { 7, 8 }, boxes, 2);
        o.Line((int)boxes[1]);
        int[] unboxed = new int[2];
        Array.Copy(boxes, unboxed, 2);
        o.Line(unboxed[0]);
        o.Throws(() => Array.Copy(new long[1], new int[1], 1));
        o.Throws(() => Array.Copy(new object[] { "x" }, new int[1], 1));
    }

    internal static void Searching(Output o)
    {
        int[] sorted = [1, 3, 5, 7];
        o.Line(Array.BinarySearch(sorted, 5));
        o.Line(Array.BinarySearch(sorted, 4));
        o.Line(Array.IndexOf(sorted, 7));
        o.Line(Array.LastIndexOf(new[] { "a", "b", "a" }, "a"));
        o.Line(Array.Find(sorted, v => v > 3));
        o.Line(Array.FindLastIndex(sorted, v => v < 6));
        o.Line(Array.Exists(sorted, v => v == 2));
        o.Line(Array.TrueForAll(sorted, v => v % 2 == 1));
        o.Line(string.Join(" ", Array.ConvertAll(sorted, v => v * v)));
    }

    internal static void FillReverseResize(Output o)
    {
        int[] values = new int[4];
        Array.Fill(values, 9);
        Array.Clear(values, 1, 2);
        o.Line(string.Join(" ", values));
        Array.Resize(ref values, 6);
        values[5] = 1;
        Array.Reverse(values);
        o.Line(string.Join(" ", values));
        Array.Resize(ref values, 2);
        o.Line(values.Length);
        string[] words = ["x", "y", "z"];
        Array.Reverse(words, 1, 2);
        o.Line(string.Concat(words));
    }

    internal static void Cloning(Output o)
    {
        int[] numbers = [1, 2];
        int[] clone = (int[])numbers.Clone();
        clone[0] = 100;
        o.Line(numbers[0]);
        string[][] nested = [["deep"]];
        string[][] shallow = (string[][])nested.Clone();
        shallow[0][0] = "changed";
        o.Line(nested[0][0]);
        int[,] table = { { 1, 2 }, { 3, 4 } };
        int[,] second = (int[,])table.Clone();
        second[1, 1] = 0;
        o.Line(table[1, 1]);
        o.Line(second[1, 0]);
    }

    internal static void SortingKeysAndItems(Output o)
    {
        int[] keys = [3, 1, 2];
        string[] items = ["three", "one", "two"];
        Array.Sort(keys, items);
        o.Line(string.Join(" ", items));
        Array.Sort(items, (x, y) => y.Length - x.Length);
        o.Line(items[0]);
        byte[] bytes = Enumerable.Range(0, 100).Select(i => (byte)(i * 37)).ToArray();
        Array.Sort(bytes);
        int falls = 0;
        for (int i = 1; i < bytes.Length; i++)
        {
            falls += bytes[i] < bytes[i - 1] ? 1 : 0;
        }

        o.Line(falls);
        Array.Sort(keys, Comparer<int>.Create((x, y) => y.CompareTo(x)));
        o.Line(string.Join(" ", keys));
        Array.Sort(keys, 1, 2);
        o.Line(string.Join(" ", keys));
    }

    internal static void IndicesAndRanges(Output o)
    {
        int[] values = [1, 2, 3, 4, 5];
        o.Line(values[^1]);
        o.Line(string.Join(" ", values[1..^1]));
        o.Line(values[..2].Length);
        Index end = ^2;
        Range all = ..;
        o.Line(values[end]);
        o.Line(values[all].Length);
        o.Throws(() => o.Line(values[^0]));
        o.Throws(() => o.Line(values[^6]));
        o.Throws(() => o.Line(values[4..2].Length));
        int[] spread = [0, .. values[3..], 6];
        o.Line(string.Join(" ", spread));
    }

    internal static void ElementsByArrayItself(Output o)
    {
        Array array = new[] { 5, 6, 7 };
        o.Line((int)array.GetValue(1));
        array.SetValue(60, 1);
        o.Line((int)array.GetValue(1));
        o.Throws(() => array.GetValue(3));
        o.Throws(() => array.SetValue("no", 0));
        Array words = new[] { "x" };
        words.SetValue(null, 0);
        o.Line(words.GetValue(0) == null);
        o.Line(array.GetUpperBound(0));
    }

    internal static void AsListsAndSequences(Output o)
    {
        IList<int> list = new[] { 4, 5 };
        list[0] = 40;
        o.Line(list[0] + list.Count);
        o.Line(list.Contains(5));
        o.Throws(() => list.Add(1));
        o.Throws(() => o.Line(list[2]));
        IReadOnlyList<object> objects = new[] { "a", "b" };
        o.Line(objects[1].ToString());
        ICollection<string> collection = new[] { "q" };
        string[] target = new string[2];
        collection.CopyTo(target, 1);
        o.Line(target[1]);
        IEnumerable<uint> converted = (IEnumerable<uint>)(object)new[] { 1, -1 };
        o.Line(converted.Last().ToString());
        o.Line(string.Join(" ", converted));
        System.Collections.IList untyped = new[] { 1, 2 };
        untyped[1] = 9;
        o.Line((int)untyped[1]);
    }
}
