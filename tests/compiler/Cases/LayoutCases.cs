// SPDX-License-Identifier: MPL-2.0

using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Asterion.Compiler.Cases;

/// <summary>Layouts that a program can see (ECMA-335, II.10.1.2): explicit, packed, sequential; unions.</summary>
internal static unsafe class LayoutCases
{
    [StructLayout(LayoutKind.Explicit)]
    private struct Number
    {
        [FieldOffset(0)] internal long Long;
        [FieldOffset(0)] internal double Double;
        [FieldOffset(0)] internal int Low;
        [FieldOffset(4)] internal int High;
        [FieldOffset(7)] internal byte Top;
        [FieldOffset(2)] internal short Middle;
    }

    internal static void UnionsOfNumbers(Output o)
    {
        Number number = default;
        number.Double = 1.5;
        o.Line(number.Long.ToString("x"));
        number.Low = -1;
        number.Top = 0x40;
        o.Line(number.Double.ToString("R"));
        o.Line(number.Middle);
        number.High = 0;
        o.Line(number.Long);
        o.Line(sizeof(Number));
    }

    [StructLayout(LayoutKind.Explicit, Size = 24)]
    private struct Tagged
    {
        [FieldOffset(0)] internal string Text;
        [FieldOffset(0)] internal object Any;
        [FieldOffset(8)] internal int Number;
        [FieldOffset(8)] internal float Real;
        [FieldOffset(16)] internal bool IsText;
    }

    internal static void UnionsOfReferences(Output o)
    {
        Tagged[] values = new Tagged[2];
        values[0].Text = "shared";
        values[0].IsText = true;
        values[1].Any = 5;
        values[1].Real = 1;
        o.Line(values[0].Any.ToString());
        o.Line((int)values[1].Any);
        o.Line(values[1].Number);
        Tagged copy = values[0];
        copy.Any = "other";
        o.Line(values[0].Text + copy.Text + copy.IsText);
        o.Line(Unsafe.SizeOf<Tagged>());
    }

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private struct Packed
    {
        internal byte A;
        internal int B;
        internal byte C;
        internal long D;
        internal short E;
    }

    [StructLayout(LayoutKind.Sequential, Pack = 2)]
    private struct PackedByTwo
    {
        internal byte A;
        internal long B;
        internal byte C;
    }

    internal static void PackedStructures(Output o)
    {
        Packed packed = new() { A = 1, B = int.MinValue, C = 2, D = long.MaxValue, E = -3 };
        o.Line(sizeof(Packed));
        o.Line(packed.B + packed.D + packed.E);
        o.Line((byte*)&packed.D - (byte*)&packed);
        Packed[] array = [packed, packed];
        array[1].D--;
        array[1].B++;
        o.Line(array[1].D + array[1].B);
        o.Line(sizeof(PackedByTwo));
        ref long inside = ref array[0].D;
        inside = 5;
        o.Line(array[0].D);
    }

    private struct Natural
    {
        internal byte A;
        internal long B;
        internal byte C;
        internal short D;
        internal int E;
        internal bool F;
    }

    [StructLayout(LayoutKind.Sequential, Size = 32)]
    private struct Sized
    {
        internal int A;
    }

    internal static void SequentialStructures(Output o)
    {
        Natural natural = default;
        o.Line(sizeof(Natural));
        o.Line((byte*)&natural.B - (byte*)&natural);
        o.Line((byte*)&natural.D - (byte*)&natural);
        o.Line((byte*)&natural.E - (byte*)&natural);
        o.Line((byte*)&natural.F - (byte*)&natural);
        o.Line(sizeof(Sized));
        Sized* sized = stackalloc Sized[2];
        o.Line((byte*)&sized[1] - (byte*)sized);
    }

    private struct Buffer
    {
        internal int Before;
        internal fixed byte Bytes[5];
        internal fixed long Longs[2];
        internal int After;
    }

    internal static void FixedBuffers(Output o)
    {
        Buffer buffer = default;
        buffer.Before = -1;
        buffer.After = -2;
        for (int i = 0; i < 5; i++)
        {
            buffer.Bytes[i] = (byte)(i * 60);
        }

        buffer.Longs[1] = long.MaxValue;
        Buffer copy = buffer;
        copy.Bytes[4]++;
        o.Line(buffer.Bytes[4] + copy.Bytes[4]);
        o.Line(copy.Longs[1] + copy.Before + copy.After);
        o.Line(sizeof(Buffer));
    }

