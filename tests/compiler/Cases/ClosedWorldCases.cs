// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;

namespace Asterion.Compiler.Cases;

/// <summary>Virtual calls and casts whose answer depends on which types the program has objects of.</summary>
internal static class ClosedWorldCases
{
    private abstract class Shape
    {
        public abstract int Area();

        public virtual string Describe() => "a shape of " + Area();
    }

    private sealed class Square(int side) : Shape
    {
        public override int Area() => side * side;
    }

    // There are no objects of this one.
    private class Circle : Shape
    {
        public override int Area() => 3;

        public override string Describe() => "round";
    }

    private abstract class Vehicle
    {
        public abstract int Wheels();
    }

    private sealed class Car : Vehicle
    {
        public override int Wheels() => 4;
    }

    private sealed class Cycle : Vehicle
    {
        public override int Wheels() => 2;
    }

    private interface ICounter
    {
        int Next();

        int Twice() => Next() + Next();
    }

    private struct Counter : ICounter
    {
        private int _count;

        public int Next() => ++_count;
    }

    private interface INever
    {
        void Call();
    }

    private sealed class Box<T>(T value)
    {
        public override string ToString() => value + " in a box";
    }

    private sealed class Marker
    {
        public override string ToString() => "marker";
    }

    // A test looks at the calls in these two.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int OneTargetCall(Shape shape) => shape.Area();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int OneOfTwoTargetsCall(Vehicle vehicle) => vehicle.Wheels();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Advance(ICounter counter) => counter.Next();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static string Sort(object something) => something switch
    {
        Circle circle => circle.Describe(),
        INever never => Call(never),
        Shape shape => shape.Describe(),
        null => "nothing",
        _ => something.ToString()!,
    };

    private static string Call(INever never)
    {
        never.Call();
        return "called";
    }

    internal static void OneTarget(Output o)
    {
        o.Line(OneTargetCall(new Square(7)));
        o.Line(new Square(3).Describe());
        o.Line(OneOfTwoTargetsCall(new Car()));
        o.Line(OneOfTwoTargetsCall(new Cycle()));
    }

    internal static void OneTargetOfNull(Output o)
    {
        o.Throws(() => OneTargetCall(null!));
        o.Throws(() => Advance(null!));
    }

    internal static void BoxedStructure(Output o)
    {
        ICounter counter = default(Counter);
        o.Line(Advance(counter));
        o.Line(Advance(counter));
        o.Line(counter.Twice());
        o.Line(Advance(counter));
    }

    internal static void CastsToWhatIsNeverMade(Output o)
    {
        o.Line(Sort(new Square(2)));
        o.Line(Sort("text"));
        o.Line(Sort(null!));
        o.Line(Sort(new Marker()));
        object square = new Square(2);
        o.Line(square is INever);
        o.Line(square as Circle is null);
        o.Throws(() => OneTargetCall((Circle)square));
        o.Throws(() => ((INever)square).Call());
    }

    internal static void OnlyAnArrayImplementsIt(Output o)
    {
        IEnumerable<Marker> markers = new Marker[] { new(), new() };
        foreach (Marker marker in markers)
        {
            o.Line(marker.ToString());
        }

        IReadOnlyList<object> objects = new Marker[] { new() };
        o.Line(objects.Count);
        o.Line(objects[0].ToString()!);
    }

    internal static void OneInstantiation(Output o)
    {
        object boxed = new Box<Marker>(new Marker());
        o.Line(boxed.ToString()!);
        o.Line(boxed is Box<string>);
    }
}
