// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;

namespace Asterion.Compiler.Cases;

/// <summary>Loads, stores and addresses of elements (ECMA-335, III.4.7 to III.4.9 and III.4.26): every kind, and what each refuses.</summary>
internal static class ElementCases
{
    internal static void SignedAndUnsigned(Output o)
    {
        sbyte[] sbytes = [-1, -128, 127];
        byte[] bytes = [255, 128, 127];
        short[] shorts = [-1, short.MinValue];
        ushort[] ushorts = [65535, 32768];
        char[] chars = ['\uffff', 'a'];
        o.Line(sbytes[0] + sbytes[1] + sbytes[2]);
        o.Line(bytes[0] + bytes[1] + bytes[2]);
        o.Line(shorts[0] + shorts[1]);
        o.Line(ushorts[0] + ushorts[1]);
        o.Line(chars[0] + chars[1]);
        sbytes[0] = unchecked((sbyte)200);
        bytes[0] = unchecked((byte)-1);
        shorts[1] = unchecked((short)0x18000);
        o.Line($"{sbytes[0]} {bytes[0]} {shorts[1]}");
    }

    internal static void WideElements(Output o)
    {
        int[] ints = [int.MinValue, -1];
        uint[] uints = [uint.MaxValue, 1];
        long[] longs = [long.MinValue, -1];
        ulong[] ulongs = [ulong.MaxValue, 1];
        nint[] natives = [nint.MinValue, -1];
        nuint[] unsignedNatives = [nuint.MaxValue];
        o.Line((long)ints[0] + ints[1]);
        o.Line((long)uints[0] + uints[1]);
        o.Line(unchecked(longs[0] + longs[1]));
        o.Line((ulongs[0] - ulongs[1]).ToString());
        o.Line(unchecked(natives[0] + natives[1]).ToString());
        o.Line(unsignedNatives[0].ToString());
        ints[0]++;
        longs[1] <<= 40;
        o.Line(ints[0]);
        o.Line(longs[1]);
    }

    internal static void FloatElements(Output o)
    {
        float[] singles = [1.5f, 0.1f];
        double[] doubles = [0.1, double.NaN];
        decimal[] decimals = [1.10m, decimal.MaxValue];
        Half[] halves = [(Half)0.5];
        singles[0] += 0.1f;
        doubles[0] *= 3;
        decimals[0]++;
        o.Line(singles[0].ToString());
        o.Line(doubles[0].ToString());
        o.Line(decimals[0].ToString());
        o.Line(halves[0].ToString());
        o.Line(double.IsNaN(doubles[1]));
    }

    private enum Level : byte
    {
        Low = 1,
        High = 200,
    }

    internal static void EnumAndBoolElements(Output o)
    {
        Level[] levels = [Level.Low, Level.High];
        bool[] flags = [true, false];
        o.Line((int)levels[1]);
        levels[0] = Level.High;
        o.Line(levels[0] == levels[1]);
        flags[1] ^= true;
        o.Line(flags[0] & flags[1]);
        object boxed = levels;
        o.Line(boxed is byte[]);
        o.Line(((byte[])boxed)[0]);
    }

    internal static unsafe void PointerElements(Output o)
    {
        int first = 3, second = 4;
        int*[] pointers = [&first, &second, null];
        *pointers[0] += *pointers[1];
        o.Line(first);
        o.Line(pointers[2] == null);
        byte*[][] nested = [[(byte*)&first]];
        o.Line(*nested[0][0]);
        void*[] untyped = [&second];
        o.Line(*(int*)untyped[0]);
    }

    internal static void NullableElements(Output o)
    {
        int?[] values = [1, null, 3];
        int sum = 0;
        foreach (int? value in values)
        {
            sum += value ?? 100;
        }

        o.Line(sum);
        values[0] = null;
        o.Line(values[0].HasValue);
        object[] boxes = [values[0], values[2]];
        o.Line(boxes[0] == null);
        o.Line((int)boxes[1]);
    }

    private struct Pair
    {
        internal int Left;
        internal string Right;

        internal void Grow() => Left++;
    }

    internal static void StructElementsAreChangedInPlace(Output o)
    {
        Pair[] pairs = new Pair[3];
        pairs[1].Left = 5;
        pairs[1].Right = "five";
        pairs[1].Grow();
        Pair copy = pairs[1];
        copy.Left = 100;
        copy.Grow();
        o.Line(pairs[1].Left);
        o.Line(pairs[1].Right);
        o.Line(copy.Left);
        pairs[2] = copy;
        copy.Right = "other";
        o.Line(pairs[2].Right);
        ref Pair alias = ref pairs[0];
        alias = pairs[2];
        o.Line(pairs[0].Left);
    }

