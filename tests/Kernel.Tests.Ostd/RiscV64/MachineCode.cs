// SPDX-License-Identifier: MPL-2.0
using System;
using System.Buffers.Binary;

namespace Kernel.Tests.Ostd;

/// <summary>Programs for tests that hold on every architecture, as RISC-V machine code.</summary>
internal static class MachineCode
{
    /// <summary>Registers of QEMU's last virtio-mmio transport, behind which there is no device: all read as 0 but for two.</summary>
    public const ulong UnusedDeviceAddress = 0x1000_8000;

    /// <summary>Where the kernel's code is.</summary>
    public const ulong KernelAddress = 0xffff_ffff_8020_1000;

    /// <summary>Place of the instruction pointer in <c>struct user_regs_struct</c>.</summary>
    public const int InstructionPointerIndex = 0;

    /// <summary>Place of the register that <see cref="KeepAndShow"/> begins with: a0.</summary>
    public const int FirstRegisterIndex = 10;

    /// <summary>Jumps to itself: j .</summary>
    public static byte[] Endless => Bytes(0x0000006f);

    /// <summary>System call 1: li a7,1; ecall.</summary>
    public static byte[] SystemCall1 => Bytes(0x00100893, 0x00000073);

    /// <summary>Counts in the first word of the data page, for ever: lui a1,0x500; loop: ld a0,0(a1); addi a0,a0,1; sd a0,0(a1); j loop.</summary>
    public static byte[] Counting => Bytes(0x005005b7, 0x0005b503, 0x00150513, 0x00a5b023, 0xff5ff06f);

    /// <summary>Keeps a number (a0) in floating-point registers, and calls system call 1 again and again with the word at the thread pointer and the number, out of two of them.</summary>
    // fcvt.d.l fs1,a0; fmv.d.x fa0,a0; li a7,1; loop: ecall; ld a0,0(tp); fcvt.l.d a1,fs1; fmv.x.d a2,fa0; j loop
    public static byte[] KeepAndShow => Bytes(0xd22574d3, 0xf2050553, 0x00100893, 0x00000073, 0x00023503, 0xc224f5d3, 0xe2050653, 0xff1ff06f);

    /// <summary>Where <see cref="JumpToNoCode"/> jumps to: a page that is not executable.</summary>
    public const ulong NoCodeAddress = UserProgram.DataAddress;

    /// <summary>Place of the register in which <see cref="SystemCallWithArguments"/> keeps the result: s1.</summary>
    public const int ResultIndex = 9;

    /// <summary>Addresses that no program has: between the halves, and the kernel's.</summary>
    public static ReadOnlySpan<ulong> NoProgramsAddresses => [0x8000_0000_0000, 0xffff_8000_0000_0000, KernelAddress];

    /// <summary>System call 42 with the arguments 1 to 6, then one whose number is its result.</summary>
    // li a7,42; li a0,1; li a1,2; li a2,3; li a3,4; li a4,5; li a5,6; ecall; mv s1,a0; mv a7,a0; ecall
    public static byte[] SystemCallWithArguments => Bytes(0x02a00893, 0x00100513, 0x00200593, 0x00300613, 0x00400693, 0x00500713, 0x00600793, 0x00000073, 0x00050493, 0x00050893, 0x00000073);

    /// <summary>System calls 7 and 8: li a7,7; ecall; li a7,8; ecall.</summary>
    public static byte[] SystemCalls7And8 => Bytes(0x00700893, 0x00000073, 0x00800893, 0x00000073);

    /// <summary>A system call, then a load from the stack pointer's place: ecall; ld a0,0(sp).</summary>
    public static byte[] SystemCallThenReadStack => Bytes(0x00000073, 0x00013503);

    /// <summary>Loads from <see cref="UserProgram.UnmappedAddress"/>: lui a1,0x700; lbu a0,0(a1).</summary>
    public static byte[] ReadUnmapped => Bytes(0x007005b7, 0x0005c503);

    /// <summary>Stores into its own code: lui a1,0x400; sb a0,0(a1).</summary>
    public static byte[] WriteCode => Bytes(0x004005b7, 0x00a58023);

    /// <summary>lui a1,0x500; jr a1.</summary>
    public static byte[] JumpToNoCode => Bytes(0x005005b7, 0x00058067);

    /// <summary>Loads from <see cref="KernelAddress"/>: lui a1,0x80201 (sign-extended); lbu a0,0(a1).</summary>
    public static byte[] ReadKernel => Bytes(0x802015b7, 0x0005c503);

    /// <summary>System call 1 with the second word at the thread pointer: ld a0,8(tp); li a7,1; ecall.</summary>
    public static byte[] ReadBehindThreadPointer => Bytes(0x00823503, 0x00100893, 0x00000073);

    /// <summary>Keeps a number in two floating-point registers while it counts, then makes system call 1 with both.</summary>
    // li a0,<number>; fmv.d.x ft7,a0; fcvt.d.l fs0,a0; lui a1,0x1c9c; loop: addi a1,a1,-1; bnez a1,loop; fmv.x.d a0,ft7; fcvt.l.d a1,fs0; li a7,1; ecall
    public static byte[] KeepAndCount(byte number) =>
        Bytes(0x00000513 | (uint)number << 20, 0xf20503d3, 0xd2257453, 0x01c9c5b7, 0xfff58593, 0xfe059ee3, 0xe2038553, 0xc22475d3, 0x00100893, 0x00000073);

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
