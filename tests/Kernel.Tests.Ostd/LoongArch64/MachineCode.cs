// SPDX-License-Identifier: MPL-2.0
using System;
using System.Buffers.Binary;

namespace Kernel.Tests.Ostd;

/// <summary>Programs for tests that hold on every architecture, as LoongArch machine code.</summary>
internal static class MachineCode
{
    /// <summary>Registers of the clock's that have no function: all read as 0.</summary>
    public const ulong UnusedDeviceAddress = 0x100d_0100;

    /// <summary>Where the kernel's code is.</summary>
    public const ulong KernelAddress = 0xffff_ffff_0020_4000;

    /// <summary>Place of the instruction pointer in <c>struct user_pt_regs</c>.</summary>
    public const int InstructionPointerIndex = 33;

    /// <summary>Place of the register that <see cref="KeepAndShow"/> begins with: a0.</summary>
    public const int FirstRegisterIndex = 4;

    /// <summary>Jumps to itself: b .</summary>
    public static byte[] Endless => Bytes(0x50000000);

    /// <summary>System call 1: li.w a7,1; syscall 0.</summary>
    public static byte[] SystemCall1 => Bytes(0x0380040b, 0x002b0000);

    /// <summary>Counts in the first word of the data page, for ever: lu12i.w a1,0x500; loop: ld.d a0,a1,0; addi.d a0,a0,1; st.d a0,a1,0; b loop.</summary>
    public static byte[] Counting => Bytes(0x1400a005, 0x28c000a4, 0x02c00484, 0x29c000a4, 0x53fff7ff);

    /// <summary>Keeps a number (a0) in floating-point registers, and calls system call 1 again and again with the word at the thread pointer and the number, out of two of them.</summary>
    // movgr2fr.d fs1,a0; ffint.d.l fs1,fs1; movgr2fr.d fa0,a0; li.w a7,1; loop: syscall 0; ld.d a0,tp,0; ftintrz.l.d ft0,fs1; movfr2gr.d a1,ft0; movfr2gr.d a2,fa0; b loop
    public static byte[] KeepAndShow => Bytes(0x0114a899, 0x011d2b39, 0x0114a880, 0x0380040b, 0x002b0000, 0x28c00044, 0x011aab28, 0x0114b905, 0x0114b806, 0x53ffefff);

    /// <summary>Instructions as they lie in memory.</summary>
    public static byte[] Bytes(params ReadOnlySpan<uint> instructions)
    {
        var bytes = new byte[instructions.Length * sizeof(uint)];
        for (int i = 0; i < instructions.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(i * sizeof(uint)), instructions[i]);
        }

        return bytes;
    }
}