    internal static void AddressesOfElements(Output o)
    {
        long[] values = [1, 2, 3];
        ref long middle = ref values[1];
        middle += 40;
        Swap(ref values[0], ref values[2]);
        o.Line(string.Join(" ", values));
        string[] words = ["a", "b"];
        ref string word = ref words[0];
        word += "!";
        o.Line(words[0]);
        o.Throws(() => Swap(ref values[0], ref values[3]));
        o.Line(string.Join(" ", values));
    }

    private static void Swap<T>(ref T left, ref T right) => (left, right) = (right, left);

    // A ref to an element must have just the element's type: a store through it could break the array otherwise.
    internal static void AddressOfACovariantElement(Output o)
    {
        object[] strings = new string[] { "x" };
        object[] objects = new object[] { "y" };
        o.Throws(() => Change(ref strings[0]));
        o.Throws(() => Change(ref objects[0]));
        o.Line(strings[0].ToString());
        o.Line(objects[0].ToString());
        IComparable[] comparables = new string[1];
        o.Throws(() => Clear(ref comparables[0]));
    }

    private static void Change(ref object place) => place = 5;

    private static void Clear(ref IComparable place) => place = null;

    // With the readonly prefix, which a constrained call on an element brings, the exact type is not asked.
    internal static void ReadOnlyAddress(Output o)
    {
        object[] strings = new string[] { "read only" };
        o.Line(TextOf(strings, 0));
        o.Line(TextOf(new[] { 5, 6 }, 1));
        ref readonly object place = ref strings[0];
        o.Line(place.Equals("read only"));
        o.Throws(() => TextOf(strings, 1));
    }

    private static string TextOf<T>(T[] values, int index) => values[index].ToString();

    internal static void StoresAreChecked(Output o)
    {
        object[] strings = new string[2];
        o.Throws(() => strings[0] = "fits");
        o.Throws(() => strings[0] = new object());
        o.Throws(() => strings[0] = 5);
        o.Throws(() => strings[0] = null);
        object[] arrays = new string[1][];
        o.Throws(() => arrays[0] = new string[1]);
        o.Throws(() => arrays[0] = new object[1]);
        IEnumerable<object>[] sequences = new IEnumerable<string>[1];
        o.Throws(() => sequences[0] = new List<string>());
        o.Throws(() => sequences[0] = new List<object>());
        Exception[] exceptions = new ArgumentException[1];
        o.Throws(() => exceptions[0] = new ArgumentNullException());
        o.Throws(() => exceptions[0] = new Exception());
    }

    // Value, then array and index: the store fails for the first thing that is wrong.
    internal static void OrderOfChecks(Output o)
    {
        object[] none = null;
        object[] strings = new string[1];
        o.Throws(() => none[Noted(o, 0)] = Noted(o, "value"));
        o.Throws(() => strings[Noted(o, 5)] = Noted(o, (object)7));
        int[] ints = null;
        o.Throws(() => ints[Noted(o, 1)] += Noted(o, 2));
        o.Throws(() => Array.Empty<int>()[Noted(o, -1)]++);
    }

    private static T Noted<T>(Output o, T value)
    {
        o.Line("evaluated " + value);
        return value;
    }

    internal static void IndexTypes(Output o)
    {
        int[] values = [10, 20, 30];
        byte octet = 1;
        uint word = 2;
        long wide = 1;
        ulong huge = 0x100000001;
        nint native = -1;
        o.Line(values[octet]);
        o.Line(values[word]);
        o.Line(values[wide]);
        o.Throws(() => o.Line(values[huge]));
        o.Throws(() => o.Line(values[native]));
        o.Throws(() => o.Line(values[uint.MaxValue - octet]));
        o.Throws(() => o.Line(values[long.MinValue + wide]));
    }

    internal static void Lengths(Output o)
    {
        int length = -1;
        o.Throws(() => _ = new int[length]);
        o.Throws(() => _ = new string[length + int.MinValue + 1]);
        o.Line(new int[0].Length);
        o.Line(new byte[3].LongLength);
        long wide = 4;
        o.Line(new int[wide].Length);
        o.Throws(() => _ = new int[wide << 40]);
        int[] none = null;
        o.Throws(() => o.Line(none.Length));
    }

    internal static void VarianceOfValueTypes(Output o)
    {
        object ints = new int[] { -1 };
        object uints = new uint[] { uint.MaxValue };
        o.Line(ints is uint[]);
        o.Line(uints is int[]);
        o.Line(((uint[])ints)[0].ToString());
        o.Line(((int[])uints)[0]);
        o.Line(ints is long[]);
        o.Line(ints is object[]);
        o.Line(new sbyte[1] is object and byte[]);
        o.Line((object)new nint[1] is nuint[]);
    }
}
