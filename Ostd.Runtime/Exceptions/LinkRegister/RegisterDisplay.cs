// SPDX-License-Identifier: MPL-2.0

using System;

namespace Ostd.Runtime;

/// <summary>
/// The registers of a frame on an architecture where a call leaves its return address in a register: IP, then 32 integer and 32 floating-point registers in the order of their numbers
/// in call frame instructions. What a call may overwrite is not kept up. The floating-point ones are there because these calling conventions, unlike x86-64's, preserve some.
/// </summary>
// SAFETY: the indexes into the array are constants of UnwindRegisters, below Count; From reads the context only, which its caller has filled in.
internal unsafe struct RegisterDisplay
{
    internal nuint Ip;
    internal fixed ulong Values[UnwindRegisters.Count];

    [InterruptSafe]
    internal nuint Sp
    {
        readonly get => (nuint)Values[UnwindRegisters.StackPointer];
        set => Values[UnwindRegisters.StackPointer] = value;
    }

    /// <summary>The registers at a place of execution, as far as they outlive a call.</summary>
    [InterruptSafe]
    internal static RegisterDisplay From(LimitedContext* context) => context->Registers;

    /// <summary>What makes execution go on with these registers.</summary>
    internal readonly LimitedContext ToContext() => new() { Registers = this };
}

/// <summary>The registers at a throw site. The assembly of the throw stubs knows the layout, and fills in what calls preserve.</summary>
// SAFETY: stacks are read where the stub that saved the registers says; array indexes are constants of UnwindRegisters, below Count.
internal unsafe struct LimitedContext
{
    internal RegisterDisplay Registers;

    [InterruptSafe]
    internal readonly nuint Ip => Registers.Ip;

    /// <summary>The registers that a context switch or ArchCallWithSavedRegisters has left on a stack: those that calls preserve, then the address returned to, and room up to a multiple of 16.</summary>
    [InterruptSafe]
    internal static LimitedContext FromSaved(nuint* stack)
    {
        ReadOnlySpan<byte> preserved = UnwindRegisters.Preserved;
        LimitedContext context = default;
        for (int i = 0; i < preserved.Length; i++)
        {
            context.Registers.Values[preserved[i]] = stack[i];
        }

        nuint returnAddress = stack[preserved.Length];
        context.Registers.Ip = returnAddress;
        context.Registers.Values[UnwindRegisters.ReturnAddress] = returnAddress;
        context.Registers.Sp = (nuint)(stack + ((preserved.Length + 2) & ~1));
        return context;
    }

    /// <summary>What a trap knows of the registers where it came.</summary>
    [InterruptSafe]
    internal static LimitedContext AtInterrupt(nuint instructionPointer, nuint stackPointer, nuint framePointer, nuint linkRegister)
    {
        LimitedContext context = default;
        context.Registers.Ip = instructionPointer;
        context.Registers.Sp = stackPointer;
        context.Registers.Values[UnwindRegisters.FramePointer] = framePointer;
        context.Registers.Values[UnwindRegisters.ReturnAddress] = linkRegister;
        return context;
    }

    /// <summary>Takes a leaf helper's frame away: its registers become those of its caller, behind the call. Leaf helpers leave the return address in its register.</summary>
    [InterruptSafe]
    internal static void ReturnFromLeaf(ref ulong instructionPointer, ref ulong stackPointer, ulong linkRegister) => instructionPointer = linkRegister;

    /// <summary>Copies the address and the registers that are known, for a report.</summary>
    /// <returns>Their names; null when there is not enough room.</returns>
    internal readonly string[]? CopyTo(Span<ulong> values)
    {
        ReadOnlySpan<byte> preserved = UnwindRegisters.Preserved;
        if (values.Length < preserved.Length + 2)
        {
            return null;
        }

        values[0] = Registers.Ip;
        values[1] = Registers.Sp;
        for (int i = 0; i < preserved.Length; i++)
        {
            values[i + 2] = Registers.Values[preserved[i]];
        }

        return UnwindRegisters.ReportNames;
    }
}

/// <summary>Where a walk over the frames of a stack stands.</summary>
internal struct FrameIterator
{
    /// <summary>An address inside of the instruction that is being executed: one less than a return address.</summary>
    internal nuint ControlPc;

    internal RegisterDisplay Registers;
    internal MethodInfo Method;
    internal nuint OriginalControlPc;
}
