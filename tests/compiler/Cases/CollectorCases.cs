// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;

namespace Asterion.Compiler.Cases;

/// <summary>
/// What method tables tell a collector: the words below the table are decoded and compared with where the references of an object really stand. CoreCLR and NativeAOT write
/// them in one form (gcdesc.h of the .NET runtime), so these cases read the host's own tables too.
/// </summary>
internal static unsafe class CollectorCases
{
    private const uint HasReferences = 0x1000000;

    private sealed class Anything
    {
        internal byte First;
    }

    private static long* TableOf(object target) => *(long**)Start(target);

    private static byte* Start(object target) => (byte*)Unsafe.AsPointer(ref Unsafe.As<Anything>(target).First) - 8;

    private static int OffsetOf<T>(object target, ref T field) => (int)((byte*)Unsafe.AsPointer(ref field) - Start(target));

    /// <summary>All offsets at which the collector will look for references in an object, and the object's size without its header.</summary>
    private static SortedSet<int> Described(object target, int length)
    {
        long* table = TableOf(target);
        var offsets = new SortedSet<int>();
        uint flags = *(uint*)table;
        int size = ((int*)table)[1] + (length * ((flags & 0x80000000) != 0 ? (int)(flags & 0xffff) : 0));
        if ((flags & HasReferences) == 0)
        {
            return offsets;
        }

        long count = table[-1];
        if (count > 0)
        {
            for (int i = 0; i < count; i++)
            {
                long bytes = table[-2 - (2 * i) - 1] + size;
                long start = table[-2 - (2 * i)];
                for (long at = start; at < start + bytes; at += 8)
                {
                    offsets.Add((int)at);
                }
            }

            return offsets;
        }

        // For elements: runs of references and gaps, which repeat to the end.
        for (long at = table[-2]; at < size - 8;)
        {
            for (int i = 0; i > count; i--)
            {
                ulong run = (ulong)table[-3 + i];
                for (uint n = 0; n < (uint)run; n++, at += 8)
                {
                    offsets.Add((int)at);
                }

                at += (long)(run >> 32);
            }
        }

        return offsets;
    }

    private static void Compare(Output o, string name, object target, int length, params int[] expected)
    {
        SortedSet<int> described = Described(target, length);
        o.Line($"{name}: {expected.Length} references, {described.SetEquals(expected)}");
        if (!described.SetEquals(expected))
        {
            o.Line("described " + string.Join(" ", described) + ", expected " + string.Join(" ", new SortedSet<int>(expected)));
        }
    }

    private class Scattered
    {
        internal object A;
        internal int B;
        internal string C;
        internal long D;
        internal byte E;
        internal int[] F;
        internal double G;
        internal short H;
        internal Scattered I;
    }

    private class Derived : Scattered
    {
        internal byte J;
        internal object K;
        internal byte L;
    }

    private sealed class Further : Derived
    {
        internal long M;
        internal Action N;
    }

    private sealed class NoReferences
    {
        internal long A;
        internal nint B;
        internal byte* C;
    }

    private static int[] OffsetsOf(Scattered s) => [OffsetOf(s, ref s.A), OffsetOf(s, ref s.C), OffsetOf(s, ref s.F), OffsetOf(s, ref s.I)];

    internal static void ClassesAndTheirBases(Output o)
    {
        var scattered = new Scattered();
        Compare(o, "scattered", scattered, 0, OffsetsOf(scattered));
        var derived = new Derived();
        Compare(o, "derived", derived, 0, [.. OffsetsOf(derived), OffsetOf(derived, ref derived.K)]);
        var further = new Further();
        Compare(o, "further", further, 0, [.. OffsetsOf(further), OffsetOf(further, ref further.K), OffsetOf(further, ref further.N)]);
        Compare(o, "none", new NoReferences(), 0);
        Compare(o, "object", new object(), 0);
        Compare(o, "string", "text", 4);
    }

    private struct Mixed
    {
        internal int A;
        internal string B;
        internal long C;
        internal object D;
        internal object E;
        internal byte F;
    }

    private struct Wrapping
    {
        internal byte A;
        internal Mixed B;
        internal string C;
    }

    private sealed class WithStructs
    {
        internal byte A;
        internal Mixed B;
        internal Wrapping C;
        internal (int, string)? D;
    }

    private static int[] OffsetsOf(object owner, ref Mixed m) => [OffsetOf(owner, ref m.B), OffsetOf(owner, ref m.D), OffsetOf(owner, ref m.E)];

    private static int[] OffsetsOf(object owner, ref Wrapping w) => [.. OffsetsOf(owner, ref w.B), OffsetOf(owner, ref w.C)];

