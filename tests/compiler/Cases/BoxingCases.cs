// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;

namespace Asterion.Compiler.Cases;

/// <summary>Boxing, unboxing and casts (ECMA-335, III.4.1, III.4.3, III.4.6, III.4.32 and III.4.33), and what Nullable makes of them.</summary>
internal static class BoxingCases
{
    internal static void EveryPrimitive(Output o)
    {
        object[] boxes = [true, (sbyte)-1, (byte)255, 'x', (short)-2, (ushort)65535, -3, 4u, -5L, 6UL, (nint)(-7), (nuint)8, 1.5f, -2.5];
        o.Line(string.Join(" ", boxes));
        o.Line((bool)boxes[0]);
        o.Line((sbyte)boxes[1] + (byte)boxes[2] + (char)boxes[3] + (short)boxes[4] + (ushort)boxes[5] + (int)boxes[6]);
        o.Line((long)boxes[8] + (nint)boxes[10]);
        o.Line((double)boxes[13] + (float)boxes[12] == -1);
    }

    internal static void UnboxingNeedsTheExactType(Output o)
    {
        object boxed = 5;
        o.Throws(() => o.Line((int)boxed));
        o.Throws(() => o.Line((long)boxed));
        o.Throws(() => o.Line((short)boxed));
        o.Throws(() => o.Line((uint)boxed));
        o.Throws(() => o.Line(((double)boxed).ToString()));
        object text = "5";
        o.Throws(() => o.Line((int)text));
        object nothing = null;
        o.Throws(() => o.Line((int)nothing));
    }

    private enum Signed
    {
        One = 1,
    }

    private enum Other
    {
        One = 1,
    }

    private enum Narrow : byte
    {
        One = 1,
    }

    internal static void EnumsUnboxAsTheirUnderlyingType(Output o)
    {
        object boxed = Signed.One;
        o.Throws(() => o.Line((int)boxed));
        o.Throws(() => o.Line((int)(Signed)boxed));
        o.Throws(() => o.Line((int)(Other)boxed));
        o.Throws(() => o.Line((byte)boxed));
        object number = 1;
        o.Throws(() => o.Line((int)(Signed)number));
        o.Throws(() => o.Line((int)(Narrow)number));
        o.Line(boxed is int);
        o.Line(number is Signed);
        o.Line(boxed.Equals(number));
        o.Line(boxed.Equals(Signed.One));
        o.Line(boxed.Equals(Other.One));
        o.Line(boxed is Enum);
    }

    private struct Point
    {
        internal int X;
        internal string Name;

        public override string ToString() => Name + X;
    }

    internal static void BoxesAreCopies(Output o)
    {
        var point = new Point { X = 1, Name = "p" };
        object first = point;
        point.X = 2;
        object second = point;
        var back = (Point)first;
        back.X = 3;
        o.Line($"{first} {second} {back} {point}");
        o.Line(ReferenceEquals(first, first));
        o.Line(ReferenceEquals(point, point));
        object alias = first;
        o.Line(ReferenceEquals(alias, first));
    }

    private interface ICounter
    {
        int Count { get; set; }
    }

    private struct Counter : ICounter
    {
        public int Count { get; set; }
    }

    internal static void AnInterfaceChangesTheBox(Output o)
    {
        var counter = new Counter { Count = 1 };
        ICounter boxed = counter;
        boxed.Count++;
        boxed.Count++;
        o.Line(counter.Count);
        o.Line(boxed.Count);
        o.Line(((Counter)boxed).Count);
        object asObject = boxed;
        ((ICounter)asObject).Count = 10;
        o.Line(boxed.Count);
        object[] shared = [boxed, boxed];
        ((ICounter)shared[0]).Count++;
        o.Line(((ICounter)shared[1]).Count);
    }

    // The compiler knows what such a call reaches, and still has to hand over what is in the box.
    internal static void CallsOnABoxJustMade(Output o)
    {
        o.Line(((ICounter)new Counter { Count = 7 }).Count);
        o.Line(((IComparable)5).CompareTo(4));
        o.Line(((IEquatable<long>)5L).Equals(5L));
        o.Line(((IFormattable)1.5).ToString("F2", null));
        o.Line(((object)new Point { X = 4, Name = "at once " }).ToString());
    }

    internal static void NullableBoxesAsItsValue(Output o)
    {
        int? some = 5, none = null;
        object boxed = some;
        o.Line(boxed is int);
        o.Line(boxed is int?);
        o.Line((object)none == null);
        o.Line((int)boxed);
        o.Line(((int?)boxed).Value);
        o.Line(((int?)(object)none).HasValue);
        o.Throws(() => o.Line(((long?)boxed).HasValue));
        Signed? level = Signed.One;
        object enumeration = level;
        o.Line(enumeration is Signed);
        o.Line(((Signed?)enumeration).HasValue);
        o.Throws(() => o.Line(((int?)enumeration).Value));
    }

    internal static void NullableOfLargeStructs(Output o)
    {
        Guid? id = new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
        object boxed = id;
        o.Line(((Guid)boxed).ToString());
        Guid? back = (Guid?)boxed;
        o.Line(back == id);
        decimal? amount = 1.5m;
        object money = amount;
        o.Line(((decimal?)money).Value.ToString());
        (int, string)? pair = (1, "one");
        object tuple = pair;
        o.Line((((int, string)?)tuple).Value.Item2);
        pair = null;
        o.Line((((int, string)?)(object)pair).HasValue);
    }

