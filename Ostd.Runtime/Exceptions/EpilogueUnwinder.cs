// SPDX-License-Identifier: MPL-2.0

namespace Ostd.Runtime;

/// <summary>
/// Steps out of an interrupted method that is taking its frame down. ilc describes prologues and bodies but not epilogues: between the first POP and the RET (or the jump of a tail
/// call) its call frame instructions still tell of the whole frame.
/// </summary>
/// <remarks>
/// <para>An epilogue is recognised by its instructions, from the interrupted one on: POPs of general registers, then a RET or a jump that leaves the method. Compiled code has POPs nowhere
/// else, since arguments on the stack are stored and not pushed. Before the instruction that moves RSP to the saved registers (ADD, LEA or MOV) nothing is taken down yet, and
/// the method's own description holds.</para>
/// <para>A jump that leaves the method: one to an address outside of it, or an indirect one with REX.W, by which ilc tells tail calls from the jumps of a switch (as Windows' x64 exception
/// handling demands it).</para>
/// </remarks>
// SAFETY: decoding starts at an instruction of a found method and reads on only after a POP, which is never a method's last instruction; the longest look ahead of it is
// six bytes, and the image's code is followed by read-only data. The stack is read between RSP and the return address, which is checked to lie on the running task's stack.
internal static unsafe class EpilogueUnwinder
{
    private const int Rbp = 5;
    private const int NotFound = -1;

    /// <summary>Steps out of a frame if it is being taken down.</summary>
    /// <param name="method">What was interrupted.</param>
    /// <param name="registers">The registers there; after the call its caller's, with IP the return address.</param>
    /// <returns>False when the instruction does not belong to an epilogue: nothing is changed then.</returns>
    [InterruptSafe]
    internal static bool TryStep(in MethodInfo method, ref RegisterDisplay registers)
    {
        byte* p = (byte*)registers.Ip;
        nuint* stack = (nuint*)registers.Sp;
        nuint framePointer = registers.Rbp;
        RuntimeThread* thread = ArchRuntime.GetThread();
        while (true)
        {
            if ((nuint)stack < thread->StackLow || (nuint)stack > thread->StackHigh - 8 || ((nuint)stack & 7) != 0)
            {
                return false;
            }

            int register = PoppedRegister(ref p);
            if (register == NotFound)
            {
                break;
            }

            if (register == Rbp)
            {
                framePointer = *stack;
            }

            stack++;
        }

        if (!LeavesMethod(p, method))
        {
            return false;
        }

        registers.Rbp = framePointer;
        registers.Ip = *stack;
        registers.Sp = (nuint)(stack + 1);
        return true;
    }

    // POP r64: 58+r, with 41 before it for R8 to R15 (Intel SDM volume 2, POP).
    [InterruptSafe]
    private static int PoppedRegister(ref byte* p)
    {
        int extension = 0;
        byte* opcode = p;
        if (*opcode == 0x41)
        {
            extension = 8;
            opcode++;
        }

        if ((*opcode & 0xf8) != 0x58)
        {
            return NotFound;
        }

        p = opcode + 1;
        return extension + (*opcode & 7);
    }

    // Intel SDM volume 2, RET and JMP.
    [InterruptSafe]
    private static bool LeavesMethod(byte* p, in MethodInfo method)
    {
        switch (*p)
        {
            case 0xc3: // RET
                return true;
            case 0xe9: // JMP rel32
                nuint target = (nuint)(p + 5) + (nuint)(nint)(*(int*)(p + 1));
                return target - method.RangeStart >= *(uint*)(method.Fde + 12);
            case 0x48 or 0x49 when p[1] == 0xff: // REX.W JMP r64 or [r64+disp]
                return (p[2] & 0x38) == 0x20;
            default:
                return false;
        }
    }
}
