// SPDX-License-Identifier: MPL-2.0

using System;

namespace Asterion.Compiler.Cases;

/// <summary>Integer arithmetic (ECMA-335, III.3): each width, each instruction, at the ends of its range.</summary>
internal static class IntegerCases
{
    private static int[] s_ints = [0, 1, -1, 7, -7, 100, int.MaxValue, int.MinValue];
    private static long[] s_longs = [0, 1, -1, 7, -7, int.MaxValue, int.MinValue, long.MaxValue, long.MinValue];
    private static uint[] s_uints = [0, 1, 7, 0x7fffffff, 0x80000000, uint.MaxValue];
    private static ulong[] s_ulongs = [0, 1, 7, uint.MaxValue, 1UL << 63, ulong.MaxValue];
    private static int[] s_amounts = [0, 1, 7, 8, 31, 32, 33, 63, 64, 65, -1, -32, int.MinValue];

    internal static void ShiftsBeyondTheWidth(Output o)
    {
        o.ForEach("int left", s_amounts, n => 0x12345679 << n);
        o.ForEach("int right", s_amounts, n => -0x12345679 >> n);
        o.ForEach("int right, unsigned", s_amounts, n => -0x12345679 >>> n);
        o.ForEach("uint right", s_amounts, n => 0xf2345679 >> n);
        o.ForEach("long left", s_amounts, n => 0x123456789abcdef1 << n);
        o.ForEach("long right", s_amounts, n => -0x123456789abcdef1 >> n);
        o.ForEach("long right, unsigned", s_amounts, n => -0x123456789abcdef1 >>> n);
        o.ForEach("ulong right", s_amounts, n => 0xf23456789abcdef1 >> n);
        o.ForEach("nint left", s_amounts, n => (nint)3 << n);
        o.ForEach("nuint right", s_amounts, n => nuint.MaxValue >> n);
    }

    internal static void ShiftsOfShortIntegers(Output o)
    {
        byte octet = 0x81;
        sbyte signed = -127;
        ushort word = 0x8001;
        o.ForEach("byte left", s_amounts, n => octet << n);
        o.ForEach("byte left, cut", s_amounts, n => unchecked((byte)(octet << n)));
        o.ForEach("sbyte right", s_amounts, n => signed >> n);
        o.ForEach("sbyte right, unsigned", s_amounts, n => signed >>> n);
        o.ForEach("ushort left, cut", s_amounts, n => unchecked((ushort)(word << n)));
    }

    internal static void SignedDivision(Output o)
    {
        foreach (int by in s_ints)
        {
            o.ForEach($"int by {by}", s_ints, v => v / by);
            o.ForEach($"int rest by {by}", s_ints, v => v % by);
        }
    }

    internal static void LongDivision(Output o)
    {
        foreach (long by in s_longs)
        {
            o.ForEach($"long by {by}", s_longs, v => v / by);
            o.ForEach($"long rest by {by}", s_longs, v => v % by);
        }
    }

    internal static void UnsignedDivision(Output o)
    {
        foreach (uint by in s_uints)
        {
            o.ForEach($"uint by {by}", s_uints, v => v / by);
            o.ForEach($"uint rest by {by}", s_uints, v => v % by);
        }

        foreach (ulong by in s_ulongs)
        {
            o.ForEach($"ulong by {by}", s_ulongs, v => v / by);
            o.ForEach($"ulong rest by {by}", s_ulongs, v => v % by);
        }
    }

    internal static void DivisionByConstants(Output o)
    {
        o.ForEach("by 2", s_ints, v => v / 2);
        o.ForEach("by -1", s_ints, v => v / -1);
        o.ForEach("rest by -1", s_ints, v => v % -1);
        o.ForEach("by 10", s_ints, v => v / 10);
        o.ForEach("rest by 8", s_ints, v => v % 8);
        o.ForEach("uint by 10", s_uints, v => v / 10);
        o.ForEach("ulong by 1000000007", s_ulongs, v => v / 1000000007);
        o.ForEach("long by -1", s_longs, v => v / -1);
        o.ForEach("constant by value", s_ints, v => 100 / v);
    }

