// SPDX-License-Identifier: MPL-2.0

namespace Asterion.Compiler.Cases;

/// <summary>Where a case writes what is compared.</summary>
public abstract class Output
{
    /// <summary>Writes text and a newline.</summary>
    public abstract void Line(string text);

    internal void Line(int value) => Line(value.ToString());

    internal void Line(long value) => Line(value.ToString());

    internal void Line(bool value) => Line(value ? "true" : "false");

    /// <summary>Writes what an action throws: its type, by a chain of tests, because names of types need reflection.</summary>
    internal void Throws(System.Action action)
    {
        try
        {
            action();
            Line("nothing thrown");
        }
        catch (System.Exception e)
        {
            Line(NameOf(e));
        }
    }

    /// <summary>Writes what a computation gives, or what it throws.</summary>
    internal void Result<T>(System.Func<T> compute) => Line(TextOf(compute));

    /// <summary>Writes what a computation gives for each value, on one line with a name before.</summary>
    internal void ForEach<TValue, TResult>(string name, TValue[] values, System.Func<TValue, TResult> compute)
    {
        var text = new System.Text.StringBuilder(name).Append(':');
        foreach (TValue value in values)
        {
            text.Append(' ').Append(TextOf(() => compute(value)));
        }

        Line(text.ToString());
    }

    private static string TextOf<T>(System.Func<T> compute)
    {
        try
        {
            return compute() is { } result ? result.ToString() : "null";
        }
        catch (System.Exception e)
        {
            return NameOf(e);
        }
    }

    internal static string NameOf(System.Exception e) => e switch
    {
        System.OverflowException => "OverflowException",
        System.NotFiniteNumberException => "NotFiniteNumberException",
        System.DivideByZeroException => "DivideByZeroException",
        System.NullReferenceException => "NullReferenceException",
        System.IndexOutOfRangeException => "IndexOutOfRangeException",
        System.InvalidCastException => "InvalidCastException",
        System.ArrayTypeMismatchException => "ArrayTypeMismatchException",
        System.TypeInitializationException => "TypeInitializationException",
        System.ArgumentOutOfRangeException => "ArgumentOutOfRangeException",
        System.ArgumentNullException => "ArgumentNullException",
        System.ArgumentException => "ArgumentException",
        System.Collections.Generic.KeyNotFoundException => "KeyNotFoundException",
        System.FormatException => "FormatException",
        System.NotSupportedException => "NotSupportedException",
        System.ObjectDisposedException => "ObjectDisposedException",
        System.InvalidOperationException => "InvalidOperationException",
        _ => "another exception",
    };
}
