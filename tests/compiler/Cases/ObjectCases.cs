// SPDX-License-Identifier: MPL-2.0

using System;
using System.Runtime.CompilerServices;

namespace Asterion.Compiler.Cases;

internal abstract class Shape
{
    public abstract int Area();

    public virtual string Name() => "shape";

    public override string ToString() => $"{Name()} of {Area()}";
}

internal class Square(int side) : Shape
{
    public override int Area() => side * side;

    public override string Name() => "square";
}

internal sealed class Cube(int side) : Square(side)
{
    public override string Name() => "cube over " + base.Name();

    public new int Area() => -1;
}

internal interface IGreeter
{
    string Greet();

    string Twice() => Greet() + Greet();
}

internal struct StructGreeter : IGreeter
{
    public int Calls;

    public string Greet() => "s" + ++Calls;
}

internal class BaseGreeter : IGreeter
{
    public virtual string Greet() => "base";
}

internal class DerivedGreeter : BaseGreeter, IGreeter
{
    string IGreeter.Greet() => "explicit";

    public override string Greet() => "derived";

    string IGreeter.Twice() => "own twice";
}

internal sealed class ThirdGreeter : DerivedGreeter
{
}

internal interface ICount<in T, out R>
{
    R Count(T value);
}

internal sealed class ObjectCount : ICount<object, string>
{
    public string Count(object value) => "counted " + (value as string);
}

internal interface IVisitor
{
    string Visit<T>(T value);
}

internal sealed class SizeVisitor : IVisitor
{
    public string Visit<T>(T value) => typeof(T) == typeof(int) ? "int" : Unsafe.SizeOf<T>().ToString();
}

internal class GenericVirtual
{
    public virtual int Size<T>() => Unsafe.SizeOf<T>();
}

internal sealed class GenericOverride : GenericVirtual
{
    public override int Size<T>() => -Unsafe.SizeOf<T>();
}

internal interface IZero<TSelf>
    where TSelf : IZero<TSelf>
{
    static abstract TSelf Zero { get; }

    static abstract TSelf operator +(TSelf a, TSelf b);

    static virtual string Describe() => "default";
}

internal readonly struct Meters(int value) : IZero<Meters>
{
    public int Value { get; } = value;

    public static Meters Zero => new(0);

    public static Meters operator +(Meters a, Meters b) => new(a.Value + b.Value);

    public static string Describe() => "meters";
}

internal readonly struct Seconds(int value) : IZero<Seconds>
{
    public int Value { get; } = value;

    public static Seconds Zero => new(100);

    public static Seconds operator +(Seconds a, Seconds b) => new(a.Value + b.Value);
}

internal class CovariantBase
{
    public virtual object Make() => "base";
}

internal class CovariantDerived : CovariantBase
{
    public override string Make() => "derived";
}

internal static class ObjectCases
{
    internal static void VirtualCalls(Output o)
    {
        Shape[] shapes = [new Square(3), new Cube(4)];
        foreach (Shape shape in shapes)
        {
            o.Line(shape.ToString());
        }

        o.Line(new Cube(5).Area());
    }

    internal static void Interfaces(Output o)
    {
        IGreeter[] greeters = [new StructGreeter(), new BaseGreeter(), new DerivedGreeter(), new ThirdGreeter()];
        foreach (IGreeter greeter in greeters)
        {
            o.Line(greeter.Greet());
            o.Line(greeter.Twice());
        }

        o.Line(new DerivedGreeter().Greet());
    }

    internal static void BoxedStructIsACopy(Output o)
    {
        StructGreeter greeter = default;
        IGreeter boxed = greeter;
        o.Line(boxed.Greet());
        o.Line(boxed.Greet());
        o.Line(greeter.Calls);
        o.Line(((StructGreeter)boxed).Calls);
        o.Line(Greet(ref greeter));
        o.Line(greeter.Calls);
    }

    private static string Greet<T>(ref T greeter)
        where T : IGreeter => greeter.Greet();

    internal static void Variance(Output o)
    {
        ICount<object, string> count = new ObjectCount();
        ICount<string, object> variant = count;
        o.Line((string)variant.Count("text"));
        object same = count;
        o.Line(same is ICount<string, object>);
        o.Line(same is ICount<int, object>);
        Func<string> make = () => "made";
        Func<object> covariant = make;
        o.Line((string)covariant());
    }

    internal static void GenericVirtualMethods(Output o)
    {
        GenericVirtual a = new();
        GenericVirtual b = new GenericOverride();
        o.Line(a.Size<long>());
        o.Line(b.Size<long>());
        o.Line(b.Size<byte>());
        IVisitor visitor = new SizeVisitor();
        o.Line(visitor.Visit(5));
        o.Line(visitor.Visit(5L));
        o.Line(visitor.Visit("x"));
    }

