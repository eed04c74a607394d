// SPDX-License-Identifier: MPL-2.0

using System;
using System.Runtime.InteropServices;

namespace Ostd.Runtime;

/// <summary>
/// The registers of a frame. CoreLib fixes the size (136) and the place of SP; the original holds addresses of saved registers, this one
/// holds their values: nothing moves here, so nobody has to write through them, and a value cannot dangle.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 136)]
internal struct RegisterDisplay
{
    [FieldOffset(24)]
    internal nuint Rbx;
    [FieldOffset(32)]
    internal nuint Rbp;
    [FieldOffset(88)]
    internal nuint R12;
    [FieldOffset(96)]
    internal nuint R13;
    [FieldOffset(104)]
    internal nuint R14;
    [FieldOffset(112)]
    internal nuint R15;
    [FieldOffset(120)]
    internal nuint Sp;
    [FieldOffset(128)]
    internal nuint Ip;

    /// <summary>The registers at a place of execution, as far as they outlive a call.</summary>
    // SAFETY: the caller's context is read here and not kept.
    [InterruptSafe]
    internal static unsafe RegisterDisplay From(LimitedContext* context) => new()
    {
        Ip = context->Ip,
        Sp = context->Rsp,
        Rbp = context->Rbp,
        Rbx = context->Rbx,
        R12 = context->R12,
        R13 = context->R13,
        R14 = context->R14,
        R15 = context->R15,
    };

    /// <summary>What makes execution go on with these registers.</summary>
    internal readonly LimitedContext ToContext() => new()
    {
        Ip = Ip,
        Rsp = Sp,
        Rbp = Rbp,
        Rbx = Rbx,
        R12 = R12,
        R13 = R13,
        R14 = R14,
        R15 = R15,
    };
}

/// <summary>CoreLib's PAL_LIMITED_CONTEXT: the registers at a throw site, filled by the throw stubs.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct LimitedContext
{
    internal nuint Ip;
    internal nuint Rsp;
    internal nuint Rbp;
    internal nuint Rax;
    internal nuint Rbx;
    internal nuint Rdx;
    internal nuint R12;
    internal nuint R13;
    internal nuint R14;
    internal nuint R15;

    /// <summary>The registers that a context switch or ArchCallWithSavedRegisters has left on a stack: R15, R14, R13, R12, RBX, RBP and the address returned to, in this order.</summary>
    // SAFETY: the caller has been given the stack pointer by the stub that saved them.
    [InterruptSafe]
    internal static unsafe LimitedContext FromSaved(nuint* stack) => new()
    {
        R15 = stack[0],
        R14 = stack[1],
        R13 = stack[2],
        R12 = stack[3],
        Rbx = stack[4],
        Rbp = stack[5],
        Ip = stack[6],
        Rsp = (nuint)(stack + 7),
    };

    /// <summary>What a trap knows of the registers where it came.</summary>
    [InterruptSafe]
    internal static LimitedContext AtInterrupt(nuint instructionPointer, nuint stackPointer, nuint framePointer, nuint linkRegister) => new()
    {
        Ip = instructionPointer,
        Rsp = stackPointer,
        Rbp = framePointer,
    };

    /// <summary>Takes a leaf helper's frame away: its registers become those of its caller, behind the call.</summary>
    /// <param name="instructionPointer">Where the helper stands; the return address after the call.</param>
    /// <param name="stackPointer">Its stack pointer.</param>
    /// <param name="linkRegister">Has no meaning here.</param>
    // SAFETY: leaf helpers never move RSP, so their return address is at its top.
    [InterruptSafe]
    internal static unsafe void ReturnFromLeaf(ref ulong instructionPointer, ref ulong stackPointer, ulong linkRegister)
    {
        instructionPointer = *(ulong*)stackPointer;
        stackPointer += 8;
    }

    /// <summary>Copies the address and the registers that are known, for a report.</summary>
    /// <returns>Their names; null when there is not enough room.</returns>
    internal readonly string[]? CopyTo(Span<ulong> values)
    {
        ReadOnlySpan<ulong> all = [Ip, Rsp, Rbp, Rbx, R12, R13, R14, R15];
        return all.TryCopyTo(values) ? s_names : null;
    }

    private static readonly string[] s_names = ["rip", "rsp", "rbp", "rbx", "r12", "r13", "r14", "r15"];
}

/// <summary>CoreLib's ExInfo: one exception in flight; on the stack of the throw stub.</summary>
[StructLayout(LayoutKind.Explicit, Size = 416)]
// SAFETY: declares pointers and follows none. Previous and Context lead into frames of the throw stubs on the same stack; the catch stub
// takes an ExInfo off the thread's list before it drops its frame.
internal unsafe struct ExInfo
{
    [FieldOffset(0)]
    internal ExInfo* Previous;
    [FieldOffset(8)]
    internal LimitedContext* Context;
    [FieldOffset(16)]
    internal nuint Exception;
    [FieldOffset(24)]
    internal byte Kind;
    [FieldOffset(25)]
    internal byte PassNumber;
    [FieldOffset(28)]
    internal uint CurrentClause;
    [FieldOffset(32)]
    internal FrameIterator FrameIterator;

    internal const byte SupersededFlag = 8;
}

/// <summary>CoreLib's StackFrameIterator. It reads the named words; the room between them is the runtime's.</summary>
[StructLayout(LayoutKind.Explicit, Size = 376)]
// SAFETY: holds pointers by way of MethodInfo alone, which lead to tables of the image; registers are held as values.
internal unsafe struct FrameIterator
{
    [FieldOffset(16)]
    internal nuint FramePointer;

    /// <summary>An address inside of the instruction that is being executed: one less than a return address.</summary>
    [FieldOffset(24)]
    internal nuint ControlPc;

    [FieldOffset(32)]
    internal RegisterDisplay Registers;

    [FieldOffset(168)]
    internal MethodInfo Method;

    /// <summary>Callee-saved registers as the funclet left last had them: what its parent frame goes on with.</summary>
    [FieldOffset(208)]
    internal RegisterDisplay FuncletRegisters;

    [FieldOffset(344)]
    internal bool HasFuncletRegisters;

    [FieldOffset(360)]
    internal nuint OriginalControlPc;

    [FieldOffset(368)]
    internal nuint PreviousTransitionFrame;
}
