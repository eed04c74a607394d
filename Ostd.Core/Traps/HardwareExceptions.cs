// SPDX-License-Identifier: MPL-2.0
using Ostd.Arch;
using Ostd.Runtime;

namespace Ostd.Traps;

/// <summary>Turns a fault of compiled C# into an exception at the faulting instruction.</summary>
// SAFETY: the frame is the stub's, on the interrupted stack, and is used during the call alone.
internal static unsafe class HardwareExceptions
{
    /// <summary>Makes the trap return into the runtime's throw helper instead of the faulting instruction.</summary>
    /// <remarks>
    /// Spinning locks are released by their guards while the stack is unwound, so code that holds them may throw. Interrupts off with preemption on means the framework's own
    /// innermost locks, which have no guards.
    /// </remarks>
    /// <returns>False when the instruction is not compiled C#: a bug of a stub's, for which there is nobody to catch; or when the code may not throw.</returns>
    [InterruptSafe]
    public static bool TryRaise(TrapFrame* frame, HardwareFault fault)
    {
        if (ThisCpu.InInterrupt || (!frame->InterruptsWereEnabled && ThisCpu.PreemptCount == 0))
        {
            return false;
        }

        // SAFETY: the frame is the stub's, whose registers take effect when the trap returns.
        return HardwareFaults.TryRaise(fault, ref frame->InstructionPointer, ref frame->StackPointer, ref frame->Argument0, ref frame->Argument1, frame->LinkRegister);
    }
}
