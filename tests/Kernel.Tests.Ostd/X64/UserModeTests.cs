// SPDX-License-Identifier: MPL-2.0
using System;
using System.Threading;
using Ostd.Memory;
using Ostd.Tasks;
using Ostd.Testing;
using Ostd.Time;
using Ostd.User;

namespace Kernel.Tests.Ostd;

/// <summary>User mode, with programs of a few bytes of x86-64 machine code.</summary>
public static class UserModeTests
{
    private const int Rax = 10;
    private const int Rcx = 11;
    private const int Rbx = 5;
    private const int R11 = 6;
    private const int Flags = 18;

    [KernelTest]
    public static void Syscall_Arguments_ArriveAndTheResultReturns()
    {
        // mov eax,42; mov edi,1; mov esi,2; mov edx,3; mov r10d,4; mov r8d,5; mov r9d,6; syscall; mov rbx,rax; syscall
        using var program = new UserProgram(
            0xb8, 42, 0, 0, 0, 0xbf, 1, 0, 0, 0, 0xbe, 2, 0, 0, 0, 0xba, 3, 0, 0, 0, 0x41, 0xba, 4, 0, 0, 0, 0x41, 0xb8, 5, 0, 0, 0, 0x41, 0xb9, 6, 0, 0, 0,
            0x0f, 0x05, 0x48, 0x89, 0xc3, 0x0f, 0x05);
        program.RunToSyscall(42);
        for (int i = 0; i < 6; i++)
        {
            Check.Equal((ulong)(i + 1), program.Context.GetArgument(i), "argument");
        }

        program.Context.SetReturnValue(-38);
        Check.Equal(42ul, program.Context.SyscallNumber, "the number survives the result");
        program.RunToSyscall(unchecked((ulong)-38));
        Check.Equal(unchecked((ulong)-38), program.Context.GetRegister(Rbx), "result seen by the program");
    }

    [KernelTest]
    public static void Syscall_Restarted_IsMadeAgain()
    {
        using var program = new UserProgram(0xb8, 7, 0, 0, 0, 0x0f, 0x05, 0xb8, 8, 0, 0, 0, 0x0f, 0x05);
        program.RunToSyscall(7);
        program.Context.SetReturnValue(-4);
        program.Context.RestartSyscall();
        program.RunToSyscall(7);
        program.RunToSyscall(8);
    }

    [KernelTest]
    public static void PageFault_OfEachKind_IsDescribed()
    {
        // mov al,[0x700000]
        using (var program = new UserProgram(0x8a, 0x04, 0x25, 0, 0, 0x70, 0))
        {
            UserException fault = program.RunToException(UserExceptionKind.PageFault);
            Check.Equal(0x70_0000ul, fault.Address, "address");
            Check.Equal(PageFaultAccess.Read, fault.Access, "access");
            Check.That(!fault.IsProtection, "the page is not present");
        }

        // mov [0x400000],al
        using (var program = new UserProgram(0x88, 0x04, 0x25, 0, 0, 0x40, 0))
        {
            UserException fault = program.RunToException(UserExceptionKind.PageFault);
            Check.Equal(UserProgram.CodeAddress, fault.Address, "address");
            Check.Equal(PageFaultAccess.Write, fault.Access, "access");
            Check.That(fault.IsProtection, "the page is present");
        }

        // jmp to the data page: mov eax,0x500000; jmp rax
        using (var program = new UserProgram(0xb8, 0, 0, 0x50, 0, 0xff, 0xe0))
        {
            UserException fault = program.RunToException(UserExceptionKind.PageFault);
            Check.Equal(UserProgram.DataAddress, fault.Address, "address");
            Check.Equal(PageFaultAccess.Execute, fault.Access, "access");
        }
    }

