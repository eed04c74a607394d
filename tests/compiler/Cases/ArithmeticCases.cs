// SPDX-License-Identifier: MPL-2.0

using System;

namespace Asterion.Compiler.Cases;

internal static class ArithmeticCases
{
    // Through fields, so that neither compiler computes at compile time.
    private static int s_max = int.MaxValue;
    private static int s_min = int.MinValue;
    private static int s_zero;
    private static int s_minusOne = -1;
    private static int s_seven = 7;
    private static long s_longMin = long.MinValue;
    private static uint s_uintMax = uint.MaxValue;
    private static double s_nan = double.NaN;
    private static double s_huge = 1e30;
    private static double s_half = 2.5;

    internal static void Wrapping(Output o)
    {
        o.Line(unchecked(s_max + 1));
        o.Line(unchecked(s_min - 1));
        o.Line(unchecked(s_max * s_max));
        o.Line(unchecked(-s_min));
        o.Line(unchecked((byte)s_max));
        o.Line(unchecked((sbyte)200 + s_zero));
        o.Line(unchecked((short)(s_max - 5)));
    }

    internal static void CheckedAddSubMul(Output o)
    {
        o.Throws(() => o.Line(checked(s_max + s_seven)));
        o.Throws(() => o.Line(checked(s_min - s_seven)));
        o.Throws(() => o.Line(checked(s_max * s_seven)));
        o.Throws(() => o.Line(checked(s_uintMax + (uint)s_seven)));
        o.Throws(() => o.Line(checked((uint)s_zero - (uint)s_seven)));
        o.Throws(() => o.Line(checked(s_longMin * s_minusOne)));
        o.Throws(() => o.Line(checked(s_seven + s_seven)));
        o.Throws(() => o.Line(checked(-s_min)));
    }

    internal static void DivisionByZero(Output o)
    {
        o.Throws(() => o.Line(s_seven / s_zero));
        o.Throws(() => o.Line(s_seven % s_zero));
        o.Throws(() => o.Line((long)s_seven / s_zero));
        o.Throws(() => o.Line((uint)s_seven / (uint)s_zero));
        o.Line((s_half / s_zero).ToString());
    }

    internal static void DivisionOverflow(Output o)
    {
        o.Throws(() => o.Line(s_min / s_minusOne));
        o.Throws(() => o.Line(s_min % s_minusOne));
        o.Throws(() => o.Line(s_longMin / s_minusOne));
        o.Line(-7 / (s_seven - 5));
        o.Line(-7 % (s_seven - 5));
    }

    internal static void Shifts(Output o)
    {
        int by = 33 + s_zero;
        o.Line(1 << by);
        o.Line(-8 >> (1 + s_zero));
        o.Line((int)(unchecked((uint)-8) >> (1 + s_zero)));
        o.Line(1L << by);
        o.Line(-8 >>> by);
        o.Line(1L << (64 + s_zero));
    }

    internal static void CheckedConversions(Output o)
    {
        o.Throws(() => o.Line(checked((byte)s_max)));
        o.Throws(() => o.Line(checked((byte)s_minusOne)));
        o.Throws(() => o.Line(checked((sbyte)(s_seven * 20))));
        o.Throws(() => o.Line(checked((int)s_uintMax)));
        o.Throws(() => o.Line(checked((uint)s_minusOne)));
        o.Throws(() => o.Line((long)checked((ulong)(long)s_minusOne)));
        o.Throws(() => o.Line(checked((int)s_huge)));
        o.Throws(() => o.Line(checked((int)s_nan)));
        o.Throws(() => o.Line(checked((long)s_huge)));
        o.Throws(() => o.Line(checked((int)-2147483648.9)));
        o.Throws(() => o.Line(checked((byte)(s_half * 100))));
        o.Throws(() => o.Line(checked((short)s_half)));
        o.Throws(() => o.Line(checked((char)s_minusOne)));
    }

    internal static void FloatToInteger(Output o)
    {
        o.Line((int)s_half);
        o.Line((int)-s_half);
        o.Line((int)s_nan);
        o.Line((int)s_huge);
        o.Line((int)-s_huge);
        o.Line((long)s_huge);
        o.Line((uint)s_huge);
        o.Line((long)(ulong)s_half);
    }

    internal static void FloatingPoint(Output o)
    {
        o.Line(s_nan == s_nan);
        o.Line(s_nan != s_nan);
        o.Line(s_nan < 1.0);
        o.Line(!(s_nan >= 1.0));
        o.Line((s_half % 1.0).ToString());
        o.Line(Math.Sqrt(s_half * 10).ToString());
        o.Line(((float)s_half / 3).ToString());
        o.Line((0.1 + 0.2 + s_zero).ToString());
        o.Line(Math.Abs(-s_half).ToString());
        o.Line(double.IsNaN(s_nan));
    }

    internal static void UnsignedComparison(Output o)
    {
        o.Line((uint)s_minusOne > (uint)s_seven);
        o.Line(s_minusOne > s_seven);
        o.Line((ulong)s_longMin > 5UL);
        o.Line(s_uintMax >= uint.MaxValue);
    }

    internal static void Int128Arithmetic(Output o)
    {
        Int128 a = s_longMin;
        o.Line((a * a).ToString());
        o.Line((a / 7).ToString());
        UInt128 b = UInt128.MaxValue - (uint)s_seven;
        o.Line(b.ToString());
        o.Line((b >> 65).ToString());
    }

    internal static void DecimalArithmetic(Output o)
    {
        decimal a = 1.1m + s_seven;
        o.Line(a.ToString());
        o.Line((a * a).ToString());
        o.Line((a / 3).ToString());
    }

    internal static void BitOperations(Output o)
    {
        o.Line(System.Numerics.BitOperations.PopCount((uint)s_max));
        o.Line(System.Numerics.BitOperations.LeadingZeroCount((uint)s_seven));
        o.Line(System.Numerics.BitOperations.TrailingZeroCount(s_longMin));
        o.Line((int)System.Numerics.BitOperations.RotateLeft((uint)s_seven, 30));
        o.Line((int)System.Buffers.Binary.BinaryPrimitives.ReverseEndianness((uint)s_seven));
        o.Line(Math.BigMul(s_max, s_max));
    }
}
