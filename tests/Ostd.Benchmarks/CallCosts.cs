// SPDX-License-Identifier: MPL-2.0
using System;
using System.Runtime.CompilerServices;
using Ostd.Testing;

namespace Ostd.Benchmarks;

/// <summary>Calls through interfaces, virtual methods and delegates, from the loading of the arguments to the callee's first instruction; and casts.</summary>
public static class CallCosts
{
    private const int Count = 1000;

    private interface IShape
    {
        int Sides();
    }

    private abstract class Shape : IShape
    {
        public abstract int Corners();

        public abstract int Sides();
    }

    private sealed class Triangle : Shape
    {
        public override int Corners() => 3;

        public override int Sides() => 3;

        // What the virtual ones are compared with.
        [MethodImpl(MethodImplOptions.NoInlining)]
        public int Plain() => 3;
    }

    private sealed class Square : Shape
    {
        public override int Corners() => 4;

        public override int Sides() => 4;
    }

    private sealed class Pentagon : Shape
    {
        public override int Corners() => 5;

        public override int Sides() => 5;
    }

    private sealed class Hexagon : Shape
    {
        public override int Corners() => 6;

        public override int Sides() => 6;
    }

    /// <summary>Prints the costs.</summary>
    [KernelTest]
    public static void Costs()
    {
        Shape[] shapes = [new Triangle(), new Square(), new Pentagon(), new Hexagon()];
        var triangle = new Triangle();

        // A direct call is 3 instructions (argument, null check, CALL); the callee and the addition are in both.
        const int directCall = 3;
        Measurement.Report("interface call, cached", Count, n => OneShape(shapes[0], n), n => Direct(triangle, n), directCall);
        Measurement.Report("interface call, 4 receiver types in turn", Count, n => ManyShapes(shapes, n), n => ManyDirect(triangle, shapes, n), directCall);
        Measurement.Report("virtual call", Count, n => Virtual(shapes[0], n), n => Direct(triangle, n), directCall);
        Func<int> function = triangle.Plain;
        Measurement.Report("delegate call", Count, n => ThroughDelegate(function, n), n => Direct(triangle, n), directCall);

        object something = triangle;
        object number = 5;
        Measurement.Report("cast to a sealed class", Count, n =>
        {
            object square = shapes[1];
            for (int i = 0; i < n; i++)
            {
                GC.KeepAlive((Square)Opaque(square));
            }
        }, n => OpaqueOnly(shapes[1], n));
        Measurement.Report("cast to a base class", Count, n =>
        {
            for (int i = 0; i < n; i++)
            {
                GC.KeepAlive((Shape)Opaque(something));
            }
        }, n => OpaqueOnly(something, n));
        Measurement.Report("cast to an interface", Count, n =>
        {
            for (int i = 0; i < n; i++)
            {
                GC.KeepAlive((IShape)Opaque(something));
            }
        }, n => OpaqueOnly(something, n));
        Measurement.Report("unboxing", Count, n =>
        {
            int sum = 0;
            for (int i = 0; i < n; i++)
            {
                sum += (int)Opaque(number);
            }

            GC.KeepAlive(sum);
        }, n => OpaqueOnly(number, n));
    }

    private static void Direct(Triangle triangle, int n)
    {
        int sum = 0;
        for (int i = 0; i < n; i++)
        {
            sum += triangle.Plain();
        }

        Keep(sum);
    }

    private static void OneShape(IShape shape, int n)
    {
        int sum = 0;
        for (int i = 0; i < n; i++)
        {
            sum += shape.Sides();
        }

        Keep(sum);
    }

    private static void ManyShapes(Shape[] shapes, int n)
    {
        int sum = 0;
        for (int i = 0; i < n; i++)
        {
            sum += ((IShape)shapes[i & 3]).Sides();
        }

        Keep(sum);
    }

    private static void ManyDirect(Triangle triangle, Shape[] shapes, int n)
    {
        int sum = 0;
        for (int i = 0; i < n; i++)
        {
            GC.KeepAlive(shapes[i & 3]);
            sum += triangle.Plain();
        }

        Keep(sum);
    }

    private static void Virtual(Shape shape, int n)
    {
        int sum = 0;
        for (int i = 0; i < n; i++)
        {
            sum += shape.Corners();
        }

        Keep(sum);
    }

    private static void ThroughDelegate(Func<int> function, int n)
    {
        int sum = 0;
        for (int i = 0; i < n; i++)
        {
            sum += function();
        }

        Keep(sum);
    }

    private static void OpaqueOnly(object value, int n)
    {
        for (int i = 0; i < n; i++)
        {
            GC.KeepAlive(Opaque(value));
        }
    }

    // Hides what the compiler knows about the type.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static object Opaque(object value) => value;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Keep(int value) => GC.KeepAlive(value);
}
