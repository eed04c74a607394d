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

    internal static string NameOf(System.Exception e) => e switch
    {
        System.OverflowException => "OverflowException",
        System.DivideByZeroException => "DivideByZeroException",
        System.NullReferenceException => "NullReferenceException",
        System.IndexOutOfRangeException => "IndexOutOfRangeException",
        System.InvalidCastException => "InvalidCastException",
        System.ArrayTypeMismatchException => "ArrayTypeMismatchException",
        System.TypeInitializationException => "TypeInitializationException",
        System.ArgumentOutOfRangeException => "ArgumentOutOfRangeException",
        System.ArgumentNullException => "ArgumentNullException",
        System.ArgumentException => "ArgumentException",
        System.FormatException => "FormatException",
        System.NotSupportedException => "NotSupportedException",
        System.InvalidOperationException => "InvalidOperationException",
        _ => "another exception",
    };
}
