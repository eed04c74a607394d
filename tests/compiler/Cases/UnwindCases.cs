// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;

namespace Asterion.Compiler.Cases;

/// <summary>The second pass: finally blocks, exceptions that replace others, and what callers find afterwards.</summary>
internal static class UnwindCases
{
    internal static void AFinallyThatThrowsReplaces(Output o)
    {
        try
        {
            try
            {
                try
                {
                    throw new FormatException();
                }
                finally
                {
                    o.Line("first finally");
                    throw new NotSupportedException();
                }
            }
            catch (FormatException)
            {
                o.Line("never");
            }
            finally
            {
                o.Line("second finally");
            }
        }
        catch (Exception e)
        {
            o.Line(Output.NameOf(e));
        }
    }

    internal static void AHandlerThatThrowsReplaces(Output o)
    {
        try
        {
            try
            {
                throw new FormatException();
            }
            catch (FormatException)
            {
                try
                {
                    throw new NotSupportedException();
                }
                finally
                {
                    o.Line("inside the handler");
                }
            }
            finally
            {
                o.Line("after the handler");
            }
        }
        catch (NotSupportedException)
        {
            o.Line("outside");
        }
    }

    private static void Collide(Output o, int depth)
    {
        try
        {
            if (depth == 3)
            {
                throw new FormatException();
            }

            Collide(o, depth + 1);
        }
        finally
        {
            o.Line("leaving " + depth);
            try
            {
                throw new InvalidOperationException();
            }
            catch (InvalidOperationException)
            {
                o.Line("caught while leaving " + depth);
            }

            if (depth == 1)
            {
                throw new ArgumentException();
            }
        }
    }

    internal static void UnwindsThatCollide(Output o) => o.Throws(() => Collide(o, 0));

    private static int FinallyOverrides()
    {
        int value = 1;
        try
        {
            return value;
        }
        finally
        {
            value = 2;
        }
    }

    private static string LastOf(List<string> log)
    {
        try
        {
            log.Add("try");
            return Add(log, "result");
        }
        finally
        {
            log.Add("finally");
        }
    }

    private static string Add(List<string> log, string text)
    {
        log.Add(text);
        return text;
    }

    internal static void ReturnValuesAreComputedFirst(Output o)
    {
        o.Line(FinallyOverrides());
        var log = new List<string>();
        o.Line(LastOf(log));
        o.Line(string.Join(" ", log));
    }

    private static int Jumps(int way)
    {
        int trace = 0;
        for (int i = 0; i < 3; i++)
        {
            try
            {
                try
                {
                    if (way == 0)
                    {
                        continue;
                    }

                    if (way == 1)
                    {
                        break;
                    }

                    if (way == 2)
                    {
                        goto End;
                    }

                    if (way == 3)
                    {
                        return trace;
                    }
                }
                finally
                {
                    trace += 1;
                }

                trace += 10;
            }
            finally
            {
                trace += 100;
            }
        }

        trace += 1000;
    End:
        return trace;
    }

    internal static void WaysOutOfATry(Output o)
    {
        for (int way = 0; way < 5; way++)
        {
            o.Line(Jumps(way));
        }
    }

    private sealed class Tracker(Output o, string name, bool fails = false) : IDisposable
    {
        public void Dispose()
        {
            o.Line("dispose " + name);
            if (fails)
            {
                throw new ObjectDisposedException(name);
            }
        }
    }

    internal static void UsingInOrder(Output o)
    {
        o.Throws(() =>
        {
            using var first = new Tracker(o, "first");
            using var second = new Tracker(o, "second", fails: true);
            using var third = new Tracker(o, "third");
            throw new FormatException();
        });
        o.Throws(() =>
        {
            using (new Tracker(o, "outer"))
            using (IDisposable none = null)
            using (new Tracker(o, "inner"))
            {
                o.Line("body");
            }
        });
    }

    internal static void LocksAreReleased(Output o)
    {
        object gate = new();
        o.Throws(() =>
        {
            lock (gate)
            {
                throw new FormatException();
            }
        });
        o.Line(System.Threading.Monitor.IsEntered(gate));
        var modern = new System.Threading.Lock();
        o.Throws(() =>
        {
            lock (modern)
            {
                o.Line(modern.IsHeldByCurrentThread);
                throw new InvalidOperationException();
            }
        });
        o.Line(modern.IsHeldByCurrentThread);
    }

    private static long Deep(int depth, long a, double b, string c, (int, long) d)
    {
        long local = a * depth;
        if (depth == 0)
        {
            throw new FormatException();
        }

        try
        {
            return Deep(depth - 1, a + 1, b / 2, c + "x", (d.Item1 + 1, d.Item2 * 2)) + local;
        }
        catch (FormatException) when (depth == 7)
        {
            return local + (long)(b * 1000) + c.Length + d.Item1 + d.Item2;
        }
    }

    internal static void RegistersAreRestored(Output o)
    {
        long before = 17;
        double real = 2.5;
        string text = "kept";
        for (int i = 10; i < 14; i++)
        {
            o.Line(Deep(i, i, i, "s", (i, i)) + before);
            before++;
            real *= 2;
        }

        o.Line(real + text + before);
    }

    private static (long A, long B, long C, string D) Structure(bool fails)
    {
        (long, long, long, string) result = (1, 2, 3, "four");
        try
        {
            if (fails)
            {
                throw new FormatException();
            }

            result.Item1 = 10;
        }
        catch (FormatException)
        {
            result.Item2 = 20;
        }
        finally
        {
            result.Item4 += "!";
        }

        return result;
    }

    internal static void StructuresAsResults(Output o)
    {
        o.Line(Structure(false).ToString());
        o.Line(Structure(true).ToString());
        (long A, long B, long C, string D) kept = (5, 6, 7, "kept");
        o.Throws(() => kept = Failing());
        o.Line(kept.ToString());
    }

    private static (long, long, long, string) Failing() => throw new InvalidOperationException();
}
