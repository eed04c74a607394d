// SPDX-License-Identifier: MPL-2.0

namespace Ostd.Runtime;

/// <summary>
/// Walks the frames of the running task, for backtraces. LLVM describes every instruction of a function, epilogues included, and stubs are described too, so a step is the same
/// everywhere.
/// </summary>
// SAFETY: iterators and contexts lie on the running task's stack, in frames that last for the call. The stack is followed by FrameUnwinder alone.
internal static unsafe class FrameWalk
{
    /// <summary>Begins a walk at given registers.</summary>
    [InterruptSafe]
    internal static bool Start(FrameIterator* iterator, LimitedContext* context, bool isInstructionFault)
    {
        ArchRuntime.Zero((byte*)iterator, (nuint)sizeof(FrameIterator));
        iterator->Registers = RegisterDisplay.From(context);
        return Settle(iterator, isInstructionFault);
    }

    /// <summary>Steps to the caller's frame.</summary>
    [InterruptSafe]
    internal static bool Step(FrameIterator* iterator, out uint collidedClause)
    {
        collidedClause = uint.MaxValue;
        return FrameUnwinder.TryStep(iterator->Method, iterator->ControlPc, ref iterator->Registers) && Settle(iterator, false);
    }

    /// <summary>Steps out of an interrupted function's frame.</summary>
    [InterruptSafe]
    internal static bool StepInterrupted(FrameIterator* iterator) => Step(iterator, out _);

    /// <summary>The walk has come to a stub that has a description.</summary>
    [InterruptSafe]
    internal static bool IsInStub(FrameIterator* iterator) =>
        !MethodInfo.TryFind(iterator->ControlPc, out _) && ExceptionTables.TryFindFde(iterator->ControlPc, out _, out _, out _);

    /// <summary>Steps out of a stub's frame.</summary>
    /// <param name="iterator">The walk; when it cannot go on, it stands nowhere.</param>
    /// <param name="isInterrupted">The stub was interrupted, and has not called what comes below.</param>
    [InterruptSafe]
    internal static bool StepOutOfStub(FrameIterator* iterator, bool isInterrupted)
    {
        if (ExceptionTables.TryFindFde(iterator->ControlPc, out byte* fde, out nuint start, out _)
            && FrameUnwinder.TryStep(fde, start, iterator->ControlPc, ref iterator->Registers))
        {
            return Settle(iterator, false);
        }

        iterator->ControlPc = 0;
        return false;
    }

    [InterruptSafe]
    private static bool Settle(FrameIterator* iterator, bool isInstructionFault)
    {
        iterator->OriginalControlPc = iterator->Registers.Ip;
        iterator->ControlPc = isInstructionFault ? iterator->Registers.Ip : iterator->Registers.Ip - 1;
        return MethodInfo.TryFind(iterator->ControlPc, out iterator->Method);
    }
}
