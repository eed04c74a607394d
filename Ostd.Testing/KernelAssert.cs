// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Ostd.Testing;

/// <summary>What a <c>[KernelTest]</c> expects; a disappointed expectation throws, which fails the test.</summary>
public static class KernelAssert
{
    /// <summary>The condition holds.</summary>
    public static void True([DoesNotReturnIf(false)] bool condition, [CallerArgumentExpression(nameof(condition))] string? expression = null)
    {
        if (!condition)
            throw new KernelTestException(expression + " is false");
    }

    /// <summary>The condition does not hold.</summary>
    public static void False([DoesNotReturnIf(true)] bool condition, [CallerArgumentExpression(nameof(condition))] string? expression = null)
    {
        if (condition)
            throw new KernelTestException(expression + " is true");
    }

    /// <summary>The values are equal.</summary>
    public static void Equal<T>(T expected, T actual, [CallerArgumentExpression(nameof(actual))] string? expression = null)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
            throw new KernelTestException(expression + " is " + actual + ", expected " + expected);
    }

    /// <summary>The code throws this exception or one derived from it.</summary>
    public static void Throws<TException>(Action code)
        where TException : Exception
    {
        try
        {
            code();
        }
        catch (TException)
        {
            return;
        }

        throw new KernelTestException("no " + typeof(TException).Name + " was thrown");
    }
}

/// <summary>An expectation of a kernel test that was not met.</summary>
public sealed class KernelTestException(string message) : Exception(message);
