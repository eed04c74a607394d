// SPDX-License-Identifier: MPL-2.0

using System.Runtime.CompilerServices;

namespace Ostd.Runtime;

/// <summary>The registers of x86-64 by their numbers in call frame instructions (System V psABI, table 3.36).</summary>
// SAFETY: reads the stack between SP and the CFA, which FrameUnwinder has found to lie on the running task's stack, and an array of Count offsets.
internal static unsafe class UnwindRegisters
{
    internal const int Count = 17;
    internal const int StackPointer = 7;

    /// <summary>The return address stands in front of the caller's frame.</summary>
    internal const int PushedByCall = 8;

    private const int Rbx = 3;
    private const int Rbp = 6;
    private const int R12 = 12;
    private const int ReturnAddress = 16;

    /// <summary>A register that a CFA is computed from; 0, which is no stack's, for any other.</summary>
    [InterruptSafe]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static nuint Get(in RegisterDisplay registers, int register) => register switch
    {
        StackPointer => registers.Sp,
        Rbp => registers.Rbp,
        _ => 0,
    };

    /// <summary>Where a frame has saved a register before its first instruction, relative to the CFA.</summary>
    [InterruptSafe]
    internal static int InitialOffset(int register) => register == ReturnAddress ? -PushedByCall : FrameUnwinder.NotSaved;

    /// <summary>Gives the registers back what they were in the caller.</summary>
    /// <param name="registers">A frame's registers; its caller's after the call.</param>
    /// <param name="cfa">The frame's end.</param>
    /// <param name="offsets">Where they are saved, relative to that.</param>
    /// <returns>Whether there is a caller.</returns>
    [InterruptSafe]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TryRestore(ref RegisterDisplay registers, nuint cfa, int* offsets)
    {
        Restore(ref registers.Rbx, cfa, offsets[Rbx]);
        Restore(ref registers.Rbp, cfa, offsets[Rbp]);
        Restore(ref registers.R12, cfa, offsets[R12]);
        Restore(ref registers.R13, cfa, offsets[R12 + 1]);
        Restore(ref registers.R14, cfa, offsets[R12 + 2]);
        Restore(ref registers.R15, cfa, offsets[R12 + 3]);
        registers.Ip = *(nuint*)(cfa - PushedByCall);
        registers.Sp = cfa;
        return true;
    }

    [InterruptSafe]
    private static void Restore(ref nuint register, nuint cfa, int offset)
    {
        if (offset != FrameUnwinder.NotSaved)
        {
            register = *(nuint*)(cfa + (nuint)(nint)offset);
        }
    }
}
