// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;

namespace Asterion.Compiler.Cases;

/// <summary>Class constructors: when precise ones run, what happens when they fail or meet themselves (ECMA-335, II.10.5.3).</summary>
internal static class ConstructorCases
{
    // In a type of its own without a constructor, so that writing to it starts nothing.
    private static class Log
    {
        internal static List<string> Entries;

        internal static void Add(string text) => (Entries ??= []).Add(text);

        internal static void Flush(Output o)
        {
            o.Line(Entries == null ? "nothing" : string.Join(", ", Entries));
            Entries = null;
        }
    }

    private class ByConstructor
    {
        static ByConstructor() => Log.Add("by constructor");
    }

    internal static void ByAnInstanceConstructor(Output o)
    {
        ByConstructor none = null;
        o.Line(none == null);
        Log.Flush(o);
        _ = new ByConstructor();
        Log.Flush(o);
        _ = new ByConstructor();
        Log.Flush(o);
    }

    private static class ByField
    {
        internal static int Value = 5;

        internal const int Constant = 7;

        static ByField() => Log.Add("by field");
    }

    internal static void ByAField(Output o)
    {
        o.Line(ByField.Constant);
        Log.Flush(o);
        ref int place = ref ByField.Value;
        Log.Flush(o);
        place++;
        o.Line(ByField.Value);
        Log.Flush(o);
    }

    private static class ByMethod
    {
        static ByMethod() => Log.Add("by method");

        internal static void Touch() => Log.Add("touched");
    }

    internal static void ByAStaticMethod(Output o)
    {
        Action touch = ByMethod.Touch;
        Log.Flush(o);
        touch();
        Log.Flush(o);
    }

    private class BaseType
    {
        internal static int Count;

        static BaseType() => Log.Add("base");

        internal static void OnBase()
        {
        }
    }

    private sealed class DerivedType : BaseType
    {
        static DerivedType() => Log.Add("derived");
    }

    internal static void DerivedBeforeBase(Output o)
    {
        DerivedType.OnBase();
        Log.Flush(o);
        _ = new DerivedType();
        Log.Flush(o);
    }

    private struct Structure
    {
        internal int Value;

        static Structure() => Log.Add("structure");

        public Structure(int value) => Value = value;

        internal readonly int Get() => Value;
    }

    internal static void OfStructures(Output o)
    {
        Structure[] array = new Structure[2];
        array[1].Value = 5;
        Structure copy = array[1];
        o.Line(copy.Value);
        Log.Flush(o);
        _ = new Structure(6);
        Log.Flush(o);
    }

    private struct ByInstanceMethod
    {
        internal int Value;

        static ByInstanceMethod() => Log.Add("by an instance method");

        internal readonly int Get()
        {
            Log.Add("in it");
            return Value;
        }
    }

    // A structure may have no constructor that ran, so its methods start the class constructor as well.
    internal static void ByAnInstanceMethodOfAStructure(Output o)
    {
        ByInstanceMethod value = default;
        o.Line(value.Get());
        Log.Flush(o);
    }

    private static class PerInstantiation<T>
    {
        internal static readonly int Value;

        static PerInstantiation()
        {
            Log.Add("for " + (typeof(T) == typeof(int) ? "int" : typeof(T) == typeof(string) ? "string" : "another"));
            Value = 3;
        }
    }

    internal static void OncePerInstantiation(Output o)
    {
        o.Line(PerInstantiation<int>.Value + PerInstantiation<int>.Value + PerInstantiation<string>.Value + PerInstantiation<object>.Value);
        Log.Flush(o);
    }

    private static class Fails
    {
        internal static int Value = 1;

        static Fails()
        {
            Log.Add("fails");
            throw new FormatException("inside");
        }
    }

    internal static void AFailureIsRemembered(Output o)
    {
        Exception first = null;
        for (int i = 0; i < 2; i++)
        {
            try
            {
                o.Line(Fails.Value);
            }
            catch (TypeInitializationException e)
            {
                o.Line(e.InnerException is FormatException);
                o.Line(e.InnerException.Message);
                o.Line(i == 0 || ReferenceEquals(e, first) || ReferenceEquals(e.InnerException, first.InnerException));
                first = e;
            }
        }

        Log.Flush(o);
    }

    private static class Outer
    {
        internal static int Value = Inner.Value + 1;

        static Outer() => Log.Add("outer sees " + Inner.Seen);
    }

    private static class Inner
    {
        internal static int Value = 10;
        internal static int Seen;

        static Inner()
        {
            Seen = Outer.Value;
            Log.Add("inner sees " + Seen);
        }
    }

    internal static void ACycleSeesZeros(Output o)
    {
        o.Line(Outer.Value);
        Log.Flush(o);
    }

    private static class Catches
    {
        internal static readonly string Result;

        static Catches()
        {
            try
            {
                throw new InvalidOperationException();
            }
            catch (InvalidOperationException) when (Log.Entries == null)
            {
                Result = "caught";
            }
            finally
            {
                Log.Add("finally");
            }
        }
    }

    internal static void ExceptionsHandledInside(Output o)
    {
        o.Line(Catches.Result);
        Log.Flush(o);
    }

    private static class NestedFailure
    {
        internal static int Value = Deeper.Value;

        private static class Deeper
        {
            internal static int Value = Fail();

            static Deeper()
            {
            }

            private static int Fail() => throw new NotSupportedException();
        }

        static NestedFailure()
        {
        }
    }

    internal static void FailuresNest(Output o)
    {
        try
        {
            o.Line(NestedFailure.Value);
        }
        catch (TypeInitializationException e)
        {
            o.Line(e.InnerException is TypeInitializationException);
            o.Line(e.InnerException.InnerException is NotSupportedException);
        }
    }

    private interface IWithState
    {
        static readonly List<int> s_list = Make();

        private static List<int> Make()
        {
            Log.Add("interface");
            return [1, 2];
        }

        int Count() => s_list.Count;
    }

    private sealed class UsesState : IWithState;

    internal static void OfInterfaces(Output o)
    {
        IWithState uses = new UsesState();
        o.Line(uses.Count());
        Log.Flush(o);
    }

    private static class Order
    {
        internal static string First = Note("first");
        internal static string Second = Note("second") + First;

        static Order() => Note("body");

        private static string Note(string text)
        {
            Log.Add(text);
            return text;
        }
    }

    internal static void FieldsInTextualOrder(Output o)
    {
        o.Line(Order.Second);
        Log.Flush(o);
    }
}
