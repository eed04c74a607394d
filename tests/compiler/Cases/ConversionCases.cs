// SPDX-License-Identifier: MPL-2.0

using System;

namespace Asterion.Compiler.Cases;

/// <summary>The conversions of ECMA-335, III.3.27 and III.3.28, over the values where each of them turns.</summary>
internal static class ConversionCases
{
    private static int[] s_ints = [0, 1, -1, 127, 128, -128, -129, 255, 256, 32767, 32768, -32768, -32769, 65535, 65536, int.MaxValue, int.MinValue];
    private static uint[] s_uints = [0, 1, 127, 128, 255, 256, 32767, 32768, 65535, 65536, int.MaxValue, 0x80000000, uint.MaxValue];
    private static long[] s_longs = [0, -1, 127, 128, -128, -129, 255, 256, 32768, 65536, int.MaxValue, 0x80000000, int.MinValue, -0x80000001, uint.MaxValue, 0x100000000, long.MaxValue, long.MinValue];
    private static ulong[] s_ulongs = [0, 127, 128, 255, 256, 32768, 65535, 65536, int.MaxValue, 0x80000000, uint.MaxValue, 0x100000000, long.MaxValue, 0x8000000000000000, ulong.MaxValue];

    internal static void Int32ToShorter(Output o)
    {
        o.ForEach("conv.i1", s_ints, v => unchecked((sbyte)v));
        o.ForEach("conv.u1", s_ints, v => unchecked((byte)v));
        o.ForEach("conv.i2", s_ints, v => unchecked((short)v));
        o.ForEach("conv.u2", s_ints, v => unchecked((ushort)v));
        o.ForEach("char", s_ints, v => (int)unchecked((char)v));
    }

    internal static void Int32ToLonger(Output o)
    {
        o.ForEach("conv.i8", s_ints, v => (long)v);
        o.ForEach("conv.u8", s_ints, v => unchecked((ulong)v));
        o.ForEach("conv.i", s_ints, v => (nint)v);
        o.ForEach("conv.u", s_ints, v => unchecked((nuint)v));
        o.ForEach("conv.u4", s_ints, v => unchecked((uint)v));
    }

    internal static void UInt32ToOthers(Output o)
    {
        o.ForEach("conv.i1", s_uints, v => unchecked((sbyte)v));
        o.ForEach("conv.i4", s_uints, v => unchecked((int)v));
        o.ForEach("conv.u8", s_uints, v => (long)v);
        o.ForEach("conv.u", s_uints, v => (nuint)v);
        o.ForEach("conv.u to nint", s_uints, v => (nint)v);
    }

    internal static void Int64ToShorter(Output o)
    {
        o.ForEach("conv.i1", s_longs, v => unchecked((sbyte)v));
        o.ForEach("conv.u1", s_longs, v => unchecked((byte)v));
        o.ForEach("conv.i2", s_longs, v => unchecked((short)v));
        o.ForEach("conv.u2", s_longs, v => unchecked((ushort)v));
        o.ForEach("conv.i4", s_longs, v => unchecked((int)v));
        o.ForEach("conv.u4", s_longs, v => unchecked((uint)v));
        o.ForEach("conv.i", s_longs, v => (nint)v);
    }

    internal static void CheckedFromInt32(Output o)
    {
        o.ForEach("conv.ovf.i1", s_ints, v => checked((sbyte)v));
        o.ForEach("conv.ovf.u1", s_ints, v => checked((byte)v));
        o.ForEach("conv.ovf.i2", s_ints, v => checked((short)v));
        o.ForEach("conv.ovf.u2", s_ints, v => checked((ushort)v));
        o.ForEach("conv.ovf.u4", s_ints, v => checked((uint)v));
        o.ForEach("conv.ovf.u8", s_ints, v => checked((ulong)v));
        o.ForEach("conv.ovf.u", s_ints, v => checked((nuint)v));
        o.ForEach("char", s_ints, v => (int)checked((char)v));
    }

    internal static void CheckedFromUInt32(Output o)
    {
        o.ForEach("conv.ovf.i1.un", s_uints, v => checked((sbyte)v));
        o.ForEach("conv.ovf.u1.un", s_uints, v => checked((byte)v));
        o.ForEach("conv.ovf.i2.un", s_uints, v => checked((short)v));
        o.ForEach("conv.ovf.u2.un", s_uints, v => checked((ushort)v));
        o.ForEach("conv.ovf.i4.un", s_uints, v => checked((int)v));
    }

    internal static void CheckedFromInt64(Output o)
    {
        o.ForEach("conv.ovf.i1", s_longs, v => checked((sbyte)v));
        o.ForEach("conv.ovf.u1", s_longs, v => checked((byte)v));
        o.ForEach("conv.ovf.i2", s_longs, v => checked((short)v));
        o.ForEach("conv.ovf.u2", s_longs, v => checked((ushort)v));
        o.ForEach("conv.ovf.i4", s_longs, v => checked((int)v));
        o.ForEach("conv.ovf.u4", s_longs, v => checked((uint)v));
        o.ForEach("conv.ovf.u8", s_longs, v => checked((ulong)v));
        o.ForEach("conv.ovf.i", s_longs, v => checked((nint)v));
        o.ForEach("conv.ovf.u", s_longs, v => checked((nuint)v));
    }