    internal static void StaticAbstracts(Output o)
    {
        o.Line(Sum(new Meters(3), new Meters(4)).Value);
        o.Line(Sum(new Seconds(3), new Seconds(4)).Value);
        o.Line(Describe<Meters>());
        o.Line(Describe<Seconds>());
    }

    private static T Sum<T>(params T[] values)
        where T : IZero<T>
    {
        T sum = T.Zero;
        foreach (T value in values)
        {
            sum += value;
        }

        return sum;
    }

    private static string Describe<T>()
        where T : IZero<T> => T.Describe();

    internal static void CovariantReturns(Output o)
    {
        CovariantBase b = new CovariantDerived();
        o.Line((string)b.Make());
        o.Line(new CovariantDerived().Make());
    }

    internal static void Casts(Output o)
    {
        object square = new Square(2);
        object cube = new Cube(2);
        object text = "text";
        o.Line(square is Shape);
        o.Line(square is Cube);
        o.Line(cube is Square);
        o.Line(text is IComparable);
        o.Line(text as Shape is null);
        o.Throws(() => o.Line(((Cube)square).Area()));
        o.Throws(() => ((IGreeter)text).Greet());
        object numbers = new int[1];
        o.Line(numbers is uint[]);
        o.Line(numbers is long[]);
        o.Line(new string[1] is object[]);
        o.Line((object)new object[1] is string[]);
        o.Line((object)new string[1] is System.Collections.Generic.IEnumerable<object>);
    }

    internal static void Unboxing(Output o)
    {
        object boxed = 5;
        o.Line((int)boxed);
        o.Throws(() => o.Line((long)boxed));
        o.Throws(() => o.Line((int)(object)null));
        o.Line((int)(DayOfWeek)boxed);
        object day = DayOfWeek.Friday;
        o.Line((int)day);
        o.Line(boxed.Equals(5));
        o.Line(boxed.GetHashCode());
    }

    internal static void Nullables(Output o)
    {
        int? none = null;
        int? some = 7;
        object boxedNone = none;
        object boxedSome = some;
        o.Line(boxedNone is null);
        o.Line(boxedSome is int);
        o.Line(((int?)boxedNone).HasValue);
        o.Line(((int?)boxedSome).Value);
        o.Line((none + 1).HasValue);
        o.Line((some + 1).Value);
        o.Line(none.GetValueOrDefault(3));
        o.Line(none ?? 9);
        o.Throws(() => o.Line(none.Value));
        o.Throws(() => o.Line(((int?)(object)"x").Value));
        o.Line(some.Equals(7));
        o.Line(some.ToString());
    }

    internal static void NullReferences(Output o)
    {
        Shape none = null;
        string text = null;
        int[] array = null;
        IGreeter greeter = null;
        Action action = null;
        FieldHolder holder = null;
        o.Throws(() => none.Area());
        o.Throws(() => o.Line(text.Length));
        o.Throws(() => o.Line(array.Length));
        o.Throws(() => o.Line(array[0]));
        o.Throws(() => greeter.Greet());
        o.Throws(() => action());
        o.Throws(() => o.Line(holder.Value));
        o.Throws(() => holder.Value = 1);
        o.Throws(() => throw null);
        o.Throws(() => none.GetType());
    }

    internal sealed class FieldHolder
    {
        internal int Value;
    }

    internal static void TypeComparison(Output o)
    {
        object square = new Square(1);
        o.Line(square.GetType() == typeof(Square));
        o.Line(square.GetType() == typeof(Shape));
        o.Line(typeof(int) == typeof(uint));
        o.Line(Same<string, string>());
        o.Line(Same<string, object>());
        o.Line(new int[1].GetType() == typeof(int[]));
        o.Line(new System.Collections.Generic.List<int>().GetType() == typeof(System.Collections.Generic.List<int>));
    }

    private static bool Same<A, B>() => typeof(A) == typeof(B);

    internal static void EqualityAndHash(Output o)
    {
        var a = new Point(1, 2);
        var b = new Point(1, 2);
        o.Line(a.Equals(b));
        o.Line(a == b);
        o.Line(a.GetHashCode() == b.GetHashCode());
        o.Line(a.ToString());
        object first = new object();
        o.Line(first.Equals(first));
        o.Line(first.GetHashCode() == first.GetHashCode());
        (int, string) tuple = (1, "x");
        o.Line(tuple == (1, "x"));
        o.Line(tuple.ToString());
    }

    internal readonly record struct Point(int X, int Y);

    internal sealed record Person(string Name, int Age);

    internal static void Records(Output o)
    {
        var ann = new Person("Ann", 30);
        Person older = ann with { Age = 31 };
        o.Line(ann.ToString());
        o.Line(ann == older);
        o.Line(ann == new Person("Ann", 30));
        (string name, int age) = older;
        o.Line(name + age);
    }
}
