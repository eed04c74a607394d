// SPDX-License-Identifier: MPL-2.0

using System;
using System.Runtime.CompilerServices;
using System.Text;
using Ostd.Arch;

namespace Ostd.Runtime.Tests;

/// <summary>
/// Runs code one instruction at a time (RFLAGS.TF; Intel SDM volume 3, section 18.3.1.4 "Single-Step Exception Condition"), walks the stack from each, and compares the walk with the
/// calls that were seen: a CALL pushes an address, and whatever moves RSP past that place has returned.
/// </summary>
/// <remarks>
/// The begin and the end are calls to addresses without memory. An allocation is a restartable sequence, which a trap puts back to its start: where no
/// instruction makes progress, the rest of the function runs at full speed to a breakpoint at its return address.
/// </remarks>
// SAFETY: all state is static and used with interrupts off by one CPU: by the trap handler, and by Run before and after. Code is written to patch one byte of an
// instruction that is not executing, and is put back before it does. Indices stay below the arrays' lengths.
internal static unsafe class SingleStep
{
    private const ulong BeginAddress = 0x1000_0000_1000;
    private const ulong EndAddress = 0x1000_0000_2000;
    private const ulong TrapFlag = 0x100;
    private const int DebugVector = 1;
    private const int BreakpointVector = 3;
    private const int PageFaultVector = 14;
    private const byte BreakpointInstruction = 0xcc;
    private const int Capacity = 128;

    private struct State
    {
        internal fixed ulong Outer[Capacity];
        internal int OuterCount;
        internal fixed ulong Returns[Capacity];
        internal fixed ulong Places[Capacity];
        internal int Depth;
        internal ulong PreviousInstruction;
        internal ulong PreviousStack;
        internal ulong PatchedAddress;
        internal byte PatchedByte;
        internal int Steps;
        internal int WrongCount;
        internal ulong WrongInstruction;
        internal fixed ulong Expected[Capacity];
        internal int ExpectedCount;
        internal fixed ulong Walked[Capacity];
        internal int WalkedCount;
    }

    private static State s_state;

