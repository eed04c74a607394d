// SPDX-License-Identifier: MPL-2.0

using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime;

namespace Ostd.Runtime;

/// <summary>The end of the line: text to the debug port and to the kernel's panic, when it has installed one.</summary>
// SAFETY: the handler is a static method of the kernel. What DebugWrite reads are locals of the calling method with their true lengths;
// the buffer for a type's name has the LongestDescription bytes that SymbolTable asks for.
public static unsafe class RuntimePanic
{
    private static delegate*<string, void> s_handler;
    private static int s_depth;

    /// <summary>Installs the kernel's panic. It must not return.</summary>
    /// <param name="handler">Receives the reason.</param>
    public static void SetHandler(delegate*<string, void> handler) => s_handler = handler;

    /// <summary>Stops the machine over a broken invariant of the runtime. Allocates nothing.</summary>
    /// <param name="reason">What broke; a literal.</param>
    [DoesNotReturn]
    public static void Fail(string reason)
    {
        if (s_depth++ == 0)
        {
            Write("\nruntime: ");
            Write(reason);
            Write("\n");
            if (s_handler != null)
            {
                s_handler(reason);
            }
        }

        while (true)
        {
            ArchRuntime.Halt();
        }
    }

    /// <summary>Writes text to the debug port, whatever state the kernel is in.</summary>
    /// <param name="text">The text; what is not ASCII comes out as '?'.</param>
    [NoAlloc]
    public static void Write(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            byte character = text[i] < 128 ? (byte)text[i] : (byte)'?';
            ArchRuntime.DebugWrite(&character, 1);
        }
    }

    /// <summary>Writes a number in hexadecimal to the debug port.</summary>
    /// <param name="value">The number.</param>
    [NoAlloc]
    public static void WriteHex(ulong value)
    {
        byte* digits = stackalloc byte[18];
        digits[0] = (byte)'0';
        digits[1] = (byte)'x';
        for (int i = 0; i < 16; i++)
        {
            uint digit = (uint)(value >> (60 - i * 4)) & 15;
            digits[2 + i] = (byte)(digit < 10 ? '0' + digit : 'a' + digit - 10);
        }

        ArchRuntime.DebugWrite(digits, 18);
    }

    // CoreLib's ClassLibFunctionId.OnUnhandledException: nobody catches it on this stack.
    [RuntimeExport("RuntimeUnhandledException")]
    internal static void UnhandledException(object exception)
    {
        Write("\nunhandled exception: ");
        if (exception is Exception known)
        {
            DescribeException(known);
        }

        Fail("an exception was not handled");
    }

    private static void DescribeException(Exception exception)
    {
        byte* name = stackalloc byte[SymbolTable.LongestDescription];
        for (Exception? current = exception; current != null; current = current.InnerException)
        {
            ArchRuntime.DebugWrite(name, SymbolTable.DescribeType(current, name));
            Write(": ");
            Write(current.Message);
            Write("\n");
        }
    }

    // CoreLib's ClassLibFunctionId.FailFast.
    [RuntimeExport("RuntimeFailFastHook")]
    private static void FailFast(int reason, object? exception, nint address, nint context)
    {
        if (exception != null)
        {
            UnhandledException(exception);
        }

        Write("\nfail fast, reason ");
        WriteHex((uint)reason);
        Write(" at ");
        WriteHex((ulong)address);
        Fail("the class library gave up");
    }

    [RuntimeExport("RhpFallbackFailFast")]
    private static void FallbackFailFast() => Fail("exception dispatch failed");
}
