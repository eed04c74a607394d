// SPDX-License-Identifier: MPL-2.0

using System;
using System.Runtime.CompilerServices;
using System.Text;

namespace Ostd.Runtime.Tests;

/// <summary>What an exception remembers of its way, and the names, files and lines of it.</summary>
internal static unsafe class TraceTests
{
    internal static void ExceptionsKnowTheirWay()
    {
        int[] lines = new int[2];
        try
        {
            Outer(lines);
            Check.True(false, "nothing was thrown");
        }
        catch (InvalidOperationException exception)
        {
            nint[] frames = new nint[ExceptionTrace.MaxFrames];
            int count = ExceptionTrace.GetFrames(exception, frames);
            Check.True(count >= 3, "frames");
            CheckFrame(frames[0], "Inner", lines[0]);
            CheckFrame(frames[1], "Outer", lines[1]);
            ulong[] registers = new ulong[8];
            Check.True(ExceptionTrace.TryGetRegisters(exception, registers) is not null, "registers are known");
            Check.True(registers[0] == (ulong)frames[0], "RIP is the throw's");
        }
    }

    internal static void AThrowBeginsTheTraceAnew()
    {
        var exception = new InvalidOperationException();
        Span<nint> frames = stackalloc nint[ExceptionTrace.MaxFrames];
        int first = CountFrames(exception, frames);
        Check.Equal(first, CountFrames(exception, frames), "as many frames as before");
    }

    private static int CountFrames(Exception exception, Span<nint> frames)
    {
        try
        {
            Raise(exception);
        }
        catch (InvalidOperationException)
        {
        }

        return ExceptionTrace.GetFrames(exception, frames);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Raise(Exception exception) => throw exception;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Inner(int[] lines)
    {
        lines[0] = ThisLine(); throw new InvalidOperationException();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Outer(int[] lines)
    {
        lines[1] = ThisLine(); Inner(lines); GC.KeepAlive(lines);
    }

    private static int ThisLine([CallerLineNumber] int line = 0) => line;

    private static void CheckFrame(nint address, string name, int line)
    {
        byte* buffer = stackalloc byte[SymbolTable.LongestDescription];
        string text = Encoding.ASCII.GetString(buffer, SymbolTable.Describe((nuint)address - 1, buffer));
        // ilc's way to write a method, and the one of this project's compiler.
        bool hasName = text.Contains("TraceTests__" + name + "+0x", StringComparison.Ordinal) || text.Contains("TraceTests." + name + "(", StringComparison.Ordinal);
        Check.True(hasName, "name in " + text);
        Check.True(text.EndsWith(" (tests/Ostd.Runtime.Tests/TraceTests.cs:" + line + ")", StringComparison.Ordinal), "line " + line + " in " + text);
    }
}
