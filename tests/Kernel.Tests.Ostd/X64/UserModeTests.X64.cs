// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Testing;
using Ostd.User;

namespace Kernel.Tests.Ostd;

/// <content>What is x86-64's own.</content>
public static partial class UserModeTests
{
    private const int Rax = 10;
    private const int Rcx = 11;
    private const int R11 = 6;
    private const int Flags = 18;

    [KernelTest]
    public static void CpuExceptions_OfEachKind_AreReported()
    {
        Expect(UserExceptionKind.DivideError, 0x31, 0xc9, 0x31, 0xd2, 0xf7, 0xf1); // xor ecx,ecx; xor edx,edx; div ecx
        Expect(UserExceptionKind.InvalidInstruction, 0x0f, 0x0b); // ud2
        Expect(UserExceptionKind.Breakpoint, 0xcc); // int3
        Expect(UserExceptionKind.GeneralProtection, 0xf4); // hlt
        Expect(UserExceptionKind.GeneralProtection, 0xfa); // cli
        Expect(UserExceptionKind.GeneralProtection, 0xcd, 0x80); // int 0x80: no 32-bit system calls
        Expect(UserExceptionKind.GeneralProtection, 0xcd, 0x0e); // int 14: a forged page fault
        Expect(UserExceptionKind.GeneralProtection, 0xe4, 0x80); // in al,0x80
        Expect(UserExceptionKind.GeneralProtection, 0x0f, 0x20, 0xc0); // mov rax,cr0
        Expect(UserExceptionKind.GeneralProtection, 0x0f, 0x32); // rdmsr
        Expect(UserExceptionKind.GeneralProtection, 0xb8, 0x10, 0, 0, 0, 0x8e, 0xd8); // mov eax,0x10; mov ds,eax
        Expect(UserExceptionKind.InvalidInstruction, 0x0f, 0x01, 0xf8); // swapgs: #GP on hardware
    }

    [KernelTest]
    public static void NonCanonicalInstructionPointer_DoesNotReachTheCpu()
    {
        using var program = new UserProgram(0x0f, 0x05);
        program.RunToSyscall(0);
        program.Context.InstructionPointer = 0x8000_0000_0000;
        Check.Equal(UserReturnReason.Exception, program.Run(out UserException exception), "reason");
        Check.Equal(UserExceptionKind.GeneralProtection, exception.Kind, "exception");
    }

    [KernelTest]
    public static void NonCanonicalStackPointer_DoesNotHurtTheKernel()
    {
        // mov rsp,0x800000000100; syscall; push rax: a stack fault on hardware, a general protection fault in QEMU
        using var program = new UserProgram(0x48, 0xbc, 0, 1, 0, 0, 0, 0x80, 0, 0, 0x0f, 0x05, 0x50);
        program.RunToSyscall(0);
        Check.Equal(0x0000_8000_0000_0100ul, program.Context.StackPointer, "stack pointer");
        Check.Equal(UserReturnReason.Exception, program.Run(out UserException exception), "reason");
        Check.That(exception.Kind is UserExceptionKind.StackFault or UserExceptionKind.GeneralProtection, "kind of exception: " + exception.Kind);
    }

    [KernelTest]
    public static void Flags_OddOnes_AreSanitised()
    {
        using var program = new UserProgram(0x0f, 0x05, 0x0f, 0x05);
        program.Context.SetRegister(Flags, ulong.MaxValue & ~0x100ul);
        const ulong privileged = 0x3000 | 0x2_0000 | 0x8_0000 | 0x10_0000; // IOPL, VM, VIF, VIP
        Check.Equal(0ul, program.Context.GetRegister(Flags) & privileged, "privileged flags");
        program.RunToSyscall(0);
        Check.Equal(0ul, program.Context.GetRegister(Flags) & privileged, "privileged flags after user mode");
        Check.That((program.Context.GetRegister(Flags) & 0x200) != 0, "interrupts were on in user mode");
        program.Context.SetRegister(Flags, 0);
        Check.That((program.Context.GetRegister(Flags) & 0x200) != 0, "user mode cannot turn interrupts off");
        program.Context.SetReturnValue(0);
        program.RunToSyscall(0);
    }