    internal static void StructuresInClasses(Output o)
    {
        var target = new WithStructs { D = (1, "x") };
        ref (int, string) content = ref Unsafe.AsRef(in Nullable.GetValueRefOrDefaultRef(ref target.D));
        Compare(o, "with structures", target, 0, [.. OffsetsOf(target, ref target.B), .. OffsetsOf(target, ref target.C), OffsetOf(target, ref content.Item2)]);
    }

    internal static void Boxes(Output o)
    {
        object boxed = default(Mixed);
        Compare(o, "box", boxed, 0, OffsetsOf(boxed, ref Unsafe.Unbox<Mixed>(boxed)));
        object larger = default(Wrapping);
        Compare(o, "larger box", larger, 0, OffsetsOf(larger, ref Unsafe.Unbox<Wrapping>(larger)));
        Compare(o, "number", 5, 0);
        Compare(o, "identifier", Guid.Empty, 0);
    }

    internal static void ArraysOfReferences(Output o)
    {
        string[] strings = new string[3];
        Compare(o, "strings", strings, 3, [OffsetOf(strings, ref strings[0]), OffsetOf(strings, ref strings[1]), OffsetOf(strings, ref strings[2])]);
        Compare(o, "empty", Array.Empty<object>(), 0);
        Compare(o, "numbers", new int[4], 4);
        int[][] jagged = new int[2][];
        Compare(o, "jagged", jagged, 2, [OffsetOf(jagged, ref jagged[0]), OffsetOf(jagged, ref jagged[1])]);
        object[,] table = new object[2, 2];
        Compare(o, "two dimensions", table, 4, [OffsetOf(table, ref table[0, 0]), OffsetOf(table, ref table[0, 1]), OffsetOf(table, ref table[1, 0]), OffsetOf(table, ref table[1, 1])]);
        Compare(o, "numbers in two dimensions", new long[2, 2], 4);
    }

    internal static void ArraysOfStructures(Output o)
    {
        Mixed[] mixed = new Mixed[3];
        Compare(o, "mixed", mixed, 3, [.. OffsetsOf(mixed, ref mixed[0]), .. OffsetsOf(mixed, ref mixed[1]), .. OffsetsOf(mixed, ref mixed[2])]);
        Wrapping[] wrapping = new Wrapping[2];
        Compare(o, "wrapping", wrapping, 2, [.. OffsetsOf(wrapping, ref wrapping[0]), .. OffsetsOf(wrapping, ref wrapping[1])]);
        Mixed[,] table = new Mixed[1, 2];
        Compare(o, "two dimensions", table, 2, [.. OffsetsOf(table, ref table[0, 0]), .. OffsetsOf(table, ref table[0, 1])]);
        (int, long)[] plain = new (int, long)[5];
        Compare(o, "plain", plain, 5);
    }

    private sealed class Generic<T>
    {
        internal int A;
        internal T B;
        internal object C;
        internal T D;
    }

    internal static void GenericClasses(Output o)
    {
        var text = new Generic<string>();
        Compare(o, "of strings", text, 0, [OffsetOf(text, ref text.B), OffsetOf(text, ref text.C), OffsetOf(text, ref text.D)]);
        var numbers = new Generic<int>();
        Compare(o, "of numbers", numbers, 0, OffsetOf(numbers, ref numbers.C));
        var structures = new Generic<Mixed>();
        Compare(o, "of structures", structures, 0, [.. OffsetsOf(structures, ref structures.B), OffsetOf(structures, ref structures.C), .. OffsetsOf(structures, ref structures.D)]);
    }

    [InlineArray(4)]
    private struct Four<T>
    {
        internal T First;
    }

    private sealed class WithInlineArrays
    {
        internal Four<string> Words;
        internal Four<int> Numbers;
        internal Four<Mixed> Structures;
    }

    internal static void InlineArrays(Output o)
    {
        var target = new WithInlineArrays();
        var expected = new List<int>();
        for (int i = 0; i < 4; i++)
        {
            expected.Add(OffsetOf(target, ref target.Words[i]));
            expected.AddRange(OffsetsOf(target, ref target.Structures[i]));
        }

        Compare(o, "inline arrays", target, 0, [.. expected]);
        Four<Mixed>[] array = new Four<Mixed>[2];
        expected.Clear();
        for (int i = 0; i < 8; i++)
        {
            expected.AddRange(OffsetsOf(array, ref array[i / 4][i % 4]));
        }

        Compare(o, "array of inline arrays", array, 2, [.. expected]);
    }

    internal static void DelegatesAndClosures(Output o)
    {
        string captured = "captured";
        long number = 5;
        Action action = () => captured += number;
        action();
        SortedSet<int> closure = Described(action.Target, 0);
        o.Line(closure.Count);
        o.Line(Described(action, 0).Count > 0);
    }
}
