// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Arch.Layout;

namespace Ostd.Arch;

/// <summary>
/// Tells the two causes of a divide error apart, which the CPU does not (Intel SDM, volume 3, 6.15, #DE): a divisor of zero, or a quotient that does not fit. The faulting DIV or IDIV is decoded as far as
/// its divisor.
/// </summary>
// SAFETY: the frame is that of a divide error. Its instruction was fetched and its operand read by the CPU just now, so both are readable; the length of what is read follows the encoding.
public static unsafe class DivideInstruction
{
    private const byte OperandSizePrefix = 0x66;
    private const byte GroupOfBytes = 0xf6;
    private const byte GroupOfWords = 0xf7;
    private const int DivideExtension = 6;
    private const int SignedDivideExtension = 7;
    private const int NoRegister = -1;

    // By the number in an encoding (Intel SDM, volume 2, table 2-2): offsets in the frame.
    [InterruptSafe]
    private static ReadOnlySpan<byte> RegisterOffsets =>
    [
        TrapLayout.Rax, TrapLayout.Rcx, TrapLayout.Rdx, TrapLayout.Rbx, TrapLayout.Rsp, TrapLayout.Rbp, TrapLayout.Rsi, TrapLayout.Rdi,
        TrapLayout.R8, TrapLayout.R9, TrapLayout.R10, TrapLayout.R11, TrapLayout.R12, TrapLayout.R13, TrapLayout.R14, TrapLayout.R15,
    ];

    /// <summary>Whether the divisor is not zero, so that it is the quotient that does not fit.</summary>
    /// <param name="frame">Of the divide error, in kernel mode.</param>
    [InterruptSafe]
    public static bool IsOverflow(TrapFrame* frame)
    {
        byte* code = (byte*)frame->InstructionPointer;
        bool isNarrow = false;
        while (*code == OperandSizePrefix)
        {
            isNarrow = true;
            code++;
        }

        int rex = (*code & 0xf0) == 0x40 ? *code++ : 0;
        byte opcode = *code++;
        int extension = (*code >> 3) & 7;
        if (opcode is not (GroupOfBytes or GroupOfWords) || extension is not (DivideExtension or SignedDivideExtension))
        {
            return false;
        }

        int sizeBytes = opcode == GroupOfBytes ? 1 : (rex & 8) != 0 ? 8 : isNarrow ? 2 : 4;
        ulong divisor = (*code >> 6) == 3 ? ReadRegister(frame, code, rex, sizeBytes) : ReadMemory(frame, code, rex, sizeBytes);
        return divisor != 0;
    }

    [InterruptSafe]
    private static ulong ReadRegister(TrapFrame* frame, byte* modRm, int rex, int sizeBytes)
    {
        int number = (*modRm & 7) | ((rex & 1) << 3);

        // Without a REX prefix, byte registers 4 to 7 are AH, CH, DH and BH.
        return sizeBytes == 1 && rex == 0 && number >= 4 ? (Register(frame, number - 4) >> 8) & 0xff : Truncate(Register(frame, number), sizeBytes);
    }

    // Addresses of 64 bits (Intel SDM, volume 2, 2.1.5 and 2.2.1); code of the kernel has no segment bases.
    [InterruptSafe]
    private static ulong ReadMemory(TrapFrame* frame, byte* modRm, int rex, int sizeBytes)
    {
        int mode = *modRm >> 6;
        int baseNumber = *modRm & 7;
        byte* next = modRm + 1;
        ulong address = 0;
        if (baseNumber == 4)
        {
            int index = ((*next >> 3) & 7) | ((rex & 2) << 2);
            address = index == 4 ? 0 : Register(frame, index) << (*next >> 6);
            baseNumber = *next & 7;
            next++;
            baseNumber = mode == 0 && baseNumber == 5 ? NoRegister : baseNumber | ((rex & 1) << 3);
            mode = baseNumber == NoRegister ? 2 : mode;
        }
        else if (mode == 0 && baseNumber == 5)
        {
            // Relative to the next instruction, which begins after the displacement.
            return Read((ulong)(next + 4) + (ulong)*(int*)next, sizeBytes);
        }
        else
        {
            baseNumber |= (rex & 1) << 3;
        }

        address += baseNumber == NoRegister ? 0 : Register(frame, baseNumber);
        return Read(address + (mode == 1 ? (ulong)*(sbyte*)next : mode == 2 ? (ulong)*(int*)next : 0), sizeBytes);
    }

    [InterruptSafe]
    private static ulong Register(TrapFrame* frame, int number) => *(ulong*)((byte*)frame + RegisterOffsets[number]);

    [InterruptSafe]
    private static ulong Read(ulong address, int sizeBytes) => sizeBytes switch
    {
        1 => *(byte*)address,
        2 => *(ushort*)address,
        4 => *(uint*)address,
        _ => *(ulong*)address,
    };

    [InterruptSafe]
    private static ulong Truncate(ulong value, int sizeBytes) => sizeBytes == 8 ? value : value & ((1ul << (sizeBytes * 8)) - 1);
}