    internal static void LiftedOperators(Output o)
    {
        int? two = 2, none = null;
        o.Line((two + 3).ToString());
        o.Line((two + none).HasValue);
        o.Line(two > none);
        o.Line(two <= none);
        o.Line(none == null);
        o.Line(none != two);
        o.Line((none ?? 7) + two.GetValueOrDefault() + none.GetValueOrDefault(40));
        bool? yes = true, unknown = null;
        o.Line((yes | unknown) == true);
        o.Line((yes & unknown) == null);
        o.Throws(() => o.Line(none.Value));
        o.Throws(() => o.Line((int)none));
        o.Line((-two).Value);
    }

    internal static void NullableMethods(Output o)
    {
        int? five = 5, none = null;
        o.Line(five.ToString());
        o.Line(none.ToString().Length);
        o.Line(five.GetHashCode());
        o.Line(none.GetHashCode());
        o.Line(five.Equals(5));
        o.Line(none.Equals(null));
        o.Line(five.Equals(5L));
        o.Line(Nullable.Compare(five, none));
        o.Line(five.GetType() == typeof(int));
        o.Throws(() => none.GetType());
        o.Line(TextOf<int?>(none) + TextOf<int?>(five));
    }

    private static string TextOf<T>(T value) => "[" + value + "]";

    internal static void TypeTests(Output o)
    {
        object[] values = [1, "s", 2.5, null, new int[1], new List<string>(), (Action)(() => { }), 'c', (int?)3, DayOfWeek.Friday];
        foreach (object value in values)
        {
            o.Line($"{value is int} {value is IComparable} {value is Array} {value is IEnumerable<char>} {value is ValueType} {value is Delegate} {value is IConvertible}");
        }
    }

    internal static void CastsThatFail(Output o)
    {
        object text = "text";
        o.Throws(() => _ = (Exception)text);
        o.Throws(() => _ = (int[])text);
        o.Throws(() => _ = (IDisposable)text);
        o.Throws(() => _ = (IComparable<string>)text);
        o.Throws(() => _ = (IComparable<int>)text);
        o.Throws(() => _ = (List<int>)(object)new List<string>());
        o.Throws(() => _ = (IEnumerable<object>)(object)new List<int>());
        o.Throws(() => _ = (IEnumerable<object>)(object)new List<string>());
        o.Throws(() => _ = (Action<string>)(object)(Action<object>)(_ => { }));
        o.Throws(() => _ = (Action<object>)(object)(Action<string>)(_ => { }));
        object nothing = null;
        o.Throws(() => _ = (Exception)nothing);
        o.Line(text as Exception == null);
    }

    private static bool Is<T>(object value) => value is T;

    private static T Cast<T>(object value) => (T)value;

    internal static void CastsInGenericCode(Output o)
    {
        o.Line(Is<int>(5));
        o.Line(Is<int?>(5));
        o.Line(Is<string>(5));
        o.Line(Is<object>(5));
        o.Line(Is<IComparable<int>>(5));
        o.Line(Is<object[]>(new string[0]));
        o.Line(Cast<int>(6));
        o.Line(Cast<int?>(7).Value);
        o.Line(Cast<int?>(null).HasValue);
        o.Line(Cast<string>(null) == null);
        o.Throws(() => Cast<int>(null));
        o.Throws(() => Cast<string>(6));
        o.Throws(() => Cast<long?>(6));
    }

    private static bool IsOf<TValue, TTest>(TValue value) => value is TTest;

    private static bool IsDefault<T>(T value) => value == null;

    internal static void BoxesThatAreOnlyTested(Output o)
    {
        o.Line(IsOf<int, int>(1));
        o.Line(IsOf<int, long>(1));
        o.Line(IsOf<int, IComparable>(1));
        o.Line(IsOf<int, IDisposable>(1));
        o.Line(IsOf<int?, int>(null));
        o.Line(IsOf<int?, int>(1));
        o.Line(IsOf<string, object>("s"));
        o.Line(IsOf<Signed, int>(Signed.One));
        o.Line(IsOf<Point, ValueType>(default));
        o.Line(IsOf<int, object>(1));
        o.Line(IsDefault(0));
        o.Line(IsDefault<int?>(null));
        o.Line(IsDefault<string>(null));
    }

    internal static void VirtualMethodsOfBoxes(Output o)
    {
        object[] boxes = [1, 1L, 'a', true, 1.5m, new Point { X = 4, Name = "n" }, DayOfWeek.Monday];
        foreach (object box in boxes)
        {
            o.Line(box.Equals(box));
        }

        o.Line(boxes[0].Equals(boxes[1]));
        o.Line(boxes[0].GetHashCode());
        o.Line(boxes[2].GetHashCode());
        o.Line(boxes[5].ToString());
        o.Line(boxes[0].GetType() == typeof(int));
        o.Line(((IComparable)boxes[0]).CompareTo(2));
        o.Throws(() => ((IComparable)boxes[0]).CompareTo("x"));
        o.Line(((IFormattable)boxes[4]).ToString("F2", null));
    }
}
