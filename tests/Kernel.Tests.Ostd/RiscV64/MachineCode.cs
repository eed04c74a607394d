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
