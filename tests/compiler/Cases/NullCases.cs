// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;

namespace Asterion.Compiler.Cases;

/// <summary>What an access through null throws: a check stands at each, however far the field.</summary>
internal static class NullCases
{
    [InlineArray(1 << 20)]
    private struct Megabyte
    {
        private byte _first;
    }

    private class Large
    {
        internal int Near = 1;
        internal Megabyte Middle;
        internal long Far;
        internal string Text;
        internal (int A, string B) Pair;

        internal void Method()
        {
        }

        internal virtual int Virtual() => Near;

        internal int Property => Near;
    }

    private static Large s_none;

    internal static void FieldsNearAndFar(Output o)
    {
        Large none = s_none;
        o.Throws(() => o.Line(none.Near));
        o.Throws(() => o.Line(none.Middle[1000]));
        o.Throws(() => o.Line(none.Far));
        o.Throws(() => o.Line(none.Text));
        o.Throws(() => o.Line(none.Pair.B));
        o.Throws(() => none.Near = 1);
        o.Throws(() => none.Far++);
        o.Throws(() => none.Text = "x");
        o.Throws(() => none.Pair = (1, "x"));
        o.Throws(() => none.Pair.A = 1);
    }

    internal static void AddressesOfFields(Output o)
    {
        Large none = s_none;
        o.Throws(() =>
        {
            ref long far = ref none.Far;
            o.Line("never");
        });
        o.Throws(() => Set(ref none.Near, 1));
        o.Throws(() => Set(ref none.Pair.B, "x"));
        o.Throws(() => _ = none.Pair.ToString());
        o.Throws(() => ((Span<byte>)none.Middle).Clear());
    }

    private static void Set<T>(ref T place, T value) => place = value;

    internal static void Methods(Output o)
    {
        Large none = s_none;
        o.Throws(() => none.Method());
        o.Throws(() => none.Virtual());
        o.Throws(() => o.Line(none.Property));
        o.Throws(() => none.ToString());
        o.Throws(() => none.GetType());
        o.Line(none is null);
        o.Line(none?.Near ?? -1);
        o.Line(none?.Text?.Length == null);
        o.Line(Equals(none, null));
    }

    internal static void Arrays(Output o)
    {
        int[] ints = null;
        string[] strings = null;
        Large[] objects = new Large[1];
        o.Throws(() => o.Line(ints[0]));
        o.Throws(() => ints[5] = 1);
        o.Throws(() => o.Line(ints.Length));
        o.Throws(() => strings[0] = "x");
        o.Throws(() => Set(ref strings[0], "x"));
        o.Throws(() => o.Line(objects[0].Near));
        o.Throws(() => { foreach (int i in ints) { o.Line(i); } });
        o.Line(ints?[0] == null);
    }

    internal static void StringsAndDelegates(Output o)
    {
        string text = null;
        Action action = null;
        Func<Large, int> function = l => l.Near;
        o.Throws(() => o.Line(text.Length));
        o.Throws(() => o.Line(text[0]));
        o.Throws(() => text.Trim());
        o.Line(text + null + "x");
        o.Line($"{text}!");
        o.Line(text == null && text != "");
        o.Line(string.IsNullOrEmpty(text));
        o.Throws(() => action());
        o.Throws(() => function(null));
        o.Throws(() => { foreach (char c in text) { o.Line(c); } });
    }

    internal static void ThrowLockUsing(Output o)
    {
        Exception none = null;
        object gate = null;
        o.Throws(() => throw none);
        o.Throws(() => { lock (gate) { o.Line("never"); } });
        using (IDisposable resource = null)
        {
            o.Line("using nothing");
        }

        IEnumerable<int> sequence = null;
        o.Throws(() => { foreach (int i in sequence) { o.Line(i); } });
        List<int> list = null;
        o.Throws(() => list.Add(1));
        o.Throws(() => o.Line(list[0]));
        o.Throws(() => _ = new List<int>((IEnumerable<int>)null));
    }

    internal static void UnboxingAndCasts(Output o)
    {
        object none = null;
        o.Throws(() => o.Line((int)none));
        o.Throws(() => o.Line((DayOfWeek)none == 0));
        o.Throws(() => o.Line(((Guid)none).ToString()));
        o.Line((string)none == null);
        o.Line((int?)none == null);
        o.Line(none is int?);
        o.Line(none as Large == null);
        o.Throws(() => o.Line(((IComparable)none).CompareTo(1)));
    }

    internal static void CaughtWhereItHappens(Output o)
    {
        int caught = 0;
        Large[] objects = [new Large(), null, new Large(), null];
        foreach (Large each in objects)
        {
            try
            {
                each.Near++;
                caught += each.Near;
            }
            catch (NullReferenceException)
            {
                caught += 100;
            }
        }

        o.Line(caught);
    }

    private static int Order(Output o, string text)
    {
        o.Line(text);
        return 1;
    }

    internal static void ArgumentsAreEvaluatedFirst(Output o)
    {
        Large none = s_none;
        int[] ints = null;
        o.Throws(() => none.Near = Order(o, "value of a field"));
        o.Throws(() => ints[Order(o, "index")] = Order(o, "element"));
        Action<int> action = null;
        o.Throws(() => action(Order(o, "argument of a delegate")));
        IComparable<int> comparable = null;
        o.Throws(() => comparable.CompareTo(Order(o, "argument of an interface")));
    }
}
