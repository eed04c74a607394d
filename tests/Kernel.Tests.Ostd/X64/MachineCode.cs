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

    /// <summary>Where <see cref="JumpToNoCode"/> jumps to: a page that is not executable.</summary>
    public const ulong NoCodeAddress = UserProgram.DataAddress;

    /// <summary>Place of the register in which <see cref="SystemCallWithArguments"/> keeps the result: rbx.</summary>
    public const int ResultIndex = 5;

    /// <summary>Canonical addresses that no program has.</summary>
    public static ReadOnlySpan<ulong> NoProgramsAddresses => [0xffff_8000_0000_0000, KernelAddress];

    /// <summary>System call 42 with the arguments 1 to 6, then one whose number is its result.</summary>
    // mov eax,42; mov edi,1; mov esi,2; mov edx,3; mov r10d,4; mov r8d,5; mov r9d,6; syscall; mov rbx,rax; syscall
    public static ReadOnlySpan<byte> SystemCallWithArguments =>
    [
        0xb8, 42, 0, 0, 0, 0xbf, 1, 0, 0, 0, 0xbe, 2, 0, 0, 0, 0xba, 3, 0, 0, 0, 0x41, 0xba, 4, 0, 0, 0, 0x41, 0xb8, 5, 0, 0, 0, 0x41, 0xb9, 6, 0, 0, 0,
        0x0f, 0x05, 0x48, 0x89, 0xc3, 0x0f, 0x05,
    ];

    /// <summary>System calls 7 and 8: mov eax,7; syscall; mov eax,8; syscall.</summary>
    public static ReadOnlySpan<byte> SystemCalls7And8 => [0xb8, 7, 0, 0, 0, 0x0f, 0x05, 0xb8, 8, 0, 0, 0, 0x0f, 0x05];

    /// <summary>A system call, then a load from the stack pointer's place: syscall; mov rax,[rsp].</summary>
    public static ReadOnlySpan<byte> SystemCallThenReadStack => [0x0f, 0x05, 0x48, 0x8b, 0x04, 0x24];

    /// <summary>Loads from <see cref="UserProgram.UnmappedAddress"/>: mov al,[0x700000].</summary>
    public static ReadOnlySpan<byte> ReadUnmapped => [0x8a, 0x04, 0x25, 0, 0, 0x70, 0];

    /// <summary>Stores into its own code: mov [0x400000],al.</summary>
    public static ReadOnlySpan<byte> WriteCode => [0x88, 0x04, 0x25, 0, 0, 0x40, 0];

    /// <summary>mov eax,0x500000; jmp rax.</summary>
    public static ReadOnlySpan<byte> JumpToNoCode => [0xb8, 0, 0, 0x50, 0, 0xff, 0xe0];

    /// <summary>Loads from <see cref="KernelAddress"/>: mov rax,0xffffffff80200000; mov al,[rax].</summary>
    public static ReadOnlySpan<byte> ReadKernel => [0x48, 0xc7, 0xc0, 0, 0, 0x20, 0x80, 0x8a, 0x00];

    /// <summary>System call 1 with the second word at the thread pointer: mov rdi,fs:[8]; mov eax,1; syscall.</summary>
    public static ReadOnlySpan<byte> ReadBehindThreadPointer => [0x64, 0x48, 0x8b, 0x3c, 0x25, 8, 0, 0, 0, 0xb8, 1, 0, 0, 0, 0x0f, 0x05];

    /// <summary>Keeps a number in a vector register and on the x87 stack while it counts, then makes system call 1 with both.</summary>
    // mov eax,<number>; movq xmm7,rax; push rax; fild qword [rsp]; mov ecx,29589504; loop: dec ecx; jnz loop; movq rdi,xmm7; fistp qword [rsp]; pop rsi; mov eax,1; syscall
    public static byte[] KeepAndCount(byte number) =>
    [
        0xb8, number, 0, 0, 0, 0x66, 0x48, 0x0f, 0x6e, 0xf8, 0x50, 0xdf, 0x2c, 0x24, 0xb9, 0x00, 0x80, 0xc3, 0x01, 0xff, 0xc9, 0x75, 0xfc,
        0x66, 0x48, 0x0f, 0x7e, 0xff, 0xdf, 0x3c, 0x24, 0x5e, 0xb8, 1, 0, 0, 0, 0x0f, 0x05,
    ];
}
