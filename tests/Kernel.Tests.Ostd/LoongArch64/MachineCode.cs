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

    /// <summary>
    /// Where <see cref="JumpToNoCode"/> jumps to: nothing is there. No test fetches from a page that is mapped and forbidden, the kernel's or one that is not executable: QEMU 7.2 never comes back from that. To note the instruction
    /// (BADI) it reads from the address anew, which raises the same exception for ever (target/loongarch/cpu.c, loongarch_cpu_do_interrupt; PNX and PPI are not left out as PIF and ADEF are).
    /// </summary>
    public const ulong NoCodeAddress = UserProgram.UnmappedAddress;

    /// <summary>Place of the register in which <see cref="SystemCallWithArguments"/> keeps the result: s1.</summary>
    public const int ResultIndex = 24;

    /// <summary>Addresses that no program has: between the halves, and the kernel's.</summary>
    public static ReadOnlySpan<ulong> NoProgramsAddresses => [0x8000_0000_0000, 0xffff_8000_0000_0000, 0x9000_0000_0020_4000];

    /// <summary>System call 42 with the arguments 1 to 6, then one whose number is its result.</summary>
    // li.w a7,42; li.w a0,1; li.w a1,2; li.w a2,3; li.w a3,4; li.w a4,5; li.w a5,6; syscall 0; move s1,a0; move a7,a0; syscall 0
    public static byte[] SystemCallWithArguments => Bytes(0x0380a80b, 0x03800404, 0x03800805, 0x03800c06, 0x03801007, 0x03801408, 0x03801809, 0x002b0000, 0x00150098, 0x0015008b, 0x002b0000);

    /// <summary>System calls 7 and 8: li.w a7,7; syscall 0; li.w a7,8; syscall 0.</summary>
    public static byte[] SystemCalls7And8 => Bytes(0x03801c0b, 0x002b0000, 0x0380200b, 0x002b0000);

    /// <summary>A system call, then a load from the stack pointer's place: syscall 0; ld.d a0,sp,0.</summary>
    public static byte[] SystemCallThenReadStack => Bytes(0x002b0000, 0x28c00064);

    /// <summary>Loads from <see cref="UserProgram.UnmappedAddress"/>: lu12i.w a1,0x700; ld.bu a0,a1,0.</summary>
    public static byte[] ReadUnmapped => Bytes(0x1400e005, 0x2a0000a4);

    /// <summary>Stores into its own code: lu12i.w a1,0x400; st.b a0,a1,0.</summary>
    public static byte[] WriteCode => Bytes(0x14008005, 0x290000a4);

    /// <summary>lu12i.w a1,0x700; jr a1.</summary>
    public static byte[] JumpToNoCode => Bytes(0x1400e005, 0x4c0000a0);

    /// <summary>Loads from <see cref="KernelAddress"/>: lu12i.w a1,0x204; lu32i.d a1,-1; ld.bu a0,a1,0.</summary>
    public static byte[] ReadKernel => Bytes(0x14004085, 0x17ffffe5, 0x2a0000a4);

    /// <summary>System call 1 with the second word at the thread pointer: ld.d a0,tp,8; li.w a7,1; syscall 0.</summary>
    public static byte[] ReadBehindThreadPointer => Bytes(0x28c02044, 0x0380040b, 0x002b0000);

    /// <summary>Keeps a number in two floating-point registers while it counts, then makes system call 1 with both.</summary>
    // li.w a0,<number>; movgr2fr.d ft7,a0; movgr2fr.d fs0,a0; ffint.d.l fs0,fs0; lu12i.w a1,0x1c9c; loop: addi.d a1,a1,-1; bnez a1,loop; movfr2gr.d a0,ft7; ftintrz.l.d fs0,fs0; movfr2gr.d a1,fs0;
    // li.w a7,1; syscall 0
    public static byte[] KeepAndCount(byte number) =>
        Bytes(0x03800004 | (uint)number << 10, 0x0114a88f, 0x0114a898, 0x011d2b18, 0x14039385, 0x02fffca5, 0x47fffcbf, 0x0114b9e4, 0x011aab18, 0x0114bb05, 0x0380040b, 0x002b0000);

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