    internal static void ShortDivision(Output o)
    {
        sbyte[] values = [-128, -1, 0, 1, 127];
        foreach (sbyte by in values)
        {
            o.ForEach($"sbyte by {by}", values, v => v / by);
            o.ForEach($"sbyte by {by}, cut", values, v => unchecked((sbyte)(v / by)));
        }
    }

    internal static void CheckedInt32(Output o)
    {
        foreach (int other in s_ints)
        {
            o.ForEach($"plus {other}", s_ints, v => checked(v + other));
            o.ForEach($"minus {other}", s_ints, v => checked(v - other));
            o.ForEach($"times {other}", s_ints, v => checked(v * other));
        }
    }

    internal static void CheckedInt64(Output o)
    {
        foreach (long other in s_longs)
        {
            o.ForEach($"plus {other}", s_longs, v => checked(v + other));
            o.ForEach($"minus {other}", s_longs, v => checked(v - other));
            o.ForEach($"times {other}", s_longs, v => checked(v * other));
        }
    }

    internal static void CheckedUnsigned(Output o)
    {
        foreach (uint other in s_uints)
        {
            o.ForEach($"uint plus {other}", s_uints, v => checked(v + other));
            o.ForEach($"uint minus {other}", s_uints, v => checked(v - other));
            o.ForEach($"uint times {other}", s_uints, v => checked(v * other));
        }

        foreach (ulong other in s_ulongs)
        {
            o.ForEach($"ulong plus {other}", s_ulongs, v => checked(v + other));
            o.ForEach($"ulong minus {other}", s_ulongs, v => checked(v - other));
            o.ForEach($"ulong times {other}", s_ulongs, v => checked(v * other));
        }
    }

    internal static void CheckedShortIntegers(Output o)
    {
        byte[] bytes = [0, 1, 127, 128, 254, 255];
        sbyte[] sbytes = [-128, -127, -1, 0, 126, 127];
        ushort[] ushorts = [0, 1, 256, 32768, 65535];
        short[] shorts = [-32768, -1, 0, 182, 32767];
        o.ForEach("byte plus one", bytes, v => checked((byte)(v + 1)));
        o.ForEach("byte doubled", bytes, v => checked((byte)(v * 2)));
        o.ForEach("byte minus one", bytes, v => checked((byte)(v - 1)));
        o.ForEach("sbyte minus one", sbytes, v => checked((sbyte)(v - 1)));
        o.ForEach("sbyte negated", sbytes, v => checked((sbyte)-v));
        o.ForEach("ushort squared", ushorts, v => checked((ushort)(v * v)));
        o.ForEach("short squared", shorts, v => checked((short)(v * v)));
    }

    internal static void CheckedNativeIntegers(Output o)
    {
        nint[] signed = [0, -1, 2, nint.MaxValue, nint.MinValue];
        nuint[] unsigned = [0, 1, 2, nuint.MaxValue];
        foreach (nint other in signed)
        {
            o.ForEach($"nint plus {other}", signed, v => checked(v + other));
            o.ForEach($"nint times {other}", signed, v => checked(v * other));
        }

        foreach (nuint other in unsigned)
        {
            o.ForEach($"nuint minus {other}", unsigned, v => checked(v - other));
            o.ForEach($"nuint times {other}", unsigned, v => checked(v * other));
        }

        o.ForEach("nint plus int", signed, v => checked(v + 5));
        o.ForEach("nuint plus uint", unsigned, v => checked(v + 5u));
    }

    internal static void CheckedNegationAndIncrement(Output o)
    {
        o.ForEach("int negated", s_ints, v => checked(-v));
        o.ForEach("long negated", s_longs, v => checked(-v));
        o.ForEach("int incremented", s_ints, v => checked(++v));
        o.ForEach("int decremented", s_ints, v => checked(--v));
        o.ForEach("uint decremented", s_uints, v => checked(--v));
        o.ForEach("ulong incremented", s_ulongs, v => checked(++v));
    }

    internal static void NegationAndComplement(Output o)
    {
        o.ForEach("neg int", s_ints, v => unchecked(-v));
        o.ForEach("not int", s_ints, v => ~v);
        o.ForEach("neg long", s_longs, v => unchecked(-v));
        o.ForEach("not long", s_longs, v => ~v);
        o.ForEach("neg uint", s_uints, v => -v);
        o.ForEach("not uint", s_uints, v => ~v);
        o.ForEach("not ulong", s_ulongs, v => ~v);
        o.ForEach("not byte", new byte[] { 0, 1, 255 }, v => unchecked((byte)~v));
    }

