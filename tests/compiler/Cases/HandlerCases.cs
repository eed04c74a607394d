// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;

namespace Asterion.Compiler.Cases;

/// <summary>Which handler an exception reaches, and from where exceptions come.</summary>
internal static class HandlerCases
{
    private class FirstException(string message) : Exception(message);

    private class SecondException(string message) : FirstException(message);

    private sealed class GenericException<T>(T value) : Exception
    {
        internal T Value => value;
    }

    private static string Catch(Action action)
    {
        try
        {
            action();
            return "none";
        }
        catch (SecondException e)
        {
            return "second " + e.Message;
        }
        catch (FirstException e)
        {
            return "first " + e.Message;
        }
        catch (GenericException<int> e)
        {
            return "generic " + e.Value;
        }
        catch (Exception e) when (e is ArgumentException)
        {
            return "argument";
        }
        catch
        {
            return "any";
        }
    }

    internal static void TheFirstThatFits(Output o)
    {
        o.Line(Catch(() => { }));
        o.Line(Catch(() => throw new SecondException("x")));
        o.Line(Catch(() => throw new FirstException("y")));
        o.Line(Catch(() => throw new GenericException<int>(5)));
        o.Line(Catch(() => throw new GenericException<string>("s")));
        o.Line(Catch(() => throw new ArgumentNullException()));
        o.Line(Catch(() => throw new Exception()));
    }

    private static string CatchOf<T>(Action action)
        where T : Exception
    {
        try
        {
            action();
            return "none";
        }
        catch (T)
        {
            return "caught";
        }
        finally
        {
            s_finally++;
        }
    }

    private static int s_finally;

    internal static void TypeParametersAsHandlers(Output o)
    {
        s_finally = 0;
        o.Line(CatchOf<FirstException>(() => throw new SecondException("")));
        o.Line(CatchOf<GenericException<string>>(() => throw new GenericException<string>("")));
        o.Line(Catch(() => CatchOf<SecondException>(() => throw new FirstException("passes"))));
        o.Line(Catch(() => CatchOf<GenericException<string>>(() => throw new GenericException<int>(7))));
        o.Line(s_finally);
    }

    internal static void ThroughDelegatesAndInterfaces(Output o)
    {
        Action inner = () => throw new SecondException("from a lambda");
        Action outer = () => inner();
        outer += () => o.Line("never");
        o.Line(Catch(outer));
        IComparer<int> comparer = Comparer<int>.Create((_, _) => throw new FirstException("compare"));
        o.Line(Catch(() => comparer.Compare(1, 2)));
        o.Line(Catch(() => new List<int> { 2, 1 }.ForEach(_ => throw new SecondException("each"))));
    }

    internal static void ThroughTheLibrary(Output o)
    {
        var list = new List<int> { 3, 1, 2 };
        try
        {
            list.Sort((_, _) => throw new FirstException("sort"));
        }
        catch (InvalidOperationException e)
        {
            o.Line(e.InnerException is FirstException);
            o.Line(e.InnerException.Message);
        }

        var lazy = new Lazy<int>(() => throw new SecondException("lazy"));
        o.Line(Catch(() => o.Line(lazy.Value)));
        o.Line(Catch(() => o.Line(lazy.Value)));
        o.Line(Catch(() => string.Create(3, 0, (_, _) => throw new SecondException("span"))));
    }

    private static int Divide(int left, int right)
    {
        try
        {
            return left / right;
        }
        catch (DivideByZeroException)
        {
            return -1;
        }
        catch (OverflowException)
        {
            return -2;
        }
    }

    internal static void FromInstructions(Output o)
    {
        o.Line(Divide(6, 3));
        o.Line(Divide(6, 0));
        o.Line(Divide(int.MinValue, -1));
        int[] array = [1];
        int index = 1;
        object text = "s";
        int large = int.MaxValue;
        int size = -1;
        Action[] actions =
        [
            () => array[index]++, () => _ = (int)text, () => _ = checked(large + 1), () => _ = new int[size], () => ((object[])new string[1])[0] = 5,
            () => text = ((string)null).Length, () => throw null, () => checked((byte)large).ToString(),
        ];
        foreach (Action action in actions)
        {
            o.Throws(action);
        }
    }

