// SPDX-License-Identifier: MPL-2.0

using System;

namespace Asterion.Compiler.Cases;

/// <summary>Structures: when they are copied, and when two names mean one of them.</summary>
internal static class StructCases
{
    private struct Inner
    {
        internal int Number;
        internal string Text;
    }

    private struct Outer
    {
        internal Inner First;
        internal Inner Second;
        internal long Tail;

        internal void Swap() => (First, Second) = (Second, First);

        internal readonly int Sum() => First.Number + Second.Number;

        internal ref Inner Choose(ref Outer self, bool second) => ref second ? ref self.Second : ref self.First;
    }

    private static Outer s_outer;

    internal static void AssignmentCopies(Output o)
    {
        var first = new Outer { Tail = 1 };
        first.First.Number = 5;
        Outer second = first;
        second.First.Number = 6;
        second.Tail = 2;
        o.Line(first.First.Number * 10 + second.First.Number);
        Inner part = second.First;
        part.Number = 7;
        o.Line(second.First.Number);
        s_outer = first;
        s_outer.First.Number++;
        o.Line(first.First.Number * 10 + s_outer.First.Number);
    }

    private static int Change(Outer value)
    {
        value.First.Number = 100;
        return value.Sum();
    }

    private static void ChangeByRef(ref Outer value) => value.Second.Number = 200;

    internal static void ArgumentsAreCopies(Output o)
    {
        Outer value = default;
        o.Line(Change(value));
        o.Line(value.Sum());
        ChangeByRef(ref value);
        o.Line(value.Sum());
        o.Line(Change(value));
        o.Line(value.Sum());
    }

    private static Outer Both(in Outer left, ref Outer right)
    {
        right.First.Number++;
        return new Outer { First = left.First, Second = right.First };
    }

    internal static void AnArgumentThatAliasesTheResult(Output o)
    {
        var value = new Outer { First = new Inner { Number = 1, Text = "one" } };
        value = Both(in value, ref value);
        o.Line(value.First.Number * 10 + value.Second.Number);
        value = new Outer { First = value.Second, Second = value.First, Tail = value.Tail + 1 };
        o.Line(value.First.Number * 10 + value.Second.Number);
        value.Swap();
        value.Swap();
        value.Swap();
        o.Line(value.Second.Number);
    }

    internal static void FieldsByReference(Output o)
    {
        Outer value = default;
        ref Inner inner = ref value.Choose(ref value, true);
        inner.Number = 3;
        inner.Text = "second";
        o.Line(value.Second.Number);
        o.Line(value.Second.Text);
        ref int number = ref value.First.Number;
        value = default;
        number = 9;
        o.Line(value.First.Number + inner.Number);
    }

    private readonly struct Immutable(int value)
    {
        internal readonly int Value = value;

        internal Immutable With(int value) => new(value);
    }

    private sealed class Holder
    {
        internal readonly Outer Fixed;
        internal Outer Free;
    }

    // A method that may change a read-only structure gets a copy.
    internal static void ReadOnlyFieldsAreCopiedForCalls(Output o)
    {
        var holder = new Holder();
        holder.Free.First.Number = 4;
        holder.Free.Swap();
        o.Line(holder.Free.Second.Number);
        holder.Fixed.Swap();
        o.Line(holder.Fixed.Sum());
        Immutable one = new(1);
        o.Line(one.With(2).Value + one.Value);
    }

    private struct Chain
    {
        internal int Steps;

        internal Chain Next()
        {
            Steps++;
            return this;
        }
    }

    internal static void ChainsOfCallsWorkOnCopies(Output o)
    {
        Chain chain = default;
        o.Line(chain.Next().Next().Next().Steps);
        o.Line(chain.Steps);
        Func<Chain> bound = chain.Next;
        bound();
        bound();
        o.Line(bound().Steps);
        o.Line(chain.Steps);
    }

    private struct SelfAssigning
    {
        internal int X;
        internal int Y;

        internal SelfAssigning(int x)
            : this()
        {
            X = x;
        }

        internal void Reset() => this = new SelfAssigning(9);