    /// <summary>Executes something and fails at the first instruction whose walk was wrong.</summary>
    /// <param name="work">What to execute.</param>
    /// <param name="fewestSteps">Fewer instructions mean that it was not the intended path.</param>
    internal static void Run(Action work, int fewestSteps)
    {
        s_state = default;
        Execute(work);
        if (s_state.WrongCount != 0)
        {
            throw new CheckFailedException(Describe());
        }

        Check.True(s_state.Steps >= fewestSteps, "only " + s_state.Steps + " steps");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Execute(Action work)
    {
        ((delegate*<void>)BeginAddress)();
        work();
        ((delegate*<void>)EndAddress)();
    }

    /// <summary>Handles the traps that stepping consists of.</summary>
    /// <returns>False for all others.</returns>
    internal static bool OnTrap(TrapFrame* frame)
    {
        fixed (State* state = &s_state)
        {
            switch (frame->Vector)
            {
                case PageFaultVector when frame->InstructionPointer == BeginAddress:
                    Return(frame);
                    frame->Flags |= TrapFlag;
                    state->OuterCount = Capture(frame, state->Outer);
                    break;
                case DebugVector when frame->InstructionPointer == EndAddress:
                    Return(frame);
                    frame->Flags &= ~TrapFlag;
                    return true;
                case DebugVector:
                    if (!Follow(state, frame))
                    {
                        return true;
                    }

                    break;
                case BreakpointVector when state->PatchedAddress != 0 && frame->InstructionPointer == state->PatchedAddress + 1:
                    *(byte*)state->PatchedAddress = state->PatchedByte;
                    frame->InstructionPointer = state->PatchedAddress;
                    frame->Flags |= TrapFlag;
                    state->PatchedAddress = 0;
                    LeaveCalls(state, frame->StackPointer);
                    break;
                default:
                    return false;
            }

            state->PreviousInstruction = frame->InstructionPointer;
            state->PreviousStack = frame->StackPointer;
            state->Steps++;
            CheckWalk(state, frame);
            return true;
        }
    }

    private static void Return(TrapFrame* frame)
    {
        frame->InstructionPointer = *(ulong*)frame->StackPointer;
        frame->StackPointer += 8;
    }

    // Notes a call or a return; false when nothing was executed.
    private static bool Follow(State* state, TrapFrame* frame)
    {
        ulong stack = frame->StackPointer;
        ulong previous = state->PreviousInstruction;
        if (frame->InstructionPointer == previous && stack == state->PreviousStack && !IsRepeated((byte*)previous))
        {
            state->PatchedAddress = *(ulong*)stack;
            state->PatchedByte = *(byte*)state->PatchedAddress;
            *(byte*)state->PatchedAddress = BreakpointInstruction;
            frame->Flags &= ~TrapFlag;
            return false;
        }

        if (stack == state->PreviousStack - 8 && IsCall((byte*)previous) && state->Depth < Capacity)
        {
            state->Returns[state->Depth] = *(ulong*)stack;
            state->Places[state->Depth] = stack;
            state->Depth++;
        }
        else
        {
            LeaveCalls(state, stack);
        }

        return true;
    }

    private static void LeaveCalls(State* state, ulong stack)
    {
        while (state->Depth > 0 && stack > state->Places[state->Depth - 1])
        {
            state->Depth--;
        }
    }

    // Intel SDM volume 2, CALL: E8, and FF /2 with or without a REX prefix.
    private static bool IsCall(byte* instruction)
    {
        if ((*instruction & 0xf0) == 0x40)
        {
            instruction++;
        }

        return *instruction == 0xe8 || (*instruction == 0xff && (instruction[1] & 0x38) == 0x10);
    }

    // A string instruction with a REP prefix traps after each repetition (Intel SDM volume 2, REP): LLVM fills and copies structures with them, in the middle of functions.
    private static bool IsRepeated(byte* instruction) => *instruction is 0xf3 or 0xf2 && ((instruction[1] & 0xf0) == 0x40 ? instruction[2] : instruction[1]) is 0xa4 or 0xa5 or 0xaa or 0xab;

    private static int Capture(TrapFrame* frame, ulong* addresses) =>
        StackWalker.CaptureFromRegisters((nuint)frame->InstructionPointer, (nuint)frame->StackPointer, (nuint)frame->FramePointer, (nuint)frame->LinkRegister, (nint*)addresses, Capacity);

    private static void CheckWalk(State* state, TrapFrame* frame)
    {
        ulong* walked = stackalloc ulong[Capacity];
        ulong* expected = stackalloc ulong[Capacity];
        int walkedCount = Capture(frame, walked);
        int count = 0;
        expected[count++] = frame->InstructionPointer;
        for (int i = state->Depth - 1; i >= 0 && count < Capacity; i--)
        {
            expected[count++] = state->Returns[i];
        }

        for (int i = 1; i < state->OuterCount && count < Capacity; i++)
        {
            expected[count++] = state->Outer[i];
        }

        if ((IsAsExpected(walked, walkedCount, expected, count) && EndsWithOuter(state, walked, walkedCount)) || (walkedCount == 1 && IsBetweenFrames(frame->InstructionPointer)) || state->WrongCount++ != 0)
        {
            return;
        }

        state->WrongInstruction = frame->InstructionPointer;
        state->ExpectedCount = count;
        state->WalkedCount = walkedCount;
        for (int i = 0; i < Capacity; i++)
        {
            state->Walked[i] = walked[i];
            state->Expected[i] = expected[i];
        }
    }

    // The one instruction that no walk leaves on purpose: the last of RhpCallCatchFunclet, JMP RAX (of kernels by LLVM: of ArchContinue, JMP RCX). RSP is the catching method's already, but what it goes on
    // with is in that register alone.
    private static bool IsBetweenFrames(ulong instruction) =>
        (*(ushort*)instruction == 0xe0ff && IsIn(instruction + 1, "runtime_catch_return")) || (*(ushort*)instruction == 0xe1ff && IsIn(instruction + 1, "ArchContinue"));

    // All the same, but for the runtime's thunks, which walks leave out; and behind a throw's, for frames that the exception being handled has given up.
    private static bool IsAsExpected(ulong* walked, int walkedCount, ulong* expected, int count)
    {
        if (walkedCount == 0 || walked[0] != expected[0])
        {
            return false;
        }

        int at = 1;
        bool isThrowing = false;
        for (int i = 1; i < count; i++)
        {
            if (at < walkedCount && walked[at] == expected[i])
            {
                at++;
                continue;
            }

            bool isThrow = IsIn(expected[i], "RhpThrow") || IsIn(expected[i], "RhpRethrow");
            if (!isThrowing && !isThrow && !IsIn(expected[i], "RhpCall") && !IsIn(expected[i], "runtime_dispatch_slow"))
            {
                return false;
            }

            isThrowing |= isThrow;
        }

        return at == walkedCount;
    }

    // What called Run is never given up: a walk that ends before has lost its way, whatever was left out.
    private static bool EndsWithOuter(State* state, ulong* walked, int walkedCount)
    {
        for (int i = 1; i < state->OuterCount; i++)
        {
            if (i > walkedCount || walked[walkedCount - i] != state->Outer[state->OuterCount - i])
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsIn(ulong returnAddress, string prefix)
    {
        byte* name = stackalloc byte[SymbolTable.LongestDescription];
        int length = SymbolTable.Describe((nuint)returnAddress - 1, name);
        for (int i = 0; i < prefix.Length; i++)
        {
            if (i >= length || name[i] != prefix[i])
            {
                return false;
            }
        }

        return true;
    }

    private static string Describe()
    {
        var text = new StringBuilder();
        text.Append(s_state.WrongCount).Append(" of ").Append(s_state.Steps).Append(" walks are wrong, first at ").Append(Name(s_state.WrongInstruction));
        fixed (State* state = &s_state)
        {
            text.Append("; walked:");
            for (int i = 0; i < state->WalkedCount; i++)
            {
                text.Append(' ').Append(Name(state->Walked[i]));
            }

            text.Append("; called:");
            for (int i = 0; i < state->ExpectedCount; i++)
            {
                text.Append(' ').Append(Name(state->Expected[i]));
            }
        }

        return text.ToString();
    }

    private static string Name(ulong address)
    {
        byte* buffer = stackalloc byte[SymbolTable.LongestDescription];
        return Encoding.ASCII.GetString(buffer, SymbolTable.Describe((nuint)address, buffer));
    }
}
