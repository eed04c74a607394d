// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Text;

namespace Asterion.Compiler.Cases;

/// <summary>Constructs of C# that the C# compiler turns into more than one thing: order of evaluation, initialisers, handlers of interpolated strings.</summary>
internal static class SyntaxCases
{
    private static readonly List<string> s_log = [];

    private static T Log<T>(string text, T value)
    {
        s_log.Add(text);
        return value;
    }

    private static void Flush(Output o)
    {
        o.Line(string.Join(" ", s_log));
        s_log.Clear();
    }

    private static int Sum(int a, int b, int c = 100) => a + (b * 2) + c;

    internal static void OrderOfEvaluation(Output o)
    {
        o.Line(Sum(b: Log("b", 1), a: Log("a", 2)));
        Flush(o);
        int[] array = [1, 2, 3];
        int index = 0;
        array[index++] = array[index] + index++;
        o.Line(string.Join(" ", array) + index);
        int x = 5;
        x += x++ * 2 + x;
        o.Line(x);
        o.Line(Log("left", 1) + (Log("middle", 2) * Log("right", 3)));
        Flush(o);
        array[Log("index", 1)] += Log("value", 5);
        Flush(o);
        (Log("object", array))[Log("at", 0)] ^= Log("with", 7);
        Flush(o);
    }

    private sealed class Initialised
    {
        internal int Field = Log("field initialiser", 1);
        internal List<int> List { get; } = [1];
        internal Dictionary<string, int> Map { get; } = [];
        internal Initialised Inner { get; set; }

        internal Initialised()
        {
            Log("constructor", 0);
        }

        internal int this[int index]
        {
            set => s_log.Add($"[{index}]={value}");
        }
    }

    internal static void ObjectInitialisers(Output o)
    {
        var made = new Initialised
        {
            Field = Log("first", 2),
            List = { 2, 3 },
            Map = { ["a"] = 1, ["b"] = 2 },
            Inner = new() { Field = 7, [5] = 6 },
            [1] = 2,
        };
        Flush(o);
        o.Line(made.List.Count + made.Map.Count + made.Inner.Field);
    }

    private class Base
    {
        private readonly int _field = Log("base field", 0);

        internal Base()
        {
            Log("base constructor", _field);
            Virtual();
        }

        protected virtual void Virtual() => Log("base virtual", 0);
    }

    private sealed class Derived(int parameter) : Base
    {
        private readonly int _field = Log("derived field", parameter);

        protected override void Virtual() => Log("derived virtual " + _field, 0);
    }

    internal static void OrderOfConstruction(Output o)
    {
        _ = new Derived(5);
        Flush(o);
    }

    [InterpolatedStringHandler]
    private ref struct Handler
    {
        private readonly StringBuilder _text;

        public Handler(int literal, int holes, bool enabled, out bool goesOn)
        {
            _text = enabled ? new StringBuilder($"{literal}/{holes}:") : null;
            goesOn = enabled;
        }

        public readonly void AppendLiteral(string text) => _text.Append(text);

        public readonly void AppendFormatted<T>(T value, int alignment = 0, string format = null) => _text.Append('<').Append(value).Append(alignment).Append(format).Append('>');

        public readonly void AppendFormatted(ReadOnlySpan<char> value) => _text.Append("span ").Append(value);

        public override readonly string ToString() => _text?.ToString() ?? "off";
    }

    private static string Trace(bool enabled, [InterpolatedStringHandlerArgument(nameof(enabled))] Handler handler) => handler.ToString();

    internal static void InterpolationHandlers(Output o)
    {
        o.Line(Trace(true, $"a {Log("one", 1)} b {2.5,8:F2} {"span".AsSpan(1)}"));
        o.Line(Trace(false, $"a {Log("never", 1)}"));
        Flush(o);
        o.Line($"{1,5}|{2,-5}|{3.14159:F2}|{255:X4}|{"text",6}|{true}|{'c'}|{null}|{{}}");
        o.Line($"""{"raw"} "quoted" {1 + 1}""");
        ReadOnlySpan<char> span = "of a span";
        o.Line($"{span}, {Guid.Empty:N}");
    }

    private static string Names([CallerMemberName] string member = "", [CallerArgumentExpression(nameof(value))] string text = "", int value = 0) => member + " " + text + value;

    internal static void CallerInformation(Output o)
    {
        o.Line(Names(value: 1 + 2));
        o.Line(nameof(SyntaxCases) + nameof(List<int>.Count));
    }

