// SPDX-License-Identifier: MPL-2.0

using System.Runtime;

namespace Ostd.Runtime;

/// <summary>
/// Walks the frames of the running task for CoreLib's exception dispatcher.
/// </summary>
/// <remarks>
/// <para>Between frames of compiled code stand the thunks of the stubs, known by their return addresses: a funclet's (its parent's
/// registers are noted, the dispatcher's restored), a throw site's, and the slow path of an interface call.</para>
/// <para>A walk that comes from a catch or finally funclet through the dispatcher to the throw site of the exception being handled has
/// <em>collided</em> with it: that exception is superseded. The walk goes on where the older one stood, behind the clause whose funclet threw, with
/// the registers that the funclet left (NativeAOT's StackFrameIterator has the same notion).</para>
/// </remarks>
// SAFETY: iterators, contexts and ExInfos lie on the running task's stack, in frames that last for the call: CoreLib's, the throw
// stubs', StackWalker's; their layouts are CoreLib's (RegisterDisplay.cs). SP is followed here only where IP is the return address of a
// stub's call, so that the frame which that stub lays out begins at SP. An ExInfo's iterator is read in the second pass only, which
// CoreLib starts after the first has filled it.
internal static unsafe class FrameWalk
{
    private const uint NoClause = uint.MaxValue;

    [RuntimeExport("RhpSfiInit")]
    private static int Init(FrameIterator* iterator, LimitedContext* context, int isInstructionFault, byte* isIntercepted)
    {
        if (isIntercepted != null)
        {
            *isIntercepted = 0;
        }

        return context != null && Start(iterator, context, (isInstructionFault & 1) != 0) ? 1 : 0;
    }

    /// <summary>Begins a walk at given registers.</summary>
    [InterruptSafe]
    internal static bool Start(FrameIterator* iterator, LimitedContext* context, bool isInstructionFault)
    {
        ArchRuntime.Zero((byte*)iterator, (nuint)sizeof(FrameIterator));
        SetRegisters(iterator, context);
        return SettleOnFrame(iterator, isInstructionFault, out _);
    }

    /// <summary>Steps to the caller's frame.</summary>
    [InterruptSafe]
    internal static bool Step(FrameIterator* iterator, out uint collidedClause)
    {
        collidedClause = NoClause;
        return FrameUnwinder.TryStep(iterator->Method, iterator->ControlPc, ref iterator->Registers)
            && SettleOnFrame(iterator, false, out collidedClause);
    }

    /// <summary>Steps out of an interrupted method's frame, which may be being taken down.</summary>
    [InterruptSafe]
    internal static bool StepInterrupted(FrameIterator* iterator) =>
        EpilogueUnwinder.TryStep(iterator->Method, ref iterator->Registers) ? SettleOnFrame(iterator, false, out _) : Step(iterator, out _);

    /// <summary>The walk has come to a stub that has a description.</summary>
    [InterruptSafe]
    internal static bool IsInStub(FrameIterator* iterator) =>
        ExceptionTables.TryFindFde(iterator->ControlPc, out _, out _, out byte* block) && block == null;

    /// <summary>Steps out of a stub's frame, at which <see cref="Start"/> and the other steps end: no exception may.</summary>
    /// <param name="iterator">The walk; when it cannot go on, it stands nowhere.</param>
    /// <param name="isInterrupted">The stub was interrupted, and has not called what comes below.</param>
    [InterruptSafe]
    internal static bool StepOutOfStub(FrameIterator* iterator, bool isInterrupted)
    {
        bool isKnown = ExceptionTables.TryFindFde(iterator->ControlPc, out byte* fde, out nuint start, out _)
            ? FrameUnwinder.TryStep(fde, start, iterator->ControlPc, ref iterator->Registers)
            : isInterrupted && StepOutOfCompilersStub(iterator);
        if (isKnown)
        {
            return SettleOnFrame(iterator, false, out _);
        }

        iterator->ControlPc = 0;
        return false;
    }

    // ilc's own stubs (unboxing, access to statics, generic lookups, construction of delegates) stand before, among and behind its methods. They have no description, but none is
    // needed: they end in RET or a jump, call nothing and never move RSP.
    [InterruptSafe]
    private static bool StepOutOfCompilersStub(FrameIterator* iterator)
    {
        ImageTable* image = ArchRuntime.ImageTable();
        RuntimeThread* thread = ArchRuntime.GetThread();
        nuint stackPointer = iterator->Registers.Sp;
        if (iterator->ControlPc < image->CompilerStubsStart || iterator->ControlPc >= image->UnboxEnd
            || stackPointer < thread->StackLow || stackPointer > thread->StackHigh - 8 || (stackPointer & 7) != 0)
        {
            return false;
        }

        iterator->Registers.Ip = *(nuint*)stackPointer;
        iterator->Registers.Sp = stackPointer + 8;
        return true;
    }

