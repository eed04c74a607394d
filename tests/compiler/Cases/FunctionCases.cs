// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Linq;

namespace Asterion.Compiler.Cases;

/// <summary>Delegates of every form, and function pointers.</summary>
internal static class FunctionCases
{
    private class Animal
    {
        internal virtual string Name() => "animal";

        internal string Plain(int times) => times + Name();
    }

    private sealed class Cat : Animal
    {
        internal override string Name() => "cat";
    }

    private static string Describe(this Animal animal, int number) => (animal?.Name() ?? "nobody") + number;

    internal static void OverExtensionMethods(Output o)
    {
        var cat = new Cat();
        Func<int, string> describe = cat.Describe;
        o.Line(describe(5));
        Animal none = null;
        describe = none.Describe;
        o.Line(describe(6));
        o.Line(describe.Target == null);
        Func<string> upper = "text".ToUpperInvariant;
        o.Line(upper());
        Func<IEnumerable<int>> distinct = new[] { 1, 1, 2 }.Distinct;
        o.Line(distinct().Count());
    }

    internal static void VirtualMethodsAreBoundWhenMade(Output o)
    {
        Animal animal = new Cat();
        Func<string> name = animal.Name;
        animal = new Animal();
        o.Line(name());
        Func<int, string> plain = new Cat().Plain;
        o.Line(plain(2));
        Func<object, bool> equals = animal.Equals;
        o.Line(equals(animal));
        o.Line(equals(name));
        Func<string> text = 5.ToString;
        o.Line(text());
    }

    internal static void OfANullReceiver(Output o)
    {
        Animal none = null;
        o.Throws(() => { Func<string> name = none.Name; });
        o.Throws(() => { Func<int, string> plain = none.Plain; });
        Action nothing = null;
        o.Throws(() => nothing());
        o.Throws(() => { Action again = nothing.Invoke; });
        nothing?.Invoke();
    }

    private interface INumber
    {
        int Get(int more);

        int Double(int more) => Get(more) * 2;
    }

    private struct Number : INumber
    {
        internal int Value;

        public int Get(int more) => Value += more;
    }

    internal static void OverInterfacesAndBoxes(Output o)
    {
        INumber number = new Number { Value = 10 };
        Func<int, int> get = number.Get;
        o.Line(get(1));
        o.Line(get(1));
        o.Line(number.Get(0));
        Func<int, int> twice = number.Double;
        o.Line(twice(3));
        var plain = new Number { Value = 1 };
        Func<int, int> copy = plain.Get;
        copy(5);
        o.Line(plain.Value);
        o.Line(copy(0));
    }

    internal static void MulticastReturnsTheLast(Output o)
    {
        var calls = new List<int>();
        Func<int, int> chain = v => { calls.Add(1); return v; };
        chain += v => { calls.Add(2); return v * 2; };
        chain += v => { calls.Add(3); return v * 3; };
        o.Line(chain(5));
        o.Line(string.Join(" ", calls));
        o.Line(chain.GetInvocationList().Length);
        o.Line(chain.GetInvocationList().Cast<Func<int, int>>().Sum(f => f(1)));
        Func<Guid, (int, string, Guid)> structs = g => (1, "a", g);
        structs += g => (2, "b", g);
        o.Line(structs(Guid.Empty).Item2);
    }

    internal static void CombineAndRemove(Output o)
    {
        var log = new List<string>();
        Action a = () => log.Add("a"), b = () => log.Add("b"), c = () => log.Add("c");
        Action all = a + b + c + b;
        all -= b;
        all();
        (all - (a + b))();
        Action rest = all - a - b - c;
        o.Line(rest == null);
        o.Line((all - (Action)(() => { })) == all);
        Action none = null;
        none += a;
        o.Line(none == a);
        o.Line(a + b == a + b);
        o.Line(a + b == b + a);
        o.Line((a + b).GetHashCode() == (a + b).GetHashCode());
        o.Line(string.Concat(log));
    }

    internal static void ExceptionsEndAMulticast(Output o)
    {
        int reached = 0;
        Action chain = () => reached++;
        chain += () => throw new InvalidOperationException();
        chain += () => reached += 100;
        o.Throws(chain);
        o.Line(reached);
    }

    private static string Join(object left, string right) => $"{left}{right}";

