// SPDX-License-Identifier: MPL-2.0

using System;
using System.Runtime.CompilerServices;

namespace Ostd.Runtime;

/// <summary>
/// Where an exception was thrown and what it went through. The first pass of a throw hands over each frame's address; they are kept in the exception, whose private
/// fields for this CoreLib leaves to the runtime when reflection is off.
/// </summary>
// SAFETY: the thread's record lasts for the call; the context is the throw stub's, filled in before dispatch starts.
public static unsafe class ExceptionTrace
{
    /// <summary>Frames that are kept; the outer ones of a deeper stack are not.</summary>
    public const int MaxFrames = 48;

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

    /// <summary>The registers that are known of the running task's last throw.</summary>
    /// <param name="exception">What was thrown.</param>
    /// <param name="registers">Receives the values, the address first.</param>
    /// <returns>The registers' names; null when a later throw has taken their place.</returns>
    public static string[]? TryGetRegisters(Exception exception, Span<ulong> registers)
    {
        LimitedContext context = RuntimeThread.Current->LastThrow;
        return FrameCount(exception) == 0 || Addresses(exception)![0] != (nint)context.Ip ? null : context.CopyTo(registers);
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

    /// <summary>Adds a frame to an exception's trace; throws when there is no memory.</summary>
    internal static void TryAppend(Exception exception, nint address, bool isFirst, LimitedContext* context)
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