    [RuntimeExport("RhpSfiNext")]
    private static int Next(FrameIterator* iterator, uint* collidedClause, byte* hasUnwoundReversePInvoke, byte* isIntercepted)
    {
        bool isReverse = iterator->Method.IsReversePInvoke && !iterator->Method.IsFunclet;
        bool isValid = Step(iterator, out uint clause);

        if (collidedClause != null)
        {
            *collidedClause = clause;
        }

        if (hasUnwoundReversePInvoke != null)
        {
            *hasUnwoundReversePInvoke = isReverse ? (byte)1 : (byte)0;
        }

        if (isIntercepted != null)
        {
            *isIntercepted = 0;
        }

        return isValid ? 1 : 0;
    }

    [InterruptSafe]
    private static void SetRegisters(FrameIterator* iterator, LimitedContext* context)
    {
        iterator->Registers.Ip = context->Ip;
        iterator->Registers.Sp = context->Rsp;
        iterator->Registers.Rbp = context->Rbp;
        iterator->Registers.Rbx = context->Rbx;
        iterator->Registers.R12 = context->R12;
        iterator->Registers.R13 = context->R13;
        iterator->Registers.R14 = context->R14;
        iterator->Registers.R15 = context->R15;
    }

    // Steps out of thunks until the registers stand in compiled code, and looks its method up. An interrupted instruction is not a thunk's return address: where it stands at one, the
    // description of the stub leads on as at any other of its instructions.
    [InterruptSafe]
    private static bool SettleOnFrame(FrameIterator* iterator, bool isInstructionFault, out uint collidedClause)
    {
        collidedClause = NoClause;
        ImageTable* image = ArchRuntime.ImageTable();
        while (!isInstructionFault)
        {
            nuint ip = iterator->Registers.Ip;
            if (ip == image->CatchReturn || ip == image->FinallyReturn || ip == image->FilterReturn)
            {
                LeaveFuncletThunk(iterator);
            }
            else if (ip == image->DispatchReturn)
            {
                LeaveDispatchThunk(iterator);
            }
            else if (ip == image->ThrowReturn || ip == image->ThrowHardwareReturn || ip == image->RethrowReturn)
            {
                LimitedContext* context = (LimitedContext*)iterator->Registers.Sp;
                ExInfo* exInfo = (ExInfo*)(context + 1);
                if (exInfo->PassNumber == 2 && iterator->HasFuncletRegisters && exInfo->CurrentClause != NoClause)
                {
                    collidedClause = exInfo->CurrentClause;
                    exInfo->Kind |= ExInfo.SupersededFlag;
                    Collide(iterator, &exInfo->FrameIterator);
                    return true;
                }

                SetRegisters(iterator, context);
                isInstructionFault = ip == image->ThrowHardwareReturn;
            }
            else
            {
                break;
            }
        }

        iterator->OriginalControlPc = iterator->Registers.Ip;
        iterator->ControlPc = isInstructionFault ? iterator->Registers.Ip : iterator->Registers.Ip - 1;
        if (!MethodInfo.TryFind(iterator->ControlPc, out iterator->Method))
        {
            return false;
        }

        iterator->FramePointer = iterator->Method.HasFramePointer ? iterator->Registers.Rbp : 0;
        return true;
    }

    // Frame of a funclet thunk: display, R15, R14, R13, R12, RBX, RBP, return address.
    [InterruptSafe]
    private static void LeaveFuncletThunk(FrameIterator* iterator)
    {
        iterator->FuncletRegisters = iterator->Registers;
        iterator->HasFuncletRegisters = true;
        nuint* stack = (nuint*)iterator->Registers.Sp;
        iterator->Registers.R15 = stack[1];
        iterator->Registers.R14 = stack[2];
        iterator->Registers.R13 = stack[3];
        iterator->Registers.R12 = stack[4];
        iterator->Registers.Rbx = stack[5];
        iterator->Registers.Rbp = stack[6];
        iterator->Registers.Ip = stack[7];
        iterator->Registers.Sp = (nuint)(stack + 8);
    }

    // 8 vector registers, 8 bytes of padding, 6 argument registers, return address.
    [InterruptSafe]
    private static void LeaveDispatchThunk(FrameIterator* iterator)
    {
        nuint* stack = (nuint*)(iterator->Registers.Sp + 8 * 16 + 8 + 6 * 8);
        iterator->Registers.Ip = stack[0];
        iterator->Registers.Sp = (nuint)(stack + 1);
    }

    [InterruptSafe]
    private static void Collide(FrameIterator* iterator, FrameIterator* older)
    {
        RegisterDisplay funclet = iterator->FuncletRegisters;
        *iterator = *older;
        iterator->Registers.Rbx = funclet.Rbx;
        iterator->Registers.Rbp = funclet.Rbp;
        iterator->Registers.R12 = funclet.R12;
        iterator->Registers.R13 = funclet.R13;
        iterator->Registers.R14 = funclet.R14;
        iterator->Registers.R15 = funclet.R15;
        iterator->HasFuncletRegisters = false;
    }
}