    internal static void Variance(Output o)
    {
        Func<string, string, object> join = Join;
        o.Line(join("a", "b").ToString());
        Func<Cat> make = () => new Cat();
        Func<Animal> animals = make;
        o.Line(animals().Name());
        Action<object> show = v => o.Line(v.ToString());
        Action<string> showText = show;
        showText("contravariant");
        Func<object, Cat> both = _ => new Cat();
        Func<Animal, Animal> converted = both;
        o.Line(converted(null).Name());
        o.Line(ReferenceEquals(both, converted));
        IEnumerable<Func<object>> list = new List<Func<string>> { () => "from a list" };
        o.Line(list.First()().ToString());
    }

    private static T Identity<T>(T value) => value;

    private static Func<T, T> MakeIdentity<T>() => Identity;

    internal static void OverGenericMethods(Output o)
    {
        o.Line(MakeIdentity<int>()(5));
        o.Line(MakeIdentity<string>()("s"));
        o.Line(MakeIdentity<(int, long)>()((1, 2)).Item2);
        Func<int, int> first = Identity, second = Identity;
        o.Line(first == second);
        o.Line(new Box<string>("boxed").Getter()());
        o.Line(new Box<int>(8).Getter()());
    }

    private sealed class Box<T>(T value)
    {
        internal Func<T> Getter() => Get;

        private T Get() => value;
    }

    private delegate int ManyArguments(int a, long b, double c, string d, Guid e, ref int f, byte g, (int, int) h);

    private static int Many(int a, long b, double c, string d, Guid e, ref int f, byte g, (int, int) h) => a + (int)b + (int)c + d.Length + e.ToByteArray()[0] + ++f + g + h.Item1 + h.Item2;

    internal static void ManyParameters(Output o)
    {
        ManyArguments many = Many;
        int place = 10;
        o.Line(many(1, 2, 3, "four", new Guid(5, 0, 0, new byte[8]), ref place, 7, (8, 9)));
        many += (int a, long b, double c, string d, Guid e, ref int f, byte g, (int, int) h) => f *= h.Item2;
        o.Line(many(1, 2, 3, "four", Guid.Empty, ref place, 7, (8, 9)));
        ManyArguments instance = new Summer { Bias = 100 }.Sum;
        o.Line(instance(1, 2, 3, "four", Guid.Empty, ref place, 7, (8, 9)));
    }

    private struct Summer
    {
        internal int Bias;

        internal readonly int Sum(int a, long b, double c, string d, Guid e, ref int f, byte g, (int, int) h) => Bias + Many(a, b, c, d, e, ref f, g, h);
    }

    internal static unsafe void FunctionPointers(Output o)
    {
        delegate*<int, int, int> add = &Add;
        o.Line(add(2, 3));
        delegate*<object, string, string> join = &Join;
        o.Line(join(1, "x"));
        delegate*<Guid, (Guid, int)> structs = &Pair;
        o.Line(structs(Guid.Empty).Item2);
        delegate*<ref int, void> change = &Increment;
        int value = 4;
        change(ref value);
        o.Line(value);
        o.Line(Apply(&Identity, "generic"));
    }

    private static int Add(int left, int right) => left + right;

    private static (Guid, int) Pair(Guid id) => (id, 42);

    private static void Increment(ref int value) => value++;

    private static unsafe T Apply<T>(delegate*<T, T> function, T value) => function(value);

    internal static void DelegatesOfDelegates(Output o)
    {
        Func<int, int> square = v => v * v;
        Func<int, int> again = square.Invoke;
        o.Line(again(7));
        Func<Func<int, int>, Func<int, int>> twice = f => v => f(f(v));
        o.Line(twice(twice(square))(2));
        Func<int, Func<int, Func<int, int>>> curried = a => b => c => (a * 100) + (b * 10) + c;
        o.Line(curried(1)(2)(3));
    }

    internal static void TargetsAndNames(Output o)
    {
        var cat = new Cat();
        Func<string> name = cat.Name;
        o.Line(ReferenceEquals(name.Target, cat));
        Func<int, int> pure = Identity;
        o.Line(pure.Target == null);
        o.Line(name.Equals((Func<string>)cat.Name));
        o.Line(name.Equals((Func<string>)new Cat().Name));
        o.Line(name == null);
        object boxed = name;
        o.Line(boxed is Func<object>);
        o.Line(boxed is Delegate);
    }
}
