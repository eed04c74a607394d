// SPDX-License-Identifier: MPL-2.0

using System;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;

namespace Asterion.Compiler.Cases;

/// <summary>In what architectures differ most: registers that calls preserve, frames, arguments, alignment, small atomics, copies of memory.</summary>
internal static class TargetCases
{
    private delegate long TakesMany(sbyte a, byte b, short c, char d, int e, uint f, long g, float h, double i, sbyte j, ushort k, int l, float m, double n, bool o, uint p);

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private struct Packed
    {
        internal byte Tag;
        internal long Long;
        internal short Short;
        internal double Double;
        internal int Int;
    }

    [InlineArray(5000)]
    private struct LargeBuffer
    {
        private byte _first;
    }

    private static int s_calls;
    private static double s_one = 1;

    internal static void FloatsOverThrow(Output o)
    {
        double a = Opaque(1.5);
        double b = Opaque(2.25);
        double c = Opaque(-3.125);
        double d = Opaque(4e100);
        double e = Opaque(5e-300);
        double f = Opaque(double.PositiveInfinity);
        double g = Opaque(7);
        double h = Opaque(8);
        float i = (float)Opaque(9.5);
        float j = (float)Opaque(10.25);
        double k = Opaque(-0.0);
        double l = Opaque(12);
        for (int round = 0; round < 3; round++)
        {
            try
            {
                o.Line((long)OverwriteFloats(round, 5));
            }
            catch (CaseException thrown) when (thrown.Code == round)
            {
                o.Line("caught " + thrown.Code);
            }

            a += 1;
            l -= 1;
        }

        foreach (double value in new[] { a, b, c, d, e, f, g, h, i, j, k, l })
        {
            o.Line(BitConverter.DoubleToInt64Bits(value));
        }
    }

    internal static void IntegersOverThrow(Output o)
    {
        long a = (long)Opaque(1);
        long b = (long)Opaque(2);
        long c = (long)Opaque(3);
        long d = (long)Opaque(4);
        long e = (long)Opaque(5);
        long f = (long)Opaque(6);
        long g = (long)Opaque(7);
        long h = (long)Opaque(8);
        long i = (long)Opaque(9);
        long j = (long)Opaque(10);
        long k = (long)Opaque(11);
        long l = (long)Opaque(12);
        for (int round = 0; round < 3; round++)
        {
            try
            {
                o.Line(OverwriteIntegers(round, 5));
            }
            catch (CaseException thrown)
            {
                o.Line("caught " + thrown.Code);
            }

            a += 1;
            l -= 1;
        }

        foreach (long value in new[] { a, b, c, d, e, f, g, h, i, j, k, l })
        {
            o.Line(value);
        }
    }

    internal static void ThrowThroughFramesOfAllSizes(Output o)
    {
        foreach (int length in (int[])[0, 1, 15, 16, 17, 2047, 2048, 4096, 100_000])
        {
            try
            {
                DynamicFrame(o, length, 3);
            }
            catch (CaseException thrown)
            {
                o.Line(thrown.Message);
            }
        }

        try
        {
            o.Line(LargeFrame(7));
        }
        catch (CaseException thrown)
        {
            o.Line(thrown.Message);
        }

        s_calls = 0;
        try
        {
            Descend(2000);
        }
        catch (CaseException)
        {
            o.Line(s_calls);
        }
    }

    internal static void ManyArguments(Output o)
    {
        TakesMany many = Many;
        o.Line(many(sbyte.MinValue, byte.MaxValue, short.MinValue, char.MaxValue, int.MinValue, uint.MaxValue, long.MinValue, 1.5f, -2.5, -1, ushort.MaxValue, -1, -0.5f, 1e10, true, 0x80000000));
        int n = (int)Opaque(2001);
        o.Line(Many((sbyte)(n - 1), (byte)(n - 2), (short)(n - 3), (char)(n + 4), n - 5, (uint)(n - 6), n - 7, n, -n, (sbyte)(n - 8), (ushort)(n - 9),
            n - 10, n, n, n > 0, (uint)(n - 11)));

        // Upper halves of registers mean nothing for what is shorter.
        long wide = 0x7fff_ffff_8000_0001 + n - n;
        o.Line(Compare((int)wide, (uint)wide));
        o.Line(Compare((int)(wide >> 16), (uint)(wide >> 16)));
        o.Line(Index([10, 20, 30, 40], (int)(wide & 3)));
        o.Line(Index([10, 20, 30, 40], (byte)(wide + 2)));
    }

