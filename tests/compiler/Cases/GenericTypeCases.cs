// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Linq;

namespace Asterion.Compiler.Cases;

/// <summary>Generic types and methods: every instantiation has its own statics, its own code and its own type.</summary>
internal static class GenericTypeCases
{
    private class Counted<T>
    {
        internal static int s_made;
        internal static readonly string s_kind = typeof(T) == typeof(int) ? "int" : typeof(T).IsValueType ? "value" : "reference";

        internal Counted() => s_made++;

        internal class Nested<TInner>
        {
            internal static T s_outer;
            internal static TInner s_inner;
        }
    }

    internal static void StaticsOfEachInstantiation(Output o)
    {
        _ = new Counted<int>();
        _ = new Counted<int>();
        _ = new Counted<string>();
        _ = new Counted<object>();
        o.Line(Counted<int>.s_made * 100 + Counted<string>.s_made * 10 + Counted<object>.s_made);
        o.Line(Counted<int>.s_kind + Counted<long>.s_kind + Counted<string>.s_kind);
        Counted<int>.Nested<string>.s_inner = "inner";
        Counted<int>.Nested<string>.s_outer = 5;
        o.Line(Counted<int>.Nested<object>.s_inner == null);
        o.Line(Counted<long>.Nested<string>.s_inner == null);
        o.Line(Counted<int>.Nested<string>.s_inner + Counted<int>.Nested<string>.s_outer);
        Counted<int>.s_made = Counted<string>.s_made = Counted<object>.s_made = 0;
    }

    private abstract class Comparable<TSelf> : IComparable<TSelf>
        where TSelf : Comparable<TSelf>
    {
        internal abstract int Key { get; }

        public int CompareTo(TSelf other) => Key.CompareTo(other.Key);

        internal TSelf Larger(TSelf other) => CompareTo(other) >= 0 ? (TSelf)this : other;
    }

    private sealed class Weight(int key) : Comparable<Weight>
    {
        internal override int Key => key;
    }

    internal static void TypesThatNameThemselves(Output o)
    {
        o.Line(new Weight(5).Larger(new Weight(7)).Key);
        o.Line(new[] { new Weight(3), new Weight(1), new Weight(2) }.Min().Key);
    }

    private class Node<T>
    {
        internal T Value;
        internal Node<T> Next;
        internal Node<Node<T>> Deeper;
    }

    internal static void TypesThatContainThemselves(Output o)
    {
        var node = new Node<int> { Value = 1, Next = new Node<int> { Value = 2 } };
        node.Deeper = new Node<Node<int>> { Value = node };
        o.Line(node.Deeper.Value.Next.Value);
    }

    private static string Kind<T>() => typeof(T) == typeof(int) ? "int" : typeof(T) == typeof(string) ? "string" : default(T) is null ? "another reference" : "another value";

    private static string Kinds<T1, T2>() => Kind<T1>() + ", " + Kind<T2>();

    internal static void TypeTestsOnParameters(Output o)
    {
        o.Line(Kinds<int, string>());
        o.Line(Kinds<string, int>());
        o.Line(Kinds<object, Guid>());
        o.Line(Kinds<int?, int[]>());
        o.Line(Kind<(int, int)>());
    }

    private static T Default<T>() => default;

    internal static void DefaultValues(Output o)
    {
        o.Line(Default<int>());
        o.Line(Default<string>() == null);
        o.Line(Default<int?>().HasValue);
        o.Line(Default<(int, string)>().Item2 == null);
        o.Line(Default<DayOfWeek>() == DayOfWeek.Sunday);
        o.Line(Default<Guid>().ToString());
        o.Line(Default<int[]>() == null);
        o.Line(Default<bool>());
    }

    private static bool AreEqual<T>(T left, T right) => EqualityComparer<T>.Default.Equals(left, right);

    private static int Order<T>(T left, T right) => Comparer<T>.Default.Compare(left, right);

    private struct Plain
    {
        internal int X;
    }

    internal static void DefaultComparers(Output o)
    {
        o.Line(AreEqual(1, 1));
        o.Line(AreEqual("a", new string('a', 1)));
        o.Line(AreEqual<object>(1, 1));
        o.Line(AreEqual<int?>(null, null));
        o.Line(AreEqual<int?>(1, null));
        o.Line(AreEqual(new Plain { X = 1 }, new Plain { X = 1 }));
        o.Line(AreEqual(DayOfWeek.Monday, DayOfWeek.Monday));
        o.Line(Order(1, 2));
        o.Line(Order<int?>(null, 0));
        o.Line(Order<string>(null, "a"));
        o.Line(Order(DayOfWeek.Friday, DayOfWeek.Monday) > 0);
        o.Line(Order((1, "b"), (1, "a")));
        o.Throws(() => Order(new Plain(), new Plain { X = 1 }));
        o.Line(AreEqual(double.NaN, double.NaN));
    }