        internal void Add(SelfAssigning other)
        {
            X += other.X;
            this = this with { Y = X + other.Y };
        }
    }

    internal static void ThisIsAssigned(Output o)
    {
        var value = new SelfAssigning { X = 1, Y = 2 };
        value.Add(value);
        o.Line(value.X * 10 + value.Y);
        value.Reset();
        o.Line(value.X * 10 + value.Y);
    }

    private struct Initialised
    {
        internal int Number = 5;
        internal string Text = "set";

        public Initialised()
        {
            Number++;
        }
    }

    internal static void ConstructorsWithoutParameters(Output o)
    {
        o.Line(new Initialised().Number);
        o.Line(default(Initialised).Number);
        o.Line((new Initialised[1])[0].Text == null);
        o.Line(Make<Initialised>().Number);
        o.Line(Make<Chain>().Steps);
        o.Line(Make<DateTime>() == default);
    }

    private static T Make<T>()
        where T : new() => new();

    internal static void ConstructorsThatThrow(Output o)
    {
        var value = new Guarded(5);
        o.Throws(() => value = new Guarded(-1));
        o.Line(value.Number);
        try
        {
            value = new Guarded(-2);
        }
        catch (ArgumentException)
        {
            o.Line(value.Number);
        }
    }

    private readonly struct Guarded
    {
        internal readonly int Number;

        internal Guarded(int number)
        {
            Number = number;
            if (number < 0)
            {
                throw new ArgumentException("negative");
            }
        }
    }

    internal static void InstancesFromConditionals(Output o)
    {
        foreach (bool flag in new[] { true, false })
        {
            Outer chosen = flag ? new Outer { Tail = 1 } : new Outer { First = new Inner { Number = 2 }, Tail = 3 };
            o.Line(chosen.Tail * 10 + chosen.Sum());
            Outer? perhaps = flag ? chosen : null;
            o.Line((perhaps?.Tail ?? -1) + (perhaps.HasValue ? 0 : 100));
        }
    }

    private struct Large
    {
        internal long A, B, C, D, E, F, G, H;
        internal string Last;
    }

    private static Large Fill(Large value, long by, int depth)
    {
        value.A += by;
        value.H += value.A;
        value.Last += depth;
        return depth == 0 ? value : Fill(value, by, depth - 1);
    }

    internal static void LargeOnesThroughRecursion(Output o)
    {
        Large start = default;
        Large end = Fill(start, 3, 5);
        o.Line(end.A);
        o.Line(end.H);
        o.Line(end.Last);
        o.Line(start.Last == null);
    }

    private struct OneByte
    {
        internal byte Value;
    }

    private struct Empty;

    internal static unsafe void SizesWithoutReferences(Output o)
    {
        o.Line(sizeof(OneByte));
        o.Line(sizeof(Empty));
        o.Line(sizeof(Guid));
        o.Line(sizeof(decimal));
        o.Line(sizeof(DateTime));
        o.Line(sizeof((int, long)) == 16);
        o.Line(sizeof(Int128));
        o.Line(sizeof(Half));
        o.Line(new OneByte[5].Length);
        o.Line(sizeof(int?));
    }

    internal static void EqualityByFields(Output o)
    {
        var left = new Inner { Number = 1, Text = "t" };
        var right = new Inner { Number = 1, Text = new string('t', 1) };
        o.Line(left.Equals(right));
        right.Number = 2;
        o.Line(left.Equals(right));
        o.Line(new OneByte { Value = 5 }.Equals(new OneByte { Value = 5 }));
        o.Line(left.Equals(null));
        o.Line(left.Equals(5));
        o.Line(left.GetHashCode() == new Inner { Number = 1, Text = "t" }.GetHashCode());
        o.Line(new FloatPair { X = 0.0 }.Equals(new FloatPair { X = -0.0 }));
        o.Line(new FloatPair { X = double.NaN }.Equals(new FloatPair { X = double.NaN }));
    }

    private struct FloatPair
    {
        internal double X;
        internal float Y;
    }
}
