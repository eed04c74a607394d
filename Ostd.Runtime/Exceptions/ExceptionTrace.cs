// SPDX-License-Identifier: MPL-2.0

using System;
using System.Runtime;
using System.Runtime.CompilerServices;

namespace Ostd.Runtime;

/// <summary>
/// Where an exception was thrown and what it went through. The first pass of a throw hands over each frame's address; they are kept in the exception, whose private
/// fields for this CoreLib leaves to the runtime when reflection is off.
/// </summary>
// SAFETY: the thread's record and its newest ExInfo last for the call; the ExInfo's context is the throw stub's, filled in before dispatch starts.
public static unsafe class ExceptionTrace
{
    /// <summary>Frames that are kept; the outer ones of a deeper stack are not.</summary>
    public const int MaxFrames = 48;

    private const int FirstFrame = 1;

    /// <summary>Copies the addresses at which an exception's frames stood, innermost first: of the fault or behind the call.</summary>
    /// <returns>How many there are.</returns>
    public static int GetFrames(Exception exception, Span<nint> frames)
    {
        int count = Math.Min(FrameCount(exception), frames.Length);
        if (count > 0)
        {
            Addresses(exception).AsSpan(0, count).CopyTo(frames);
        }

        return count;
    }

    /// <summary>The registers that are known of the running task's last throw: RIP, RSP, RBP, RBX, R12 to R15.</summary>
    /// <param name="exception">What was thrown.</param>
    /// <param name="registers">Receives the values.</param>
    /// <returns>False when a later throw has taken their place.</returns>
    public static bool TryGetRegisters(Exception exception, Span<ulong> registers)
    {
        LimitedContext context = RuntimeThread.Current->LastThrow;
        if (FrameCount(exception) == 0 || Addresses(exception)![0] != (nint)context.Ip || registers.Length < 8)
        {
            return false;
        }

        registers[0] = context.Ip;
        registers[1] = context.Rsp;
        registers[2] = context.Rbp;
        registers[3] = context.Rbx;
        registers[4] = context.R12;
        registers[5] = context.R13;
        registers[6] = context.R14;
        registers[7] = context.R15;
        return true;
    }

    // CoreLib's ClassLibFunctionId.AppendExceptionStackFrame. What it throws (there may be no memory for the addresses) CoreLib catches.
    [RuntimeExport("RuntimeAppendStackFrame")]
    private static void AppendStackFrame(object thrown, nint address, int flags)
    {
        if (thrown is Exception exception)
        {
            bool isFirst = (flags & FirstFrame) != 0;
            TryAppend(exception, address, isFirst, isFirst ? ((ExInfo*)ArchRuntime.GetThread()->ExInfoHead)->Context : null);
        }
    }

    /// <summary>Adds a frame to an exception's trace, if there is memory.</summary>
    /// <param name="exception">The exception.</param>
    /// <param name="address">Where the frame stands.</param>
    /// <param name="isFirst">It is the one that throws.</param>
    /// <param name="context">The registers there, for the first one.</param>
    internal static void Append(Exception exception, nint address, bool isFirst, LimitedContext* context)
    {
        try
        {
            TryAppend(exception, address, isFirst, context);
        }
        catch (OutOfMemoryException)
        {
            // The trace ends here.
        }
    }

    private static void TryAppend(Exception exception, nint address, bool isFirst, LimitedContext* context)
    {
        // CoreLib keeps one OutOfMemoryException, which is everybody's. An interrupt handler that throws is about to panic, and may not allocate.
        if (exception is OutOfMemoryException || ArchRuntime.GetThread()->NoAllocationDepth != 0 || RuntimeThread.IsInPolicy)
        {
            return;
        }

        if (isFirst)
        {
            ArchRuntime.GetThread()->LastThrow = *context;
            FrameCount(exception) = 0; // thrown a second time: the trace begins anew
        }

        if (FrameCount(exception) < MaxFrames)
        {
            AppendAddress(exception, address, false);
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "AppendStackIP")]
    private static extern void AppendAddress(Exception exception, nint address, bool isFirstRethrowFrame);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_corDbgStackTrace")]
    private static extern ref nint[]? Addresses(Exception exception);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_idxFirstFreeStackTraceEntry")]
    private static extern ref int FrameCount(Exception exception);
}
