// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Linq;

namespace Asterion.Compiler.Cases;

/// <summary>Variance of interfaces and delegates (ECMA-335, II.9.9), in casts and in calls.</summary>
internal static class VarianceCases
{
    private class Animal
    {
        public override string ToString() => "animal";
    }

    private class Dog : Animal
    {
        public override string ToString() => "dog";
    }

    private sealed class Puppy : Dog
    {
        public override string ToString() => "puppy";
    }

    private interface IProducer<out T>
    {
        T Make();

        string Pack<TBox>(TBox box) => $"{box} with {Make()}";
    }

    private interface IConsumer<in T>
    {
        string Take(T value);

        string TakeAll<TList>(TList list)
            where TList : class;
    }

    private interface ITransform<in TIn, out TOut>
    {
        TOut Apply(TIn value);
    }

    private sealed class Kennel : IProducer<Puppy>, IConsumer<Animal>
    {
        public Puppy Make() => new();

        public string Take(Animal value) => "took a " + value;

        public string TakeAll<TList>(TList list)
            where TList : class => "took all of " + (list is IEnumerable<Dog>);
    }

    internal static void Covariance(Output o)
    {
        IProducer<Puppy> puppies = new Kennel();
        IProducer<Dog> dogs = puppies;
        IProducer<Animal> animals = dogs;
        IProducer<object> objects = animals;
        o.Line(puppies.Make().ToString());
        o.Line(dogs.Make().ToString());
        o.Line(animals.Make().ToString());
        o.Line(objects.Make().ToString());
        o.Line(ReferenceEquals(puppies, objects));
    }

    internal static void Contravariance(Output o)
    {
        IConsumer<Animal> animals = new Kennel();
        IConsumer<Dog> dogs = animals;
        IConsumer<Puppy> puppies = dogs;
        o.Line(dogs.Take(new Dog()));
        o.Line(puppies.Take(new Puppy()));
        o.Line((object)animals is IConsumer<object>);
    }

    internal static void GenericMethodsOfVariantInterfaces(Output o)
    {
        IProducer<Animal> animals = new Kennel();
        o.Line(animals.Pack("box"));
        o.Line(animals.Pack(5));
        IProducer<Puppy> exact = new Kennel();
        o.Line(exact.Pack(1.5));
        IConsumer<Puppy> puppies = new Kennel();
        o.Line(puppies.TakeAll("text"));
        o.Line(puppies.TakeAll(new List<Puppy>()));
    }

    private sealed class Describe : ITransform<object, string>
    {
        public string Apply(object value) => "described " + value;
    }

    internal static void BothDirections(Output o)
    {
        ITransform<object, string> exact = new Describe();
        ITransform<string, object> varied = exact;
        ITransform<Dog, IComparable> further = exact;
        o.Line(varied.Apply("x").ToString());
        o.Line(further.Apply(new Puppy()).ToString());
    }

    private sealed class Two : IProducer<Dog>, IProducer<string>
    {
        Dog IProducer<Dog>.Make() => new();

        string IProducer<string>.Make() => "text";
    }

    internal static void TheExactOneIsPreferred(Output o)
    {
        var two = new Two();
        o.Line(((IProducer<Dog>)two).Make().ToString());
        o.Line(((IProducer<string>)two).Make());
        o.Line(((IProducer<Animal>)two).Make().ToString());
        o.Line(((IProducer<IComparable>)two).Make().ToString());
    }

    internal static void ValueTypesHaveNone(Output o)
    {
        object ints = new List<int> { 1 };
        o.Line(ints is IEnumerable<int>);
        o.Line(ints is IEnumerable<object>);
        o.Line(ints is IEnumerable<IComparable>);
        object func = (Func<int>)(() => 1);
        o.Line(func is Func<object>);
        object comparer = Comparer<object>.Default;
        o.Line(comparer is IComparer<string>);
        o.Line(comparer is IComparer<int>);
    }

    internal static void NestedVariance(Output o)
    {
        IEnumerable<IEnumerable<string>> nested = new List<List<string>> { new() { "a", "b" } };
        IEnumerable<IEnumerable<object>> objects = nested;
        o.Line(objects.Sum(inner => inner.Count()));
        Action<Action<string>> sink = a => a("from inside");
        Action<Action<object>> narrower = null;
        object asObject = sink;
        o.Line(asObject is Action<Action<object>>);
        Action<Action<object>> outer = a => a(5);
        o.Line((object)outer is Action<Action<string>>);
        o.Line(narrower == null);
        Func<Func<string>> make = () => () => "made";
        Func<Func<object>> wider = make;
        o.Line(wider()().ToString());
    }

    internal static void ArraysAsVariantSequences(Output o)
    {
        object strings = new[] { "x", "y" };
        o.Line(strings is IEnumerable<object>);
        o.Line(strings is IList<object>);
        o.Line(strings is IReadOnlyCollection<IComparable>);
        o.Line(strings is IEnumerable<int>);
        var objects = (IEnumerable<object>)strings;
        o.Line(string.Concat(objects));
        var list = (IList<object>)strings;
        o.Line(list[1].ToString());
        o.Throws(() => list[0] = new object());
        IEnumerable<Animal> animals = new Dog[] { new(), new Puppy() };
        foreach (Animal animal in animals)
        {
            o.Line(animal.ToString());
        }
    }

    internal static void ComparersAreContravariant(Output o)
    {
        IComparer<object> byText = Comparer<object>.Create((x, y) => string.CompareOrdinal(x.ToString(), y.ToString()));
        IComparer<Dog> dogs = byText;
        o.Line(dogs.Compare(new Dog(), new Puppy()) < 0);
        Dog[] sorted = [new Puppy(), new Dog()];
        Array.Sort(sorted, dogs);
        o.Line(sorted[0].ToString());
        IEqualityComparer<object> equality = EqualityComparer<object>.Default;
        var set = new HashSet<string>(equality) { "a", "a" };
        o.Line(set.Count);
    }
}