    private interface IHasName
    {
        string Name { get; }
    }

    private sealed class Named : IHasName
    {
        public string Name { get; set; } = "unnamed";
    }

    private static T Create<T>(Action<T> change)
        where T : class, IHasName, new()
    {
        var made = new T();
        change(made);
        return made;
    }

    private static unsafe int Size<T>()
        where T : unmanaged => sizeof(T);

    private static TEnum Parse<TEnum>(int value)
        where TEnum : struct, Enum => (TEnum)(object)value;

    private static void Call<TDelegate>(TDelegate target)
        where TDelegate : Delegate => ((Action)(Delegate)target)();

    internal static void Constraints(Output o)
    {
        o.Line(Create<Named>(n => n.Name = "created").Name);
        o.Line(Create<Named>(_ => { }).Name);
        o.Line(Size<long>() + Size<(byte, int)>());
        o.Line(Parse<DayOfWeek>(3) == DayOfWeek.Wednesday);
        Call(() => o.Line("called"));
    }

    private class Animal
    {
        public virtual string Sound() => "none";
    }

    private sealed class Dog : Animal
    {
        public override string Sound() => "woof";
    }

    private static string SoundOf<T>(T animal)
        where T : Animal => animal.Sound();

    private static TBase Upcast<TBase, TDerived>(TDerived value)
        where TDerived : TBase => value;

    internal static void ConstraintsToClasses(Output o)
    {
        o.Line(SoundOf(new Dog()));
        o.Line(SoundOf<Animal>(new Dog()));
        o.Line(Upcast<Animal, Dog>(new Dog()).Sound());
        o.Line(Upcast<IComparable, int>(5).CompareTo(5));
        o.Line(Upcast<object, Guid>(Guid.Empty).ToString());
    }

    private sealed class Matrix<TKey, TValue>
        where TKey : IEquatable<TKey>
    {
        private readonly List<KeyValuePair<TKey, TValue>> _entries = [];

        internal TValue this[TKey key]
        {
            get => _entries.First(e => e.Key.Equals(key)).Value;
            set
            {
                _entries.RemoveAll(e => e.Key.Equals(key));
                _entries.Add(new(key, value));
            }
        }

        internal Matrix<TKey, TResult> Map<TResult>(Func<TValue, TResult> map)
        {
            var result = new Matrix<TKey, TResult>();
            foreach ((TKey key, TValue value) in _entries)
            {
                result[key] = map(value);
            }

            return result;
        }
    }

    internal static void MethodsWithOwnParameters(Output o)
    {
        var matrix = new Matrix<string, int> { ["a"] = 1, ["b"] = 2 };
        matrix["a"] = 10;
        o.Line(matrix.Map(v => v * 1.5)["a"].ToString());
        o.Line(matrix.Map(v => "v" + v).Map(s => s.Length)["b"]);
        o.Throws(() => o.Line(matrix["c"]));
    }

    private class Base<T>
    {
        internal virtual string Show(T value) => "base " + value;
    }

    private class OfInt : Base<int>
    {
        internal override string Show(int value) => "int " + base.Show(value);
    }

    private sealed class Again<T> : Base<List<T>>
    {
        internal override string Show(List<T> value) => string.Join("+", value) + typeof(T).IsValueType;
    }

    internal static void OverridesInInstantiations(Output o)
    {
        Base<int> ints = new OfInt();
        o.Line(ints.Show(5));
        Base<List<string>> lists = new Again<string>();
        o.Line(lists.Show(["a", "b"]));
        Base<List<int>> numbers = new Again<int>();
        o.Line(numbers.Show([1, 2]));
        o.Line(new Base<int>().Show(1));
    }

    internal static void TypesOfObjects(Output o)
    {
        o.Line(new List<int>().GetType() == typeof(List<int>));
        o.Line(new List<int>().GetType() == typeof(List<long>));
        o.Line(new Counted<string>().GetType() == new Counted<object>().GetType());
        o.Line(typeof(Dictionary<,>) == typeof(Dictionary<,>));
        o.Line(new int[1, 1].GetType() == typeof(int[,]));
        o.Line(new int[1][].GetType() == typeof(int[][]));
        Counted<string>.s_made = Counted<object>.s_made = 0;
    }
}
