// SPDX-License-Identifier: MPL-2.0

using System;

namespace Ostd.Runtime.Tests;

internal sealed class CheckFailedException(string message) : Exception(message);

internal static class Check
{
    internal static void True(bool condition, string what)
    {
        if (!condition)
        {
            throw new CheckFailedException(what);
        }
    }

    internal static void Equal(long expected, long actual, string what)
    {
        if (expected != actual)
        {
            throw new CheckFailedException(what + ": expected " + expected + ", got " + actual);
        }
    }

    internal static void Equal(string expected, string? actual, string what)
    {
        if (expected != actual)
        {
            throw new CheckFailedException(what + ": expected '" + expected + "', got '" + actual + "'");
        }
    }

    internal static void Throws<T>(Action action, string what)
        where T : Exception
    {
        try
        {
            action();
        }
        catch (T)
        {
            return;
        }

        throw new CheckFailedException(what + ": nothing was thrown");
    }
}
