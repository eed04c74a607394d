// SPDX-License-Identifier: MPL-2.0

using System;

namespace Asterion.Compiler.Cases;

/// <summary>Conversions from and to floating point. Since .NET 9 those that are not checked saturate on every processor.</summary>
internal static class FloatConversionCases
{
    private static double[] s_doubles =
    [
        0, -0.0, 0.9999, -0.9999, 1.5, -1.5, 127.5, 128, -128.9, -129, 255.9, 256, 32767.9, 32768, 65535.9, 65536, 2147483647.5, 2147483648, -2147483648.9, -2147483649,
        4294967295.9, 4294967296, 9.2233720368547748e18, 9.2233720368547758e18, -9.2233720368547758e18, 1.8446744073709550e19, 1.8446744073709552e19, 1e30, -1e30,
        double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.Epsilon,
    ];

    private static float[] s_singles =
    [
        0, -0.5f, 0.5f, 127.5f, -128.5f, 255.5f, 65535.5f, 16777216f, 2147483520f, 2147483648f, -2147483648f, 4294967040f, 4294967296f, 9.223371e18f, 9.223372e18f, -9.223372e18f,
        1.8446743e19f, 1.8446744e19f, float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, float.MinValue,
    ];

    internal static void DoubleToIntegers(Output o)
    {
        o.ForEach("conv.i4", s_doubles, v => unchecked((int)v));
        o.ForEach("conv.u4", s_doubles, v => unchecked((uint)v));
        o.ForEach("conv.i8", s_doubles, v => unchecked((long)v));
        o.ForEach("conv.u8", s_doubles, v => unchecked((ulong)v));
        o.ForEach("conv.i", s_doubles, v => unchecked((nint)v));
        o.ForEach("conv.u", s_doubles, v => unchecked((nuint)v));
    }

    internal static void DoubleToShortIntegers(Output o)
    {
        o.ForEach("conv.i1", s_doubles, v => unchecked((sbyte)v));
        o.ForEach("conv.u1", s_doubles, v => unchecked((byte)v));
        o.ForEach("conv.i2", s_doubles, v => unchecked((short)v));
        o.ForEach("conv.u2", s_doubles, v => unchecked((ushort)v));
    }

    internal static void SingleToIntegers(Output o)
    {
        o.ForEach("conv.u1", s_singles, v => unchecked((byte)v));
        o.ForEach("conv.i2", s_singles, v => unchecked((short)v));
        o.ForEach("conv.i4", s_singles, v => unchecked((int)v));
        o.ForEach("conv.u4", s_singles, v => unchecked((uint)v));
        o.ForEach("conv.i8", s_singles, v => unchecked((long)v));
        o.ForEach("conv.u8", s_singles, v => unchecked((ulong)v));
    }

    internal static void CheckedFromDouble(Output o)
    {
        o.ForEach("conv.ovf.i1", s_doubles, v => checked((sbyte)v));
        o.ForEach("conv.ovf.u1", s_doubles, v => checked((byte)v));
        o.ForEach("conv.ovf.i2", s_doubles, v => checked((short)v));
        o.ForEach("conv.ovf.u2", s_doubles, v => checked((ushort)v));
        o.ForEach("conv.ovf.i4", s_doubles, v => checked((int)v));
        o.ForEach("conv.ovf.u4", s_doubles, v => checked((uint)v));
        o.ForEach("conv.ovf.i8", s_doubles, v => checked((long)v));
        o.ForEach("conv.ovf.u8", s_doubles, v => checked((ulong)v));
        o.ForEach("conv.ovf.i", s_doubles, v => checked((nint)v));
        o.ForEach("conv.ovf.u", s_doubles, v => checked((nuint)v));
    }

    internal static void CheckedFromSingle(Output o)
    {
        o.ForEach("conv.ovf.i1", s_singles, v => checked((sbyte)v));
        o.ForEach("conv.ovf.u2", s_singles, v => checked((ushort)v));
        o.ForEach("conv.ovf.i4", s_singles, v => checked((int)v));
        o.ForEach("conv.ovf.u4", s_singles, v => checked((uint)v));
        o.ForEach("conv.ovf.i8", s_singles, v => checked((long)v));
        o.ForEach("conv.ovf.u8", s_singles, v => checked((ulong)v));
    }

