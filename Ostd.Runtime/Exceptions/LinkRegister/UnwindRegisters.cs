// SPDX-License-Identifier: MPL-2.0

namespace Ostd.Runtime;

/// <summary>
/// Registers by their numbers in call frame instructions, on an architecture where a call leaves its return address in a register. The other part of the class says which is which.
/// </summary>
// SAFETY: reads the stack between SP and the CFA, which FrameUnwinder has found to lie on the running task's stack, and an array of Count offsets. Register numbers are checked, or
// constants below Count.
internal static unsafe partial class UnwindRegisters
{
    /// <summary>32 integer and 32 floating-point registers.</summary>
    internal const int Count = 64;

    /// <summary>A call touches no memory.</summary>
    internal const int PushedByCall = 0;

    /// <summary>A register that a CFA is computed from; 0, which is no stack's, for any other.</summary>
    [InterruptSafe]
    internal static nuint Get(in RegisterDisplay registers, int register) => register is StackPointer or FramePointer ? (nuint)registers.Values[register] : 0;

    /// <summary>Where a frame has saved a register before its first instruction, relative to the CFA.</summary>
    [InterruptSafe]
    internal static int InitialOffset(int register) => FrameUnwinder.NotSaved;

    /// <summary>Gives the registers back what they were in the caller.</summary>
    /// <param name="registers">A frame's registers; its caller's after the call.</param>
    /// <param name="cfa">The frame's end.</param>
    /// <param name="offsets">Where they are saved, relative to that.</param>
    /// <returns>Whether there is a caller.</returns>
    [InterruptSafe]
    internal static bool TryRestore(ref RegisterDisplay registers, nuint cfa, int* offsets)
    {
        for (int i = 0; i < Count; i++)
        {
            if (offsets[i] != FrameUnwinder.NotSaved)
            {
                registers.Values[i] = *(ulong*)(cfa + (nuint)(nint)offsets[i]);
            }
        }

        // A frame that has saved nothing returns to the register's address, and only the innermost one can: else this would not come to an end.
        nuint caller = (nuint)registers.Values[ReturnAddress];
        if (caller == registers.Ip && cfa == registers.Sp)
        {
            return false;
        }

        registers.Ip = caller;
        registers.Sp = cfa;
        return true;
    }
}