    [KernelTest]
    public static void KernelMemory_FromUserMode_Faults()
    {
        // mov rax,0xffffffff80200000; mov al,[rax]
        using (var program = new UserProgram(0x48, 0xc7, 0xc0, 0, 0, 0x20, 0x80, 0x8a, 0x00))
        {
            Check.Equal(0xffff_ffff_8020_0000ul, program.RunToException(UserExceptionKind.PageFault).Address, "address");
        }

        // mov rax,0xffffffff80200000; jmp rax
        using (var program = new UserProgram(0x48, 0xc7, 0xc0, 0, 0, 0x20, 0x80, 0xff, 0xe0))
        {
            Check.Equal(PageFaultAccess.Execute, program.RunToException(UserExceptionKind.PageFault).Access, "access");
        }
    }

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
        program.Context.InstructionPointer = 0xffff_8000_0000_0000;
        Check.Equal(PageFaultAccess.Execute, program.RunToException(UserExceptionKind.PageFault).Access, "access");
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
        program.Context.StackPointer = 0xffff_ffff_8020_0000;
        program.RunToException(UserExceptionKind.PageFault);
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
    public static void SpinningProgram_IsPreemptedAndInterrupted()
    {
        using var program = new UserProgram(0xeb, 0xfe); // jmp $
        var workers = new Workers();
        Task runner = Task.Current;
        int otherRan = 0;
        workers.Start("other", () =>
        {
            otherRan++;
            Task.SleepUntil(Clock.MonotonicNs + 20_000_000);
            otherRan++;
            runner.Interrupt();
        });
        UserReturnReason reason = program.Run(out _);
        Check.Equal(UserReturnReason.KernelEvent, reason, "reason");
        runner.ClearInterrupt();
        Check.Equal(2, otherRan, "steps of the other task");
        Check.Equal(UserProgram.CodeAddress, program.Context.InstructionPointer, "where the program stands");
        Check.That(runner.UserTimeNs > 0, "user time is counted");
        workers.Join();
    }

    [KernelTest]
    public static void SseState_TwoPrograms_KeepTheirOwn()
    {
        var workers = new Workers();
        var results = new ulong[2];
        for (int i = 0; i < 2; i++)
        {
            int me = i;
            workers.Start("sse", () =>
            {
                // mov eax,<me+1>; movq xmm7,rax; fninit; fld1 (me times is enough: push rax; fild qword [rsp]); mov ecx,30000000; loop: dec ecx; jnz loop;
                // movq rdi,xmm7; fistp qword [rsp]; pop rsi; mov eax,1; syscall
                using var program = new UserProgram(
                    0xb8, (byte)(me + 1), 0, 0, 0, 0x66, 0x48, 0x0f, 0x6e, 0xf8, 0x50, 0xdf, 0x2c, 0x24, 0xb9, 0x00, 0x80, 0xc3, 0x01, 0xff, 0xc9, 0x75, 0xfc,
                    0x66, 0x48, 0x0f, 0x7e, 0xff, 0xdf, 0x3c, 0x24, 0x5e, 0xb8, 1, 0, 0, 0, 0x0f, 0x05);
                program.RunToSyscall(1);
                results[me] = program.Context.GetArgument(0) * 10 + program.Context.GetArgument(1);
            });
        }

        workers.Join();
        Check.Equal(11ul, results[0], "XMM7 and ST0 of the first");
        Check.Equal(22ul, results[1], "XMM7 and ST0 of the second");
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
    public static void ThreadPointer_Set_IsTheProgramsFsBase()
    {
        // mov rdi,fs:[8]; mov eax,1; syscall
        using var program = new UserProgram(0x64, 0x48, 0x8b, 0x3c, 0x25, 8, 0, 0, 0, 0xb8, 1, 0, 0, 0, 0x0f, 0x05);
        program.Context.ThreadPointer = UserProgram.DataAddress;
        Check.That(UserMemory.TryWrite(UserProgram.DataAddress + 8, 0x1122_3344_5566_7788ul), "the data page is writable");
        program.RunToSyscall(1);
        Check.Equal(0x1122_3344_5566_7788ul, program.Context.GetArgument(0), "value at fs:[8]");
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

    [KernelTest]
    public static void UserMemory_OddAddresses_FailWithoutAFault()
    {
        using var program = new UserProgram(0x90);
        ulong value = 5;
        Check.That(!UserMemory.TryRead(0ul, out value), "null");
        Check.That(!UserMemory.TryRead(0xffff_ffff_8020_0000ul, out value), "the kernel image");
        Check.That(!UserMemory.TryRead(0x8000_0000_0000ul, out value), "a non-canonical address");
        Check.That(!UserMemory.TryRead(ulong.MaxValue - 3, out value), "a range that wraps");
        Check.That(!UserMemory.TryRead(UserProgram.DataAddress + 0xffc, out value), "a range that leaves its page");
        Check.That(!UserMemory.TryWrite(UserProgram.CodeAddress, value), "a read-only page");
        Check.That(UserMemory.TryRead(UserProgram.CodeAddress, out value), "a readable page");
        Check.Equal(0x90ul, value, "value");
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