    internal static void CheckedFromUInt64(Output o)
    {
        o.ForEach("conv.ovf.i1.un", s_ulongs, v => checked((sbyte)v));
        o.ForEach("conv.ovf.u1.un", s_ulongs, v => checked((byte)v));
        o.ForEach("conv.ovf.i2.un", s_ulongs, v => checked((short)v));
        o.ForEach("conv.ovf.u2.un", s_ulongs, v => checked((ushort)v));
        o.ForEach("conv.ovf.i4.un", s_ulongs, v => checked((int)v));
        o.ForEach("conv.ovf.u4.un", s_ulongs, v => checked((uint)v));
        o.ForEach("conv.ovf.i8.un", s_ulongs, v => checked((long)v));
        o.ForEach("conv.ovf.i.un", s_ulongs, v => checked((nint)v));
    }

    internal static void CheckedFromNativeIntegers(Output o)
    {
        nint[] signed = [0, -1, 255, 256, int.MaxValue, int.MinValue, nint.MaxValue, nint.MinValue];
        nuint[] unsigned = [0, 255, 256, int.MaxValue, uint.MaxValue, unchecked((nuint)(1UL << 63)), nuint.MaxValue];
        o.ForEach("nint to byte", signed, v => checked((byte)v));
        o.ForEach("nint to int", signed, v => checked((int)v));
        o.ForEach("nint to uint", signed, v => checked((uint)v));
        o.ForEach("nint to nuint", signed, v => checked((nuint)v));
        o.ForEach("nuint to sbyte", unsigned, v => checked((sbyte)v));
        o.ForEach("nuint to int", unsigned, v => checked((int)v));
        o.ForEach("nuint to nint", unsigned, v => checked((nint)v));
        o.ForEach("nuint to long", unsigned, v => checked((long)v));
        o.ForEach("nuint to uint, unchecked", unsigned, v => unchecked((uint)v));
    }

    internal static void SignIsKeptOnTheWay(Output o)
    {
        sbyte[] narrow = [0, 1, -1, 127, -128];
        o.ForEach("sbyte to uint", narrow, v => unchecked((uint)v));
        o.ForEach("sbyte to ushort", narrow, v => unchecked((ushort)v));
        o.ForEach("sbyte to ulong", narrow, v => unchecked((ulong)v));
        o.ForEach("sbyte to byte to int", narrow, v => (int)unchecked((byte)v));
        o.ForEach("sbyte by byte", narrow, v => unchecked((sbyte)(byte)v) == v);
        o.ForEach("ushort by short to int", new ushort[] { 0, 32767, 32768, 65535 }, v => (int)unchecked((short)v));
        o.ForEach("uint by int to long", s_uints, v => (long)unchecked((int)v));
        o.ForEach("int by uint to long", s_ints, v => (long)unchecked((uint)v));
    }

    internal static void Characters(Output o)
    {
        char[] characters = ['\0', 'a', '\u7fff', '\u8000', '\uffff'];
        o.ForEach("char to short", characters, v => unchecked((short)v));
        o.ForEach("char to int", characters, v => (int)v);
        o.ForEach("char to checked byte", characters, v => checked((byte)v));
        o.ForEach("char plus one", characters, v => (int)unchecked((char)(v + 1)));
        o.ForEach("char to double", characters, v => (double)v);
    }

    private enum Small : sbyte
    {
        Low = -128,
        High = 127,
    }

    private enum Large : ulong
    {
        High = ulong.MaxValue,
    }

    internal static void Enums(Output o)
    {
        Small[] small = [Small.Low, 0, Small.High];
        o.ForEach("to int", small, v => (int)v);
        o.ForEach("to uint", small, v => unchecked((uint)v));
        o.ForEach("to checked byte", small, v => checked((byte)v));
        o.ForEach("next", small, v => (int)unchecked(v + 1));
        o.ForEach("negated", small, v => (int)~v);
        Large[] large = [0, Large.High];
        o.ForEach("to checked long", large, v => checked((long)v));
        o.ForEach("to double", large, v => (double)v);
        o.ForEach("to small", large, v => (int)unchecked((Small)v));
    }

    internal static unsafe void Pointers(Output o)
    {
        int value = 5;
        int* pointer = &value;
        o.Line((int*)(nint)pointer == pointer);
        o.Line((void*)(ulong)pointer == pointer);
        o.Line(*(int*)(void*)pointer);
        o.Line((long)(pointer + 3) - (long)pointer);
        o.Result(() => checked((int)(void*)0x7fffffff));
        o.Result(() => checked((int)(void*)0x80000000));
    }
}