    [KernelTest]
    public static void DirectionFlag_SetByTheProgram_DoesNotReachTheKernel()
    {
        // std; mov eax,5; syscall; jmp $
        using var program = new UserProgram(0xfd, 0xb8, 5, 0, 0, 0, 0x0f, 0x05, 0xeb, 0xfe);
        program.RunToSyscall(5);
        var source = new byte[100];
        for (int i = 0; i < source.Length; i++)
        {
            source[i] = (byte)i;
        }

        byte[] copy = source.AsSpan().ToArray();
        Check.Equal(99, (int)copy[99], "last byte of a copy");
        Check.That((program.Context.GetRegister(Flags) & 0x400) != 0, "the program still has its flag");
    }

    [KernelTest]
    public static void SingleStep_TrapFlag_StepsOneInstruction()
    {
        using var program = new UserProgram(0x90, 0x90, 0x0f, 0x05);
        program.Context.SetRegister(Flags, 0x100);
        program.RunToException(UserExceptionKind.SingleStep);
        Check.Equal(UserProgram.CodeAddress + 1, program.Context.InstructionPointer, "after the first instruction");
        program.Context.SetRegister(Flags, 0);
        program.RunToSyscall(0);
    }

    [KernelTest]
    public static void FullReturn_RcxAndR11_AreRestored()
    {
        // xor ecx,ecx; div ecx (fault); syscall
        using var program = new UserProgram(0x31, 0xc9, 0xf7, 0xf1, 0x0f, 0x05);
        program.RunToException(UserExceptionKind.DivideError);
        program.Context.SetRegister(Rcx, 3);
        program.Context.SetRegister(R11, 0x1234);
        program.Context.SetRegister(Rax, 9);
        Check.Equal(0x1234ul, program.Context.GetRegister(R11), "R11 as set");
        program.RunToSyscall(3); // 9 / 3
    }

    [KernelTest]
    public static void FloatingPointImage_SavedAndLoaded_KeepsItsValues()
    {
        // movq rdi,xmm3; mov eax,1; syscall
        using var program = new UserProgram(0x66, 0x48, 0x0f, 0x7e, 0xdf, 0xb8, 1, 0, 0, 0, 0x0f, 0x05);
        Span<byte> image = stackalloc byte[UserContext.FloatingPointSizeBytes];
        program.Context.SaveFloatingPoint(image);
        Check.Equal(0x1f80, image[24] | image[25] << 8, "MXCSR of a new program");
        image[160 + 3 * 16] = 0x5a;
        image[26] = 0xff; // reserved bits of MXCSR
        program.Context.LoadFloatingPoint(image);
        program.RunToSyscall(1);
        Check.Equal(0x5aul, program.Context.GetArgument(0), "XMM3");
        UserContext copy = program.Context.Clone();
        Span<byte> again = stackalloc byte[UserContext.FloatingPointSizeBytes];
        copy.SaveFloatingPoint(again);
        Check.Equal(0x5a, again[160 + 3 * 16], "XMM3 of the copy");
    }

    [KernelTest]
    public static void ThreadPointer_InTheKernelsHalf_IsRefused()
    {
        using var program = new UserProgram(MachineCode.SystemCall1);
        bool isRefused = false;
        try
        {
            program.Context.ThreadPointer = 0xffff_8000_0000_0000;
        }
        catch (ArgumentOutOfRangeException)
        {
            isRefused = true;
        }

        Check.That(isRefused, "a kernel address is refused");
    }

    private static void Expect(UserExceptionKind expected, params ReadOnlySpan<byte> code)
    {
        using var program = new UserProgram(code);
        UserReturnReason reason = program.Run(out UserException exception);
        Check.Equal(UserReturnReason.Exception, reason, "reason");
        bool isSwapGs = code.Length == 3 && code[2] == 0xf8;
        Check.That(exception.Kind == expected || (isSwapGs && exception.Kind == UserExceptionKind.GeneralProtection), "expected " + expected + ", got " + exception.Kind);
    }
}
