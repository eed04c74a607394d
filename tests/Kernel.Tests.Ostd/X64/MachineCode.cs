// SPDX-License-Identifier: MPL-2.0
using System;

namespace Kernel.Tests.Ostd;

/// <summary>Programs for tests that hold on every architecture, as x86-64 machine code.</summary>
internal static class MachineCode
{
    /// <summary>A page between memory and the chipset's registers of QEMU's q35; nothing answers there.</summary>
    public const ulong UnusedDeviceAddress = 0x8000_0000;

    /// <summary>Where the kernel's code is.</summary>
    public const ulong KernelAddress = 0xffff_ffff_8020_0000;

    /// <summary>Place of the instruction pointer in <c>struct user_regs_struct</c>.</summary>
    public const int InstructionPointerIndex = 16;

    /// <summary>Place of the register that <see cref="KeepAndShow"/> begins with.</summary>
    public const int FirstRegisterIndex = 10;

    /// <summary>Jumps to itself: jmp $.</summary>
    public static ReadOnlySpan<byte> Endless => [0xeb, 0xfe];

    /// <summary>System call 1: mov eax,1; syscall.</summary>
    public static ReadOnlySpan<byte> SystemCall1 => [0xb8, 1, 0, 0, 0, 0x0f, 0x05];

    /// <summary>Counts in the first word of the data page, for ever: inc qword [0x500000]; jmp to it.</summary>
    public static ReadOnlySpan<byte> Counting => [0x48, 0xff, 0x04, 0x25, 0, 0, 0x50, 0, 0xeb, 0xf6];

    /// <summary>Keeps a number (rax) in floating-point registers, and calls system call 1 again and again with the word at the thread pointer and the number, out of two of them.</summary>
    // push rax; fild qword [rsp]; pop rcx; movq xmm5,rax; mov eax,1; loop: syscall; mov rdi,fs:[0]; fld st0; push rax; fistp qword [rsp]; pop rsi; movq rdx,xmm5; mov eax,1; jmp loop
    public static ReadOnlySpan<byte> KeepAndShow =>
    [
        0x50, 0xdf, 0x2c, 0x24, 0x59, 0x66, 0x48, 0x0f, 0x6e, 0xe8, 0xb8, 1, 0, 0, 0,
        0x0f, 0x05, 0x64, 0x48, 0x8b, 0x3c, 0x25, 0, 0, 0, 0, 0xd9, 0xc0, 0x50, 0xdf, 0x3c, 0x24, 0x5e, 0x66, 0x48, 0x0f, 0x7e, 0xea,
        0xb8, 1, 0, 0, 0, 0xeb, 0xe2,
    ];
}