    internal static void UnalignedAccesses(Output o)
    {
        byte[] bytes = new byte[40];
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] = (byte)((i * 29) + 7);
        }

        for (int i = 0; i < 9; i++)
        {
            ref byte at = ref bytes[i];
            o.Line(Unsafe.ReadUnaligned<short>(ref at));
            o.Line(Unsafe.ReadUnaligned<int>(ref at));
            o.Line(Unsafe.ReadUnaligned<long>(ref at));
            o.Line(BitConverter.DoubleToInt64Bits(Unsafe.ReadUnaligned<double>(ref at)));
            o.Line((long)(UInt128.MaxValue ^ Unsafe.ReadUnaligned<UInt128>(ref at)));
            o.Line(BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(i)));
            o.Line(MemoryMarshal.Read<long>(bytes.AsSpan(i)));
            Unsafe.WriteUnaligned(ref bytes[i + 9], 0x0123_4567_89ab_cdefL + i);
            Unsafe.WriteUnaligned(ref bytes[i + 18], 1.0f / (i + 1));
            o.Line(Sum(bytes));
        }

        var packed = new Packed[3];
        for (int i = 0; i < packed.Length; i++)
        {
            packed[i].Tag = (byte)i;
            packed[i].Long = long.MinValue + i;
            packed[i].Short = (short)-i;
            packed[i].Double = i / 3.0;
            packed[i].Int = int.MaxValue - i;
        }

        o.Line(Unsafe.SizeOf<Packed>());
        foreach (Packed each in packed)
        {
            o.Line(each.Tag + each.Long + each.Short + BitConverter.DoubleToInt64Bits(each.Double) + each.Int);
        }
    }

    internal static void SmallAtomics(Output o)
    {
        byte[] bytes = [1, 2, 3, 4, 5, 6, 7, 8, 9];
        for (int i = 0; i < bytes.Length; i++)
        {
            o.Line(Interlocked.Exchange(ref bytes[i], (byte)(0xf0 + i)));
            o.Line(Interlocked.CompareExchange(ref bytes[i], (byte)0x80, (byte)(0xf0 + i)));
            o.Line(Interlocked.CompareExchange(ref bytes[i], (byte)1, (byte)0));
            o.Line(Sum(bytes));
        }

        sbyte small = -1;
        o.Line(Interlocked.CompareExchange(ref small, (sbyte)-128, (sbyte)-1));
        o.Line(Interlocked.Exchange(ref small, (sbyte)127));
        o.Line(small);
        short[] shorts = [-1, 2, short.MinValue, 4];
        for (int i = 0; i < shorts.Length; i++)
        {
            o.Line(Interlocked.Exchange(ref shorts[i], (short)(-i - 1)));
            o.Line(Interlocked.CompareExchange(ref shorts[i], (short)(i + 100), (short)(-i - 1)));
            o.Line(shorts[0] + (shorts[1] * 3) + (shorts[2] * 5) + (shorts[3] * 7));
        }

        ushort unsigned = ushort.MaxValue;
        o.Line(Interlocked.CompareExchange(ref unsigned, (ushort)5, ushort.MaxValue));
        o.Line(Interlocked.Exchange(ref unsigned, (ushort)0x8000));
        o.Line(unsigned);
        int number = int.MaxValue;
        o.Line(Interlocked.Increment(ref number));
        o.Line(Interlocked.And(ref number, -2));
        o.Line(Interlocked.Or(ref number, 0x55));
        uint bits = 0x8000_0000;
        o.Line(Interlocked.CompareExchange(ref bits, 7u, 0x8000_0000));
        o.Line(Interlocked.Add(ref bits, uint.MaxValue));
        long large = long.MinValue;
        o.Line(Interlocked.Decrement(ref large));
        o.Line(Interlocked.Exchange(ref large, -5));
    }

    internal static void CopiesAndFills(Output o)
    {
        // All alignments, lengths around the width of a register, both directions of overlap.
        byte[] bytes = new byte[96];
        int sum = 0;
        for (int source = 0; source < 10; source++)
        {
            for (int target = 0; target < 10; target++)
            {
                for (int length = 0; length < 34; length += 3)
                {
                    for (int i = 0; i < bytes.Length; i++)
                    {
                        bytes[i] = (byte)((i * 7) + length);
                    }

                    bytes.AsSpan(24 + source, length).CopyTo(bytes.AsSpan(24 + target));
                    bytes.AsSpan(70 + (source & 7), length & 15).Fill((byte)(0x80 + length));
                    bytes.AsSpan(target, length & 15).Clear();
                    sum = (sum * 31) + Sum(bytes);
                }
            }

            o.Line(sum);
        }
    }

    // Nobody can know at compile time what this gives.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static double Opaque(double value) => value * Volatile.Read(ref s_one);

    // Keeps more numbers over the call than there are registers which calls preserve, so that all of these are saved, overwritten, and lost by the throw.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static double OverwriteFloats(int code, int depth)
    {
        if (depth == 0)
        {
            throw new CaseException(code);
        }

        double a = Opaque(101 + depth);
        double b = Opaque(102);
        double c = Opaque(103);
        double d = Opaque(104);
        double e = Opaque(105);
        double f = Opaque(106);
        double g = Opaque(107);
        double h = Opaque(108);
        double i = Opaque(109);
        double j = Opaque(110);
        double k = Opaque(111);
        double l = Opaque(112);
        double m = Opaque(113);
        double inner = OverwriteFloats(code, depth - 1);
        return inner + a + b + (c * d) + (e * f) + (g * h) + (i * j) + (k * l) + m;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static long OverwriteIntegers(int code, int depth)
    {
        if (depth == 0)
        {
            throw new CaseException(code);
        }

        long a = (long)Opaque(101 + depth);
        long b = (long)Opaque(102);
        long c = (long)Opaque(103);
        long d = (long)Opaque(104);
        long e = (long)Opaque(105);
        long f = (long)Opaque(106);
        long g = (long)Opaque(107);
        long h = (long)Opaque(108);
        long i = (long)Opaque(109);
        long j = (long)Opaque(110);
        long k = (long)Opaque(111);
        long l = (long)Opaque(112);
        long inner = OverwriteIntegers(code, depth - 1);
        return inner + a + b + (c * d) + (e * f) + (g * h) + (i * j) + (k * l);
    }

    // A frame that grows has to be found by another register than SP.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int DynamicFrame(Output o, int length, int depth)
    {
        Span<byte> room = stackalloc byte[length];
        room.Fill((byte)depth);
        try
        {
            if (depth == 0)
            {
                throw new CaseException(length);
            }

            return DynamicFrame(o, length, depth - 1) + room[0];
        }
        finally
        {
            o.Line(Sum(room));
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int LargeFrame(int depth)
    {
        LargeBuffer buffer = default;
        Span<byte> room = buffer;
        room.Fill((byte)depth);
        if (depth == 0)
        {
            throw new CaseException(Sum(room));
        }

        return LargeFrame(depth - 1) + Sum(room);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Descend(int depth)
    {
        try
        {
            if (depth == 0)
            {
                throw new CaseException(0);
            }

            Descend(depth - 1);
        }
        finally
        {
            s_calls++;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static long Many(sbyte a, byte b, short c, char d, int e, uint f, long g, float h, double i, sbyte j, ushort k, int l, float m, double n, bool o, uint p) =>
        a + b + c + d + e + f + (g >> 3) + (long)(h * 4) + (long)(i * 4) + (j * 3) + k + l + (long)(m * 8) + (long)n + (o ? 1 : 0) + p;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool Compare(int signed, uint unsigned) => signed < 0 && unsigned > 0x7fff_ffff && signed == (int)unsigned;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Index(int[] array, int index) => array[index];

    private static int Sum(ReadOnlySpan<byte> bytes)
    {
        int sum = 17;
        foreach (byte each in bytes)
        {
            sum = (sum * 31) + each;
        }

        return sum;
    }
}