    internal static void NullOperators(Output o)
    {
        string none = null;
        List<int> list = null;
        (list ??= []).Add(1);
        list ??= Log<List<int>>("never", null);
        o.Line(list.Count);
        o.Line(none ?? "default");
        o.Line((none?.Length ?? -1) + (list?.Count ?? -1));
        int? number = null;
        number ??= 5;
        o.Line(number.Value);
        o.Line(list?[0].ToString()?.Length.ToString() ?? "none");
        Initialised made = null;
        o.Line(made?.Inner?.Field == null);
        Flush(o);
    }

    internal static void GotoAndLabels(Output o)
    {
        int i = 0, steps = 0;
    Again:
        steps++;
        for (int j = 0; j < 10; j++)
        {
            if (j == i)
            {
                i += 2;
                if (i < 8)
                {
                    goto Again;
                }

                goto Done;
            }
        }

    Done:
        o.Line($"{i} {steps}");
    }

    private readonly struct Money(long cents)
    {
        internal long Cents => cents;

        public static Money operator +(Money a, Money b) => new(a.Cents + b.Cents);

        public static Money operator checked +(Money a, Money b) => new(checked(a.Cents + b.Cents));

        public static Money operator -(Money a) => new(-a.Cents);

        public static Money operator ++(Money a) => new(a.Cents + 1);

        public static bool operator true(Money a) => a.Cents != 0;

        public static bool operator false(Money a) => a.Cents == 0;

        public static Money operator &(Money a, Money b) => new(Math.Min(a.Cents, b.Cents));

        public static Money operator |(Money a, Money b) => new(Math.Max(a.Cents, b.Cents));

        public static Money operator >>>(Money a, int by) => new(a.Cents >>> by);

        public static bool operator ==(Money a, Money b) => a.Cents == b.Cents;

        public static bool operator !=(Money a, Money b) => !(a == b);

        public static implicit operator Money(long cents) => new(cents);

        public static explicit operator int(Money a) => unchecked((int)a.Cents);

        public static explicit operator checked int(Money a) => checked((int)a.Cents);

        public override bool Equals(object other) => other is Money money && money == this;

        public override int GetHashCode() => cents.GetHashCode();
    }

    internal static void UserOperators(Output o)
    {
        Money a = 5, b = 7, zero = 0;
        o.Line((a + b).Cents);
        o.Line((-a).Cents);
        Money c = a++;
        o.Line(c.Cents * 10 + a.Cents);
        o.Line((++a).Cents);
        o.Line((zero && b).Cents);
        o.Line((a || b).Cents);
        o.Line(a ? "some" : "none");
        o.Line(((Money)(-8) >>> 60).Cents);
        Money large = long.MaxValue;
        o.Line(unchecked(large + 1).Cents);
        o.Throws(() => _ = checked(large + 1));
        o.Line(unchecked((int)large));
        o.Throws(() => o.Line(checked((int)large)));
        o.Line(a == 7);
    }

    internal static void CollectionInitialisers(Output o)
    {
        List<int> list = [1, .. Enumerable.Range(2, 3), .. new[] { 5 }];
        HashSet<string> set = ["a", "b", "a"];
        IReadOnlyList<int> readOnly = [1, 2];
        IEnumerable<char> letters = ['x', 'y'];
        int[][] nested = [[1], [2, 3], []];
        Dictionary<int, string[]> map = new() { { 1, ["one"] }, { 2, [] } };
        o.Line(string.Join(" ", list));
        o.Line(set.Count + readOnly.Count + nested[1].Length + map[1].Length);
        o.Line(string.Concat(letters));
    }

    private static int Params(params int[] values) => values.Sum();

    private static string Overload(object value) => "object";

    private static string Overload(long value) => "long";

    private static string Overload(int? value) => "nullable";

    private static string Overload(IEnumerable<char> value) => "characters";

    internal static void ParamsAndOverloads(Output o)
    {
        o.Line(Params());
        o.Line(Params(1, 2, 3));
        o.Line(Params([4, 5]));
        o.Line(Overload(1L));
        o.Line(Overload("s"));
        o.Line(Overload((object)1));
        o.Line(Overload(1.5));
        o.Line(Overload((int?)null));
    }

    internal static void CheckedContexts(Output o)
    {
        int large = int.MaxValue;
        checked
        {
            o.Throws(() => large++);
            o.Throws(() => large += 1);
            o.Line(unchecked(large + 1));
            o.Throws(() => { uint u = (uint)(large - int.MaxValue - 1); o.Line(u); });
        }

        unchecked
        {
            o.Throws(() => o.Line(checked(large * 2)));
            o.Line(large * 2);
        }
    }
}