    [StructLayout(LayoutKind.Explicit)]
    private struct Nested
    {
        [FieldOffset(0)] internal Number Whole;
        [FieldOffset(8)] internal Packed Second;
        [FieldOffset(9)] internal uint Unaligned;
    }

    internal static void NestedUnions(Output o)
    {
        Nested nested = default;
        nested.Second.B = 0x11223344;
        o.Line(nested.Unaligned.ToString("x"));
        nested.Unaligned++;
        o.Line(nested.Second.B.ToString("x"));
        nested.Whole.High = 1;
        o.Line(nested.Whole.Long);
    }

    private sealed class Managed
    {
        internal byte A;
        internal string B = "b";
        internal short C = -1;
        internal double D = 0.5;
        internal bool E = true;
        internal int F = int.MaxValue;
        internal char G = 'g';
        internal decimal H = 1.5m;
    }

    private sealed class Extended(Managed other)
    {
        internal byte A = other.A;
        internal Managed Other = other;
    }

    internal static void FieldsDoNotOverlap(Output o)
    {
        var managed = new Managed();
        managed.A = 255;
        managed.C = short.MinValue;
        managed.G = 'z';
        managed.E = false;
        o.Line($"{managed.A} {managed.B} {managed.C} {managed.D} {managed.E} {managed.F} {managed.G} {managed.H}");
        var extended = new Extended(managed);
        extended.A--;
        extended.Other.F = 0;
        o.Line($"{extended.A} {managed.A} {managed.F} {managed.H}");
    }

    internal static void UnalignedAccess(Output o)
    {
        byte* bytes = stackalloc byte[24];
        for (int i = 0; i < 24; i++)
        {
            bytes[i] = (byte)(i * 11);
        }

        o.Line(Unsafe.ReadUnaligned<long>(bytes + 3));
        o.Line(Unsafe.ReadUnaligned<short>(bytes + 1));
        o.Line(BitConverter.DoubleToInt64Bits(Unsafe.ReadUnaligned<double>(bytes + 5)));
        Unsafe.WriteUnaligned(bytes + 9, 0x0102030405060708);
        Unsafe.WriteUnaligned(bytes + 1, (1, 2L));
        (int, long) pair = Unsafe.ReadUnaligned<(int, long)>(bytes + 1);
        o.Line(pair.Item1 + pair.Item2);
        o.Line(bytes[17]);
        Unsafe.CopyBlockUnaligned(bytes + 1, bytes, 8);
        Unsafe.InitBlockUnaligned(bytes + 3, 7, 5);
        o.Line(bytes[7] + bytes[8]);
    }

    internal static void StructuresThroughPointers(Output o)
    {
        Natural* natural = stackalloc Natural[3];
        natural[1].B = 5;
        (natural + 2)->E = 7;
        Natural* end = natural + 3;
        long sum = 0;
        for (Natural* each = natural; each < end; each++)
        {
            sum += each->B + each->E;
        }

        o.Line(sum);
        o.Line(end - natural);
        *natural = natural[1];
        o.Line(natural->B);
        void* raw = natural;
        ((Natural*)raw)->F = true;
        o.Line(natural[0].F);
        int** indirect = stackalloc int*[1];
        int value = 3;
        indirect[0] = &value;
        **indirect += 4;
        o.Line(value);
    }

    internal static void PinnedObjects(Output o)
    {
        int[] numbers = [1, 2, 3];
        fixed (int* first = numbers, second = &numbers[1])
        {
            first[2] = 30;
            *second += 5;
            o.Line(second - first);
        }

        o.Line(numbers[1] + numbers[2]);
        fixed (char* text = "pinned")
        {
            o.Line(text[3].ToString());
            o.Line((int)text[6]);
        }

        fixed (int* none = Array.Empty<int>())
        {
            o.Line(none == null);
        }

        fixed (byte* bytes = new byte[] { 7 }.AsSpan())
        {
            o.Line(*bytes);
        }

        var managed = new Managed();
        fixed (int* field = &managed.F)
        {
            *field = 9;
        }

        o.Line(managed.F);
    }
}
