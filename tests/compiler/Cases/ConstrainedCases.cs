// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;

namespace Asterion.Compiler.Cases;

/// <summary>Calls with the constrained prefix (ECMA-335, III.2.1): on structures without a box where the structure has the method, on references through them.</summary>
internal static class ConstrainedCases
{
    private interface IBump
    {
        void Bump();

        int Value { get; }

        int Twice() => Value * 2;
    }

    private struct Bumper : IBump
    {
        private int _value;

        public void Bump() => _value++;

        public readonly int Value => _value;
    }

    private sealed class ClassBumper : IBump
    {
        private int _value;

        public void Bump() => _value += 10;

        public int Value => _value;

        public int Twice() => -_value;
    }

    private static int BumpTwice<T>(ref T target)
        where T : IBump
    {
        target.Bump();
        target.Bump();
        return target.Value;
    }

    internal static void StructsAreChangedInPlace(Output o)
    {
        var bumper = new Bumper();
        o.Line(BumpTwice(ref bumper));
        o.Line(BumpTwice(ref bumper));
        o.Line(bumper.Value);
        var other = new ClassBumper();
        o.Line(BumpTwice(ref other));
        IBump boxed = bumper;
        o.Line(BumpTwice(ref boxed));
        o.Line(bumper.Value);
    }

    private static int CallDefault<T>(T target)
        where T : IBump => target.Twice();

    internal static void DefaultMethodsOfStructs(Output o)
    {
        var bumper = new Bumper();
        bumper.Bump();
        o.Line(CallDefault(bumper));
        o.Line(((IBump)bumper).Twice());
        var other = new ClassBumper();
        other.Bump();
        o.Line(CallDefault(other));
    }

    private struct Plain
    {
        internal int Number;
    }

    private struct Named
    {
        internal int Number;

        public override string ToString()
        {
            Number++;
            return "named " + Number;
        }

        public override int GetHashCode() => Number;

        public override bool Equals(object other) => other is Named named && named.Number == Number;
    }

    private static string TextOf<T>(ref T value) => value.ToString();

    private static int HashOf<T>(ref T value) => value.GetHashCode();

    private static bool Same<T>(ref T value, object other) => value.Equals(other);

    internal static void ObjectsMethodsOverridden(Output o)
    {
        var named = new Named { Number = 1 };
        o.Line(TextOf(ref named));
        o.Line(TextOf(ref named));
        o.Line(HashOf(ref named));
        o.Line(Same(ref named, new Named { Number = 3 }));
        o.Line(Same(ref named, null));
        string text = "text";
        o.Line(TextOf(ref text));
        text = null;
        o.Throws(() => TextOf(ref text));
    }

    internal static void ObjectsMethodsInherited(Output o)
    {
        var plain = new Plain { Number = 7 };
        o.Line(Same(ref plain, new Plain { Number = 7 }));
        o.Line(Same(ref plain, new Plain { Number = 8 }));
        o.Line(HashOf(ref plain) == HashOf(ref plain));
        DayOfWeek day = DayOfWeek.Tuesday;
        o.Line(HashOf(ref day));
        o.Line(Same(ref day, DayOfWeek.Tuesday));
        o.Line(Same(ref day, 2));
    }

    private static bool HasType<T>(T value, Type type) => value.GetType() == type;

    internal static void GetTypeIsNotVirtual(Output o)
    {
        o.Line(HasType(5, typeof(int)));
        o.Line(HasType("s", typeof(string)));
        o.Line(HasType<object>(5, typeof(int)));
        o.Line(HasType<int?>(5, typeof(int)));
        o.Line(HasType(new Plain(), typeof(Plain)));
        o.Throws(() => HasType<int?>(null, typeof(int)));
        o.Throws(() => HasType<string>(null, typeof(int)));
    }

    private static int Order<T>(T left, T right)
        where T : IComparable<T> => left.CompareTo(right);

    private static bool Equal<T>(T left, T right)
        where T : IEquatable<T> => left.Equals(right);

    internal static void PrimitivesByInterface(Output o)
    {
        o.Line(Order(1, 2));
        o.Line(Order(2.5, 2.5));
        o.Line(Order("b", "a"));
        o.Line(Order('a', 'b'));
        o.Line(Order(Guid.Empty, Guid.Empty));
        o.Line(Order(10m, 9m));
        o.Line(Equal(1L, 1L));
        o.Line(Equal("x", "x"));
        o.Line(Equal((nint)1, (nint)2));
    }

    private struct Words(string[] words) : IEnumerable<string>
    {
        public readonly IEnumerator<string> GetEnumerator() => ((IEnumerable<string>)words).GetEnumerator();

        readonly System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => words.GetEnumerator();
    }

    private static int CountObjects<T>(T values)
        where T : IEnumerable<object>
    {
        int count = 0;
        foreach (object value in values)
        {
            count += value.ToString().Length;
        }

        return count;
    }

    // The structure implements the interface of strings, which converts to that of objects.
    internal static void StructsByAVariantInterface(Output o)
    {
        o.Line(CountObjects(new Words(["one", "three"])));
        o.Line(CountObjects(new List<string> { "two" }));
        o.Line(CountObjects(new[] { "a", "b" }));
    }

    private interface IPrinter
    {
        string Print<T>(T value);
    }

    private struct StructPrinter : IPrinter
    {
        private int _count;

        public string Print<T>(T value) => $"{++_count}: {value}";
    }

    private static string PrintAll<TPrinter>(TPrinter printer)
        where TPrinter : IPrinter => printer.Print(1) + " " + printer.Print("two") + " " + printer.Print(3.5);

    internal static void GenericMethodsOfStructs(Output o)
    {
        o.Line(PrintAll(new StructPrinter()));
        o.Line(PrintAll<IPrinter>(new StructPrinter()));
    }

    private static string OnReadOnly<T>(in T value) => value.ToString();

    internal static void ReadOnlyReceiversAreCopied(Output o)
    {
        var named = new Named { Number = 1 };
        o.Line(OnReadOnly(in named));
        o.Line(OnReadOnly(in named));
        o.Line(named.Number);
    }

    private static void DisposeOf<T>(T resource)
        where T : IDisposable
    {
        using (resource)
        {
        }
    }

    private struct Resource(Output o) : IDisposable
    {
        public void Dispose() => o.Line("disposed");
    }

    internal static void DisposingOfStructs(Output o)
    {
        DisposeOf(new Resource(o));
        DisposeOf<IDisposable>(new Resource(o));
        DisposeOf<IDisposable>(null);
        using var resource = new Resource(o);
        o.Line("before");
    }

    private static int SumAll<TList>(TList list)
        where TList : IList<int>
    {
        int sum = 0;
        for (int i = 0; i < list.Count; i++)
        {
            sum += list[i];
        }

        return sum;
    }

    internal static void ArraysByInterface(Output o)
    {
        o.Line(SumAll(new[] { 1, 2, 3 }));
        o.Line(SumAll(new List<int> { 4, 5 }));
        o.Line(SumAll<IList<int>>(new[] { 6 }));
        o.Line(SumAll(new ArraySegment<int>([1, 2, 3, 4], 1, 2)));
    }
}
