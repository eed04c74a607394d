// SPDX-License-Identifier: MPL-2.0

using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Asterion.Compiler.Cases;

/// <summary>References to variables: as locals, results, fields of ref structs, and what is read through them.</summary>
internal static class ReferenceCases
{
    private static int s_number = 5;
    private static string s_text = "static";

    private sealed class Node
    {
        internal int Value;
        internal Node Next;
        internal (int Left, string Right) Pair;
    }

    internal static void RefLocalsOfEveryPlace(Output o)
    {
        int local = 1;
        int[] array = [2];
        var node = new Node { Value = 3 };
        ref int place = ref local;
        place += 10;
        place = ref array[0];
        place += 20;
        place = ref node.Value;
        place += 30;
        place = ref s_number;
        place += 40;
        o.Line($"{local} {array[0]} {node.Value} {s_number}");
        s_number = 5;
    }

    private static ref int Largest(int[] values)
    {
        ref int best = ref values[0];
        foreach (ref int value in values.AsSpan())
        {
            if (value > best)
            {
                best = ref value;
            }
        }

        return ref best;
    }

    internal static void RefReturns(Output o)
    {
        int[] values = [3, 9, 4];
        Largest(values) = 0;
        o.Line(string.Join(" ", values));
        Largest(values)++;
        o.Line(string.Join(" ", values));
        int copy = Largest(values);
        copy = 100;
        o.Line(Largest(values));
    }

    private static ref Node End(ref Node start)
    {
        ref Node place = ref start;
        while (place != null)
        {
            place = ref place.Next;
        }

        return ref place;
    }

    internal static void ListsByReferencesToLinks(Output o)
    {
        Node list = null;
        for (int i = 1; i <= 4; i++)
        {
            End(ref list) = new Node { Value = i };
        }

        ref Node place = ref list;
        while (place != null)
        {
            if (place.Value % 2 == 0)
            {
                place = place.Next;
            }
            else
            {
                place = ref place.Next;
            }
        }

        int sum = 0;
        for (Node node = list; node != null; node = node.Next)
        {
            sum = (sum * 10) + node.Value;
        }

        o.Line(sum);
    }

    private static void Set(out int number, out string text)
    {
        number = 7;
        text = "out";
    }

    internal static void OutArguments(Output o)
    {
        Set(out int number, out s_text);
        o.Line(number + s_text);
        s_text = "static";
        var node = new Node();
        Set(out node.Pair.Left, out node.Pair.Right);
        o.Line(node.Pair.Left + node.Pair.Right);
        Set(out _, out string text);
        o.Line(text);
    }

    private static int Sum(in int left, in int right, ref int both)
    {
        int before = left + right;
        both *= 10;
        return before + left + right;
    }

    internal static void AliasesSeeEachOther(Output o)
    {
        int value = 1;
        o.Line(Sum(in value, in value, ref value));
        o.Line(Sum(5, in value, ref value));
        o.Line(value);
    }

    private ref struct View
    {
        internal ref int Place;
        internal ReadOnlySpan<char> Name;

        internal View(ref int place, ReadOnlySpan<char> name)
        {
            Place = ref place;
            Name = name;
        }

        internal readonly void Add(int by) => Place += by;

        internal readonly bool IsEmpty => Unsafe.IsNullRef(ref Place);
    }

    internal static void RefFields(Output o)
    {
        int number = 1;
        int[] array = [10, 20];
        var view = new View(ref number, "local");
        view.Add(5);
        o.Line(number);
        View copy = view;
        copy.Place = ref array[1];
        copy.Add(1);
        o.Line(array[1] + number);
        o.Line(view.Name.ToString());
        o.Line(default(View).IsEmpty);
        view = copy;
        view.Place++;
        o.Line(array[1]);
    }

    private ref struct Writer(Span<char> buffer)
    {
        private readonly Span<char> _buffer = buffer;
        private int _length;

        [UnscopedRef]
        internal ref Writer Add(char c)
        {
            _buffer[_length] = c;
            _length++;
            return ref this;
        }

        public override readonly string ToString() => _buffer[.._length].ToString();
    }

    internal static void FluentRefStructs(Output o)
    {
        var writer = new Writer(stackalloc char[8]);
        writer.Add('a').Add('b').Add('c');
        o.Line(writer.ToString());
        try
        {
            for (int i = 0; i < 10; i++)
            {
                writer.Add('!');
            }
        }
        catch (IndexOutOfRangeException)
        {
            o.Line(writer.ToString());
        }
    }

    private static ref readonly (int, long) Choose(bool first, in (int, long) one, in (int, long) two) => ref first ? ref one : ref two;

    internal static void RefReadOnly(Output o)
    {
        (int, long) one = (1, 10), two = (2, 20);
        ref readonly (int, long) chosen = ref Choose(false, in one, in two);
        two.Item1 = 22;
        o.Line(chosen.Item1 + chosen.Item2);
        o.Line(Choose(true, one, two).Item2);
    }

    internal static void UnsafeReferences(Output o)
    {
        int[] values = [1, 2, 3, 4];
        ref int first = ref MemoryMarshal.GetArrayDataReference(values);
        o.Line(Unsafe.Add(ref first, 2));
        o.Line(Unsafe.AreSame(ref Unsafe.Add(ref first, 3), ref values[3]));
        o.Line((long)Unsafe.ByteOffset(ref first, ref values[3]));
        ref byte octet = ref Unsafe.As<int, byte>(ref values[1]);
        Unsafe.Add(ref octet, 1) = 1;
        o.Line(values[1]);
        o.Line(Unsafe.ReadUnaligned<int>(ref Unsafe.Add(ref octet, 1)));
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref octet, 2), 0x01020304);
        o.Line(values[1].ToString("x") + " " + values[2].ToString("x"));
        o.Line(Unsafe.IsAddressLessThan(ref first, ref values[1]));
    }

    private static T Exchange<T>(ref T place, T value)
    {
        T former = place;
        place = value;
        return former;
    }

    internal static void GenericReferences(Output o)
    {
        var node = new Node { Pair = (1, "one") };
        o.Line(Exchange(ref node.Pair, (2, "two")).Item2 + node.Pair.Right);
        o.Line(Exchange(ref node.Value, 3) + node.Value);
        o.Line(Exchange(ref node.Next, node) == null);
        o.Line(node.Next == node);
        object[] boxes = ["a"];
        o.Line((string)Exchange(ref boxes[0], "b") + boxes[0]);
    }

    private delegate void Changer(ref int place, in int by, out int former);

    internal static void RefsThroughDelegates(Output o)
    {
        Changer changer = (ref int place, in int by, out int former) =>
        {
            former = place;
            place += by;
        };
        int value = 4;
        changer(ref value, 6, out int old);
        o.Line(value * 10 + old);
        changer += changer;
        changer(ref value, in value, out old);
        o.Line(value * 10 + old);
    }

    internal static void RefConditionalsAndPatterns(Output o)
    {
        int left = 1, right = 2;
        for (int i = 0; i < 4; i++)
        {
            (i % 2 == 0 ? ref left : ref right) += 10;
        }

        o.Line(left * 100 + right);
        ref int chosen = ref left > right ? ref left : ref right;
        chosen = 0;
        o.Line(right);
    }
}
