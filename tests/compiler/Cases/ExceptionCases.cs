// SPDX-License-Identifier: MPL-2.0

using System;

namespace Asterion.Compiler.Cases;

internal sealed class CaseException(int code) : Exception("case " + code)
{
    internal int Code { get; } = code;
}

internal static class ExceptionCases
{
    internal static void CatchByType(Output o)
    {
        try
        {
            throw new CaseException(5);
        }
        catch (InvalidOperationException)
        {
            o.Line("wrong");
        }
        catch (CaseException e)
        {
            o.Line(e.Message);
            o.Line(e.Code);
        }
        catch (Exception)
        {
            o.Line("too late");
        }
    }

    internal static void FinallyOrder(Output o)
    {
        try
        {
            try
            {
                o.Line("try");
                throw new CaseException(1);
            }
            finally
            {
                o.Line("inner finally");
            }
        }
        catch (CaseException)
        {
            o.Line("catch");
        }
        finally
        {
            o.Line("outer finally");
        }
    }

    internal static void FinallyOnReturn(Output o)
    {
        o.Line(Returning(o, 1));
        o.Line(Returning(o, 2));
        for (int i = 0; i < 3; i++)
        {
            try
            {
                if (i == 1)
                {
                    continue;
                }

                o.Line(i);
            }
            finally
            {
                o.Line("finally " + i);
            }
        }
    }

    private static int Returning(Output o, int way)
    {
        try
        {
            try
            {
                if (way == 1)
                {
                    return 10;
                }
            }
            finally
            {
                o.Line("first");
            }

            return 20;
        }
        finally
        {
            o.Line("second");
        }
    }

    internal static void ThroughFrames(Output o)
    {
        try
        {
            Deep(o, 3);
        }
        catch (CaseException e)
        {
            o.Line("caught " + e.Code);
        }
    }

    private static void Deep(Output o, int depth)
    {
        try
        {
            if (depth == 0)
            {
                throw new CaseException(42);
            }

            Deep(o, depth - 1);
        }
        finally
        {
            o.Line("leaving " + depth);
        }
    }

    internal static void FiltersRunBeforeFinally(Output o)
    {
        int state = 1;
        try
        {
            try
            {
                throw new CaseException(3);
            }
            finally
            {
                o.Line("finally, state " + state);
                state = 2;
            }
        }
        catch (CaseException e) when (Says(o, "filter, state " + state, e.Code == 4))
        {
            o.Line("wrong");
        }
        catch (CaseException e) when (Says(o, "second filter, state " + state, e.Code == 3))
        {
            o.Line("handler, state " + state);
        }
    }

    private static bool Says(Output o, string text, bool verdict)
    {
        o.Line(text);
        return verdict;
    }

    internal static void FilterThatThrows(Output o)
    {
        try
        {
            throw new CaseException(1);
        }
        catch (CaseException) when (Fails())
        {
            o.Line("wrong");
        }
        catch (Exception e)
        {
            o.Line(e.Message);
        }
    }

    private static bool Fails() => throw new InvalidOperationException("in the filter");

    internal static void FilterInAnOuterFrame(Output o)
    {
        int seen = 0;
        try
        {
            Inner(o, ref seen);
        }
        catch (Exception) when (seen == 0)
        {
            o.Line("seen now " + seen);
        }
    }

    private static void Inner(Output o, ref int seen)
    {
        try
        {
            Array.IndexOf(new int[1], 5).ToString();
            throw new CaseException(2);
        }
        catch (CaseException) when (seen != 0)
        {
            o.Line("wrong");
        }
        finally
        {
            seen = 9;
        }
    }

    internal static void Rethrow(Output o)
    {
        try
        {
            try
            {
                throw new CaseException(8);
            }
            catch (CaseException)
            {
                o.Line("first");
                throw;
            }
        }
        catch (CaseException e)
        {
            o.Line("second " + e.Code);
        }

        try
        {
            try
            {
                throw new CaseException(1);
            }
            catch (CaseException e)
            {
                throw new InvalidOperationException("outer", e);
            }
        }
        catch (InvalidOperationException e)
        {
            o.Line(e.InnerException.Message);
        }
    }

    internal static void ReplacedInFinally(Output o)
    {
        try
        {
            try
            {
                throw new CaseException(1);
            }
            finally
            {
                Replace();
            }
        }
        catch (Exception e)
        {
            o.Line(e.Message);
        }
    }

    private static void Replace() => throw new InvalidOperationException("replaced");

    internal static void CaughtInsideFinally(Output o)
    {
        try
        {
            try
            {
                throw new CaseException(6);
            }
            finally
            {
                try
                {
                    throw new InvalidOperationException("nested");
                }
                catch (InvalidOperationException e)
                {
                    o.Line(e.Message);
                }
            }
        }
        catch (CaseException e)
        {
            o.Line(e.Message);
        }
    }

    internal static void LocalsAfterCatch(Output o)
    {
        int count = 0;
        string text = "start";
        for (int i = 0; i < 5; i++)
        {
            try
            {
                count += i;
                text += i;
                if (i % 2 == 1)
                {
                    throw new CaseException(i);
                }

                count += 100;
            }
            catch (CaseException e)
            {
                count += 1000 * e.Code;
            }
        }

        o.Line(count);
        o.Line(text);
    }

    private sealed class Resource(Output o, string name) : IDisposable
    {
        public void Dispose() => o.Line("disposed " + name);
    }

    internal static void Using(Output o)
    {
        try
        {
            using var a = new Resource(o, "a");
            using var b = new Resource(o, "b");
            throw new CaseException(0);
        }
        catch (CaseException)
        {
            o.Line("after");
        }
    }

    internal static void ManyThrows(Output o)
    {
        int caught = 0;
        for (int i = 0; i < 200; i++)
        {
            try
            {
                Thrower(i);
            }
            catch (CaseException e) when (e.Code % 3 == 0)
            {
                caught += 1;
            }
            catch (CaseException)
            {
                caught += 1000;
            }
        }

        o.Line(caught);
    }

    private static void Thrower(int i) => throw new CaseException(i);

    internal static void ManyArguments(Output o)
    {
        try
        {
            o.Line(Nine(1, 2, 3, 4, 5, 6, 7, 8, 9, 1.5, "x"));
            Nine(1, 2, 3, 4, 5, 6, 7, 8, 0, 1.5, "x");
        }
        catch (CaseException e)
        {
            o.Line(e.Code);
        }
    }

    private static int Nine(int a, long b, int c, int d, int e, int f, int g, int h, int i, double j, string k) =>
        i == 0 ? throw new CaseException(a + h) : a + (int)b + c + d + e + f + g + h + i + (int)j + k.Length;
}
