// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;

namespace Kernel.Tests.Oops;

/// <summary>Exceptions that meet others on their way.</summary>
internal static class UnwindingBugs
{
    public static void AddTo(List<KeyValuePair<string, Action>> bugs)
    {
        bugs.Add(new("finally", ThrowFromFinally));
        bugs.Add(new("filter", ThrowFromFilter));
        bugs.Add(new("rethrow", Rethrow));
        bugs.Add(new("wrapped", Wrap));
        bugs.Add(new("collided", static () => Collide(5)));
        bugs.Add(new("caught-in-finally", CatchInFinally));
        bugs.Add(new("fault-in-finally", FaultInFinally));
        bugs.Add(new("fault-in-catch", FaultInCatch));
    }

    private static void ThrowFromFinally()
    {
        try
        {
            throw new ArgumentException("superseded");
        }
        finally
        {
            Fail("from finally");
        }
    }

    private static void ThrowFromFilter()
    {
        try
        {
            throw new InvalidOperationException("past the filter");
        }
        catch (InvalidOperationException) when (FaultBugs.Divide(1, 0) == 0)
        {
            // A filter that throws counts as false (ECMA-335, III.1.7.5).
        }
    }

    private static void Rethrow()
    {
        try
        {
            FaultBugs.Divide(1, 0);
        }
        catch (DivideByZeroException)
        {
            throw;
        }
    }

    private static void Wrap()
    {
        try
        {
            FaultBugs.Divide(1, 0);
        }
        catch (DivideByZeroException inner)
        {
            throw new InvalidOperationException("outer", inner);
        }
    }

    // Each finally throws while the exception of the one inside of it is on its way.
    private static void Collide(int depth)
    {
        try
        {
            if (depth == 0)
            {
                Fail("innermost");
            }

            Collide(depth - 1);
        }
        finally
        {
            Fail(depth == 5 ? "outermost" : "between");
        }
    }

    private static void CatchInFinally()
    {
        try
        {
            Fail("goes on");
        }
        finally
        {
            try
            {
                FaultBugs.ReadNull();
            }
            catch (NullReferenceException)
            {
            }
        }
    }

    private static void FaultInFinally()
    {
        try
        {
            Fail("superseded");
        }
        finally
        {
            FaultBugs.ReadNull();
        }
    }

    private static void FaultInCatch()
    {
        try
        {
            Fail("caught");
        }
        catch (InvalidOperationException)
        {
            FaultBugs.ReadNull();
        }
    }

    private static void Fail(string message) => throw new InvalidOperationException(message);
}
