// SPDX-License-Identifier: MPL-2.0

using System;

namespace Asterion.Compiler.Cases;

/// <summary>Exceptions that are thrown again, or that carry others.</summary>
internal static class RethrowCases
{
    private static void ReplaceInCatch(int depth)
    {
        try
        {
            if (depth == 0)
            {
                throw new FormatException("0");
            }

            ReplaceInCatch(depth - 1);
        }
        catch (Exception e)
        {
            throw new InvalidOperationException(depth.ToString(), e);
        }
    }

    internal static void ChainsOfInnerExceptions(Output o)
    {
        try
        {
            ReplaceInCatch(4);
        }
        catch (Exception e)
        {
            for (Exception each = e; each != null; each = each.InnerException)
            {
                o.Line(Output.NameOf(each) + " " + each.Message);
            }
        }
    }

    internal static void RethrowKeepsTheObject(Output o)
    {
        Exception thrown = new FormatException("same"), caught = null;
        try
        {
            try
            {
                try
                {
                    throw thrown;
                }
                catch (FormatException)
                {
                    try
                    {
                        throw new InvalidOperationException();
                    }
                    catch (InvalidOperationException)
                    {
                        o.Line("inner handled");
                    }

                    throw;
                }
            }
            catch (FormatException e)
            {
                caught = e;
                throw e;
            }
        }
        catch (Exception e)
        {
            o.Line(ReferenceEquals(e, thrown) && ReferenceEquals(caught, thrown));
        }
    }

    internal static void CapturedAndThrownLater(Output o)
    {
        System.Runtime.ExceptionServices.ExceptionDispatchInfo info = null;
        try
        {
            throw new FormatException("captured");
        }
        catch (FormatException e)
        {
            info = System.Runtime.ExceptionServices.ExceptionDispatchInfo.Capture(e);
        }

        o.Line(info.SourceException.Message);
        for (int i = 0; i < 2; i++)
        {
            o.Throws(() => info.Throw());
        }
    }
}