    internal static void VariablesInHandlers(Output o)
    {
        int step = 0;
        string text = "start";
        try
        {
            step = 1;
            text += "-try";
            Thrower(3);
            step = 2;
        }
        catch (FirstException e) when (step == 1)
        {
            step += 10;
            text += "-" + e.Message;
        }
        finally
        {
            step += 100;
            text += "-finally";
        }

        o.Line(step);
        o.Line(text);
    }

    private static void Thrower(int depth)
    {
        if (depth == 0)
        {
            throw new SecondException("deep");
        }

        Thrower(depth - 1);
    }

    internal static void InLoops(Output o)
    {
        int caught = 0, completed = 0, left = 0;
        for (int i = 0; i < 20; i++)
        {
            try
            {
                if (i % 5 == 4)
                {
                    continue;
                }

                if (i == 17)
                {
                    break;
                }

                if (i % 3 == 0)
                {
                    throw new FirstException("third");
                }

                completed++;
            }
            catch (FirstException)
            {
                caught++;
                if (i == 15)
                {
                    continue;
                }
            }
            finally
            {
                left++;
            }
        }

        o.Line($"{caught} {completed} {left}");
    }

    private static int Nested(int which)
    {
        try
        {
            try
            {
                try
                {
                    throw which switch { 0 => new SecondException(""), 1 => new FirstException(""), 2 => new FormatException(), _ => new NotSupportedException() };
                }
                catch (SecondException)
                {
                    return 1;
                }
                finally
                {
                    s_finally += 1;
                }
            }
            catch (FirstException)
            {
                return 2;
            }
            finally
            {
                s_finally += 10;
            }
        }
        catch (FormatException)
        {
            return 3;
        }
        finally
        {
            s_finally += 100;
        }
    }

    internal static void NestedHandlers(Output o)
    {
        s_finally = 0;
        o.Line(Nested(0) * 100 + Nested(1) * 10 + Nested(2));
        o.Throws(() => Nested(3));
        o.Line(s_finally);
    }

    internal static void ThrowExpressions(Output o)
    {
        string none = null;
        o.Throws(() => _ = none ?? throw new FormatException());
        o.Throws(() => _ = o == null ? 1 : throw new NotSupportedException());
        static int Fail() => throw new InvalidOperationException();
        o.Throws(() => Fail());
    }

    internal static void MessagesAndInner(Output o)
    {
        var inner = new FirstException("inner");
        var outer = new InvalidOperationException("outer", inner);
        outer.Data["key"] = 5;
        outer.HResult = 77;
        try
        {
            throw outer;
        }
        catch (Exception e)
        {
            o.Line(e.Message);
            o.Line(e.InnerException.Message);
            o.Line(e.GetBaseException().Message);
            o.Line((int)e.Data["key"]);
            o.Line(e.HResult);
            o.Line(ReferenceEquals(e, outer));
        }

        var many = new AggregateException(inner, outer);
        o.Line(many.InnerExceptions.Count);
        o.Line(new ArgumentOutOfRangeException("name").ParamName);
    }

    private sealed class Thrown : IDisposable
    {
        internal Thrown(int mode)
        {
            if (mode == 1)
            {
                throw new FirstException("constructor");
            }
        }

        internal int Property
        {
            get => throw new SecondException("property");
            set => throw new FirstException("setter");
        }

        public void Dispose() => throw new SecondException("dispose");

        public override string ToString() => throw new FirstException("text");

        public static Thrown operator +(Thrown left, Thrown right) => throw new SecondException("operator");
    }

    internal static void FromMembers(Output o)
    {
        var thrown = new Thrown(0);
        o.Line(Catch(() => _ = new Thrown(1)));
        o.Line(Catch(() => o.Line(thrown.Property)));
        o.Line(Catch(() => thrown.Property = 5));
        o.Line(Catch(() => o.Line($"{thrown}")));
        o.Line(Catch(() => _ = thrown + thrown));
        o.Line(Catch(() =>
        {
            using (thrown)
            {
                throw new FirstException("replaced");
            }
        }));
    }
}
