// SPDX-License-Identifier: MPL-2.0

using System;

namespace Asterion.Compiler.Cases;

/// <summary>Exception filters: their order, their side effects, and what they see (ECMA-335, I.12.4.2.5).</summary>
internal static class FilterCases
{
    private static bool Note(Output o, string text, bool result)
    {
        o.Line(text);
        return result;
    }

    internal static void OrderOfSideEffects(Output o)
    {
        try
        {
            try
            {
                try
                {
                    throw new InvalidOperationException();
                }
                catch (FormatException) when (Note(o, "wrong type", true))
                {
                    o.Line("never");
                }
                catch (InvalidOperationException) when (Note(o, "inner filter", false))
                {
                    o.Line("never");
                }
                finally
                {
                    o.Line("inner finally");
                }
            }
            catch (Exception) when (Note(o, "middle filter", false))
            {
                o.Line("never");
            }
            finally
            {
                o.Line("middle finally");
            }
        }
        catch (Exception e) when (Note(o, "outer filter", e is InvalidOperationException))
        {
            o.Line("outer handler");
        }
    }

    internal static void FiltersSeeLocals(Output o)
    {
        int state = 0;
        long wide = 5;
        string text = "before";
        (int, string) pair = (1, "one");
        try
        {
            state = 1;
            text = "in try";
            pair.Item1 = 7;
            Throw(4);
        }
        catch (Exception) when (state == 1 && text == "in try" && pair.Item1 == 7 && ++wide == 6)
        {
            state += 10;
        }

        o.Line($"{state} {wide} {text} {pair}");
    }

    private static void Throw(int depth)
    {
        try
        {
            if (depth == 0)
            {
                throw new FormatException();
            }

            Throw(depth - 1);
        }
        finally
        {
            s_unwound++;
        }
    }

    private static int s_unwound;

    internal static void FramesBelowStillStand(Output o)
    {
        s_unwound = 0;
        int seen = -1;
        try
        {
            Throw(6);
        }
        catch (FormatException) when ((seen = s_unwound) == 0)
        {
            o.Line(seen);
            o.Line(s_unwound);
        }
    }

    internal static void FiltersThatChooseAmongMany(Output o)
    {
        for (int i = 0; i < 5; i++)
        {
            try
            {
                throw new ArgumentException("number " + i);
            }
            catch (ArgumentException) when (i == 0)
            {
                o.Line("zero");
            }
            catch (ArgumentException e) when (e.Message.EndsWith('1'))
            {
                o.Line("one");
            }
            catch (Exception) when (i % 2 == 0)
            {
                o.Line("even");
            }
            catch (ArgumentException)
            {
                o.Line("odd");
            }
        }
    }

    private static bool Fails() => throw new NotSupportedException();

    internal static void AFilterThatThrowsIsFalse(Output o)
    {
        try
        {
            try
            {
                throw new FormatException();
            }
            catch (FormatException) when (Fails())
            {
                o.Line("never");
            }
            finally
            {
                o.Line("finally");
            }
        }
        catch (FormatException)
        {
            o.Line("the first exception");
        }
    }

    private static bool CatchesInside(Output o)
    {
        try
        {
            throw new InvalidOperationException();
        }
        catch (InvalidOperationException) when (Note(o, "filter in a filter", true))
        {
            o.Line("handled inside");
            return true;
        }
        finally
        {
            o.Line("finally inside");
        }
    }

    internal static void HandlersRunInsideFilters(Output o)
    {
        try
        {
            throw new FormatException();
        }
        catch (Exception e) when (CatchesInside(o) && e is FormatException)
        {
            o.Line("handled outside");
        }
    }

    private static int Recursive(Output o, int depth)
    {
        int own = depth;
        try
        {
            if (depth == 0)
            {
                throw new FormatException();
            }

            return Recursive(o, depth - 1) + own;
        }
        catch (FormatException) when (Note(o, "filter " + own, own == 2))
        {
            return own * 100;
        }
    }

    internal static void EachFrameHasItsOwnLocals(Output o) => o.Line(Recursive(o, 4));

    private static string Generic<T>(T value, Func<T, bool> filter)
    {
        try
        {
            throw new FormatException();
        }
        catch (FormatException) when (filter(value))
        {
            return "handled with " + value;
        }
        catch
        {
            return "refused";
        }
    }

    internal static void InGenericMethods(Output o)
    {
        o.Line(Generic(5, v => v > 3));
        o.Line(Generic("x", v => v == "y"));
        o.Line(Generic((1, "a"), v => v.Item2 == "a"));
    }

    private sealed class Service(bool accepts)
    {
        private int _filtered;

        internal string Run(ref int outside)
        {
            int local = 3;
            try
            {
                throw new InvalidOperationException();
            }
            catch (InvalidOperationException) when (++_filtered > 0 && accepts)
            {
                outside += local;
                return "accepted " + _filtered;
            }
            catch (Exception)
            {
                outside -= local;
                return "left " + _filtered;
            }
        }
    }

    internal static void InInstanceMethods(Output o)
    {
        int outside = 10;
        o.Line(new Service(true).Run(ref outside));
        o.Line(new Service(false).Run(ref outside));
        o.Line(new Service(true).Run(ref outside));
        o.Line(outside);
    }

    internal static void RethrownExceptionsAreFilteredAgain(Output o)
    {
        int filtered = 0;
        try
        {
            try
            {
                throw new FormatException();
            }
            catch (FormatException) when (++filtered == 1)
            {
                throw;
            }
        }
        catch (Exception) when (++filtered == 2)
        {
            o.Line(filtered);
        }
    }
}