    internal static void SignedIntegersToFloat(Output o)
    {
        int[] ints = [0, -1, 16777217, -16777219, int.MaxValue, int.MinValue];
        long[] longs = [0, -1, 9007199254740993, -9007199254740993, 16777217, 0x7fffffbfffffffff, 0x7fffff4000000001, long.MaxValue, long.MinValue];
        o.ForEach("int to float", ints, v => (float)v);
        o.ForEach("int to double", ints, v => (double)v);
        o.ForEach("long to float", longs, v => BitConverter.SingleToInt32Bits((float)v));
        o.ForEach("long to double", longs, v => BitConverter.DoubleToInt64Bits((double)v));
        o.ForEach("nint to double", new nint[] { 0, -1, nint.MaxValue }, v => (double)v);
    }

    internal static void UnsignedIntegersToFloat(Output o)
    {
        uint[] uints = [0, 1, 16777217, 0x7fffffff, 0x80000000, uint.MaxValue];
        ulong[] ulongs = [0, 1, 9007199254740993, 0x8000000000000000, 0x8000000000000401, 0xfffffffffffffbff, ulong.MaxValue];
        o.ForEach("uint to float", uints, v => BitConverter.SingleToInt32Bits((float)v));
        o.ForEach("uint to double", uints, v => (double)v);
        o.ForEach("ulong to float", ulongs, v => BitConverter.SingleToInt32Bits((float)v));
        o.ForEach("ulong to double", ulongs, v => BitConverter.DoubleToInt64Bits((double)v));
        o.ForEach("byte to float", new byte[] { 0, 127, 128, 255 }, v => (float)v);
    }

    // Where a double stands between two floats, rounding twice gives another result than rounding once.
    internal static void UnsignedToSingleIsRoundedOnce(Output o)
    {
        ulong[] values = [0x8000008000000001, 0x8000018000000000, 0x4000004000000001, 0x0020000010000001, 0xffffff7fffffffff, 0xffffff8000000000];
        o.ForEach("bits", values, v => BitConverter.SingleToInt32Bits((float)v));
    }

    // The one that RISC-V makes of all others; x86-64 keeps sign and payload (The RISC-V Instruction Set Manual I, 11.3).
    private static readonly double s_notANumber = BitConverter.Int64BitsToDouble(0x7ff8_0000_0000_0000);

    internal static void DoubleToSingle(Output o)
    {
        double[] values = [0.1, -0.1, 1 + 1e-10, 3.4028234e38, 3.4028236e38, 1e39, -1e39, 1e-40, 1e-46, s_notANumber, double.NegativeInfinity, -0.0, 16777217];
        o.ForEach("bits", values, v => BitConverter.SingleToInt32Bits((float)v));
        o.ForEach("and back", values, v => BitConverter.DoubleToInt64Bits((double)(float)v));
    }

    internal static void SingleArithmeticRoundsEachStep(Output o)
    {
        float[] values = [0.1f, 16777216f, 3.4e38f, 1e-45f];
        o.ForEach("plus one minus one", values, v => BitConverter.SingleToInt32Bits(v + 1f - 1f));
        o.ForEach("times ten by ten", values, v => BitConverter.SingleToInt32Bits(v * 10f / 10f));
        o.ForEach("in double", values, v => BitConverter.DoubleToInt64Bits((double)v * 10.0 / 10.0));
    }

    internal static void HalfFloats(Output o)
    {
        double[] values = [0, 1, -2.5, 65504, 65520, 1e-7, 6e-8, s_notANumber, 0.1];
        o.ForEach("from double", values, v => BitConverter.HalfToInt16Bits((Half)v));
        o.ForEach("from float", values, v => BitConverter.HalfToInt16Bits((Half)(float)v));
        o.ForEach("and back", values, v => (double)(Half)v);
        o.Line(((Half)1.5 + (Half)0.25).ToString());
        o.Line((Half)1 < (Half)2);
    }

    internal static void Decimals(Output o)
    {
        o.ForEach("double to decimal", new[] { 0.1, 1.5, -123456.789, 7e27, 8e28, double.NaN }, v => (decimal)v);
        o.ForEach("decimal to int", new[] { 2147483647.9m, 2147483648m, -2147483648.9m, -0.5m }, v => (int)v);
        o.ForEach("decimal to double", new[] { 0.1m, 79228162514264337593543950335m }, v => (double)v);
        o.ForEach("long to decimal", new[] { long.MaxValue, long.MinValue }, v => (decimal)v);
    }
}
