// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;

namespace Kernel.Tests.Ostd;

/// <summary>Assertions: a failed one throws, which fails the test.</summary>
internal static class Check
{
    public static void That(bool condition, string what)
    {
        if (!condition)
        {
            throw new InvalidOperationException(what);
        }
    }

    public static void Equal<T>(T expected, T actual, string what)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
        {
            throw new InvalidOperationException(what + ": expected " + expected + ", got " + actual);
        }
    }

    public static bool Throws<TException>(Action action)
        where TException : Exception
    {
        try
        {
            action();
            return false;
        }
        catch (TException)
        {
            return true;
        }
    }
}
