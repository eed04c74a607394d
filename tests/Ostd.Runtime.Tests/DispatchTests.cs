// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;

namespace Ostd.Runtime.Tests;

internal static class DispatchTests
{
    private interface IShape
    {
        int Area(int scale);

        string Describe() => "shape of " + Area(1);
    }

    private sealed class Square(int side) : IShape
    {
        public int Area(int scale) => side * side * scale;
    }

    private sealed class Circle(int radius) : IShape
    {
        public int Area(int scale) => 3 * radius * radius * scale;

        public string Describe() => "circle";
    }

    private struct Point(int x) : IShape
    {
        private int _calls;

        public int Area(int scale) => x + ++_calls * scale;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int AreaOf(IShape shape, int scale) => shape.Area(scale);

    internal static void Interfaces()
    {
        IShape[] shapes = [new Square(2), new Circle(1), new Point(5), new Square(3)];
        int sum = 0;
        for (int round = 0; round < 50; round++)
        {
            foreach (IShape shape in shapes)
            {
                sum += AreaOf(shape, 0);
            }
        }

        Check.Equal(50 * 5, sum, "scale 0: only the point counts");
        Check.Equal(8, AreaOf(shapes[0], 2), "square");
        Check.Equal(6, AreaOf(shapes[1], 2), "circle");
        Check.Equal(DispatchArguments(new Wide()), 1 + 2 + 3 + 4 + 5 + 6 + 7 + 8 + 9, "arguments on the stack");
    }

    private interface IWide
    {
        double Sum(int a, long b, double c, float d, int e, int f, int g, double h, long i);
    }

    private sealed class Wide : IWide
    {
        public double Sum(int a, long b, double c, float d, int e, int f, int g, double h, long i) => a + b + c + d + e + f + g + h + i;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static long DispatchArguments(IWide wide) => (long)wide.Sum(1, 2, 3, 4, 5, 6, 7, 8, 9);

    private interface ITag
    {
        int Tag();
    }

    private sealed class Tagged<T> : ITag
    {
        internal int Value;

        public int Tag() => Value;
    }

    internal static void Megamorphic()
    {
        var all = new List<ITag>();
        Add<byte>(all);
        Add<sbyte>(all);
        Add<short>(all);
        Add<ushort>(all);
        Add<int>(all);
        Add<uint>(all);
        Add<long>(all);
        Add<ulong>(all);
        Add<float>(all);
        Add<double>(all);
        Add<char>(all);
        Add<bool>(all);
        Add<string>(all);
        for (int round = 0; round < 100; round++)
        {
            for (int i = 0; i < all.Count; i++)
            {
                Check.Equal(i, all[i].Tag(), "tag");
            }
        }
    }

    // Seven types per argument: more than a dispatch cache holds, in all.
    private static void Add<T>(List<ITag> all)
    {
        all.Add(new Tagged<T> { Value = all.Count });
        all.Add(new Tagged<T[]> { Value = all.Count });
        all.Add(new Tagged<List<T>> { Value = all.Count });
        all.Add(new Tagged<(T, int)> { Value = all.Count });
        all.Add(new Tagged<(T, long)> { Value = all.Count });
        all.Add(new Tagged<KeyValuePair<T, T>> { Value = all.Count });
        all.Add(new Tagged<Func<T>> { Value = all.Count });
    }

    private interface IProducer<out T>
    {
        T Produce();
    }

    private interface IConsumer<in T>
    {
        string Consume(T value);
    }

    private sealed class Both : IProducer<string>, IConsumer<object>
    {
        public string Produce() => "made";

        public string Consume(object value) => "ate " + value;
    }

    internal static void Variance()
    {
        object both = new Both();
        Check.Equal("made", (string)((IProducer<object>)both).Produce(), "covariant");
        Check.Equal("ate x", ((IConsumer<string>)both).Consume("x"), "contravariant");
        Func<object> function = ((IProducer<string>)both).Produce;
        Check.Equal("made", (string)function(), "delegate variance");
        Check.True(both is not IProducer<int>, "no variance over values");
    }

    private abstract class Visitor
    {
        internal abstract string Visit<T>(T value);
    }

    private sealed class NameVisitor : Visitor
    {
        internal override string Visit<T>(T value) => "n:" + value;
    }

    private sealed class LengthVisitor : Visitor
    {
        internal override string Visit<T>(T value) => "l:" + (value?.ToString()?.Length ?? 0);
    }

    private interface IGenericMethod
    {
        int Count<T>(T[] items);
    }

    private sealed class Counter : IGenericMethod
    {
        public int Count<T>(T[] items) => items.Length;
    }

    internal static void GenericVirtualMethods()
    {
        Visitor[] visitors = [new NameVisitor(), new LengthVisitor()];
        Check.Equal("n:5", visitors[0].Visit(5), "over int");
        Check.Equal("l:3", visitors[1].Visit("abc"), "over string");
        Check.Equal("l:4", visitors[1].Visit(true), "over bool");
        IGenericMethod counter = new Counter();
        Check.Equal(2, counter.Count(new string[2]), "interface, reference");
        Check.Equal(3, counter.Count(new int[3]), "interface, value");
    }

    private static class Pool<T>
        where T : class, new()
    {
        private static readonly Stack<T> s_items = new();

        internal static T Take() => s_items.Count > 0 ? s_items.Pop() : new T();

        internal static void Give(T item) => s_items.Push(item);
    }

    internal static void SharedGenerics()
    {
        var builder = Pool<System.Text.StringBuilder>.Take();
        Pool<System.Text.StringBuilder>.Give(builder);
        Check.True(Pool<System.Text.StringBuilder>.Take() == builder, "same instantiation");
        Check.True((object)Pool<List<string>>.Take() is List<string>, "other instantiation");
        Check.True(TypeName<string>(["a"]) && !TypeName<object>(["b"]), "type argument at run time");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool TypeName<T>(T[] items)
        where T : class => items is IReadOnlyList<string>;

    internal static void DefaultInterfaceMethods()
    {
        IShape square = new Square(2);
        IShape circle = new Circle(2);
        Check.Equal("shape of 4", square.Describe(), "default");
        Check.Equal("circle", circle.Describe(), "overridden");
    }

    internal static void StructsBehindInterfaces()
    {
        IShape boxed = new Point(10);
        Check.Equal(11, boxed.Area(1), "first call");
        Check.Equal(12, boxed.Area(1), "the box keeps its state");
        Check.Equal(11, Constrained(new Point(10)), "constrained call");
        Check.True(EqualityComparer<(int, string)>.Default.Equals((1, "a"), (1, "a")), "tuple equality");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Constrained<T>(T shape)
        where T : struct, IShape => shape.Area(1);
}