    internal static void BitwiseOperators(Output o)
    {
        foreach (int other in s_ints)
        {
            o.ForEach($"and {other}", s_ints, v => v & other);
            o.ForEach($"or {other}", s_ints, v => v | other);
            o.ForEach($"xor {other}", s_ints, v => v ^ other);
        }

        o.ForEach("and of long and uint", s_longs, v => v & 0xffffffffu);
        o.ForEach("or of ulong and byte", s_ulongs, v => v | (byte)0x80);
        o.Line((true & false) | (true ^ false));
    }

    internal static void CompoundAssignmentsCut(Output o)
    {
        byte octet = 250;
        octet += 10;
        o.Line(octet);
        octet *= 100;
        o.Line(octet);
        octet <<= 3;
        o.Line(octet);
        octet -= 255;
        o.Line(octet);
        octet ^= 0xff;
        o.Line(octet);
        sbyte signed = 127;
        signed++;
        o.Line(signed);
        signed >>= 1;
        o.Line(signed);
        char letter = 'y';
        letter += (char)2;
        o.Line(letter.ToString());
        short word = short.MinValue;
        word--;
        o.Line(word);
        o.Throws(() => { byte b = 255; checked { b++; } });
    }

    internal static void Comparisons(Output o)
    {
        foreach (int other in s_ints)
        {
            o.ForEach($"with {other}", s_ints, v => $"{v < other}{v <= other}{v > other}{v >= other}{v == other}{v != other}");
        }

        foreach (ulong other in s_ulongs)
        {
            o.ForEach($"with {other}", s_ulongs, v => $"{v < other}{v <= other}{v > other}{v >= other}{v == other}{v != other}");
        }
    }

    internal static void ComparisonsInBranches(Output o)
    {
        foreach (long other in s_longs)
        {
            o.ForEach($"long with {other}", s_longs, v => Order(v, other));
        }

        foreach (uint other in s_uints)
        {
            o.ForEach($"uint with {other}", s_uints, v => Order(v, other));
        }
    }

    private static int Order(long x, long y)
    {
        int result = 0;
        if (x < y) { result += 1; }
        if (x <= y) { result += 2; }
        if (x > y) { result += 4; }
        if (x >= y) { result += 8; }
        if (x == y) { result += 16; }
        if (x != y) { result += 32; }
        return result;
    }

    private static int Order(uint x, uint y)
    {
        int result = 0;
        if (x < y) { result += 1; }
        if (x <= y) { result += 2; }
        if (x > y) { result += 4; }
        if (x >= y) { result += 8; }
        if (x == y) { result += 16; }
        if (x != y) { result += 32; }
        return result;
    }

    internal static void MixedWidths(Output o)
    {
        o.ForEach("int and uint", s_ints, v => v + 0x80000000u);
        o.ForEach("uint times int", s_uints, v => v * -2);
        o.ForEach("nint plus int", new nint[] { 0, -5, nint.MaxValue }, v => unchecked(v + 7));
        o.ForEach("byte minus ushort", new byte[] { 0, 255 }, v => v - (ushort)65535);
        o.ForEach("nint compared with int", new nint[] { -1, 0, unchecked((nint)0xffffffffL) }, v => v == -1);
    }

    internal static void WrappingMultiplication(Output o)
    {
        foreach (long other in s_longs)
        {
            o.ForEach($"times {other}", s_longs, v => unchecked(v * other));
        }

        uint hash = 2166136261;
        foreach (char c in "wrap around")
        {
            hash = unchecked((hash ^ c) * 16777619);
        }

        o.Line(hash);
    }

    internal static void Conditionals(Output o)
    {
        int calls = 0;
        bool Count(bool value)
        {
            calls++;
            return value;
        }

        o.Line(Count(false) && Count(true));
        o.Line(Count(true) || Count(true));
        o.Line(Count(false) & Count(true));
        o.Line(Count(true) | Count(true));
        o.Line(calls);
        o.ForEach("nested", s_ints, v => v < 0 ? v == int.MinValue ? "least" : "negative" : v > 6 ? "large" : "small");
    }
}
