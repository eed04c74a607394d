// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Memory;
using Ostd.Tasks;
using Ostd.Testing;
using Ostd.Time;
using Ostd.User;

namespace Kernel.Tests.Ostd;

/// <summary>User mode, with programs of a few RISC-V instructions.</summary>
public static class UserModeTests
{
    private const int S1 = 9;
    private const int FloatControlOffset = 32 * 8;

    [KernelTest]
    public static void Syscall_Arguments_ArriveAndTheResultReturns()
    {
        // li a7,42; li a0,1; li a1,2; li a2,3; li a3,4; li a4,5; li a5,6; ecall; mv s1,a0; mv a7,a0; ecall
        using var program = Program(0x02a00893, 0x00100513, 0x00200593, 0x00300613, 0x00400693, 0x00500713, 0x00600793, 0x00000073, 0x00050493, 0x00050893, 0x00000073);
        program.RunToSyscall(42);
        for (int i = 0; i < 6; i++)
        {
            Check.Equal((ulong)(i + 1), program.Context.GetArgument(i), "argument");
        }

        program.Context.SetReturnValue(-38);
        Check.Equal(42ul, program.Context.SyscallNumber, "the number survives the result");
        Check.Equal(1ul, program.Context.GetArgument(0), "the first argument survives the result");
        program.RunToSyscall(unchecked((ulong)-38));
        Check.Equal(unchecked((ulong)-38), program.Context.GetRegister(S1), "result seen by the program");
    }

    [KernelTest]
    public static void RestartSyscall_AfterAResult_MakesTheSameCall()
    {
        // li a7,7; ecall; li a7,8; ecall
        using var program = Program(0x00700893, 0x00000073, 0x00800893, 0x00000073);
        program.RunToSyscall(7);
        program.Context.SetReturnValue(-4);
        program.Context.RestartSyscall();
        program.RunToSyscall(7);
        program.RunToSyscall(8);
    }

    [KernelTest]
    public static void PageFault_OfEachKind_IsDescribed()
    {
        // lui a1,0x700; lbu a0,0(a1)
        using (var program = Program(0x007005b7, 0x0005c503))
        {
            UserException fault = program.RunToException(UserExceptionKind.PageFault);
            Check.Equal(0x70_0000ul, fault.Address, "address");
            Check.Equal(PageFaultAccess.Read, fault.Access, "access");
            Check.That(!fault.IsProtection, "the page is not present");
        }

        // lui a1,0x400; sb a0,0(a1)
        using (var program = Program(0x004005b7, 0x00a58023))
        {
            UserException fault = program.RunToException(UserExceptionKind.PageFault);
            Check.Equal(UserProgram.CodeAddress, fault.Address, "address");
            Check.Equal(PageFaultAccess.Write, fault.Access, "access");
            Check.That(fault.IsProtection, "the page is present");
        }

        // lui a1,0x500; jr a1
        using (var program = Program(0x005005b7, 0x00058067))
        {
            UserException fault = program.RunToException(UserExceptionKind.PageFault);
            Check.Equal(UserProgram.DataAddress, fault.Address, "address");
            Check.Equal(PageFaultAccess.Execute, fault.Access, "access");
        }
    }

    [KernelTest]
    public static void KernelMemory_FromUserMode_Faults()
    {
        // lui a1,0x80201 (sign-extended); lbu a0,0(a1)
        using (var program = Program(0x802015b7, 0x0005c503))
        {
            Check.Equal(MachineCode.KernelAddress, program.RunToException(UserExceptionKind.PageFault).Address, "address");
        }

        // lui a1,0x80201; jr a1
        using (var program = Program(0x802015b7, 0x00058067))
        {
            Check.Equal(PageFaultAccess.Execute, program.RunToException(UserExceptionKind.PageFault).Access, "access");
        }
    }

    [KernelTest]
    public static void CpuExceptions_OfEachKind_AreReported()
    {
        Expect(UserExceptionKind.InvalidInstruction, 0x00000000);
        Expect(UserExceptionKind.Breakpoint, 0x00100073); // ebreak
        Expect(UserExceptionKind.InvalidInstruction, 0x10002573); // csrr a0,sstatus
        Expect(UserExceptionKind.InvalidInstruction, 0x10200073); // sret
        Expect(UserExceptionKind.InvalidInstruction, 0x12000073); // sfence.vma
        Expect(UserExceptionKind.InvalidInstruction, 0x18001073); // csrw satp,zero
        Expect(UserExceptionKind.InvalidInstruction, 0x10500073); // wfi
    }

    [KernelTest]
    public static void InstructionPointer_OutsideOfUserSpace_FaultsInTheProgram()
    {
        using var program = Program(0x00000073);
        program.RunToSyscall(0);
        foreach (ulong address in (ReadOnlySpan<ulong>)[0x8000_0000_0000, 0xffff_8000_0000_0000, MachineCode.KernelAddress])
        {
            program.Context.InstructionPointer = address;
            Check.Equal(PageFaultAccess.Execute, program.RunToException(UserExceptionKind.PageFault).Access, "access");
        }
    }

    [KernelTest]
    public static void StackPointer_OutsideOfUserSpace_DoesNotHurtTheKernel()
    {
        // ecall; ld a0,0(sp)
        using var program = Program(0x00000073, 0x00013503);
        program.Context.StackPointer = MachineCode.KernelAddress;
        program.RunToSyscall(0);
        Check.Equal(MachineCode.KernelAddress, program.Context.StackPointer, "stack pointer");
        Check.Equal(MachineCode.KernelAddress, program.RunToException(UserExceptionKind.PageFault).Address, "address");
    }

    [KernelTest]
    public static void SpinningProgram_IsPreemptedAndInterrupted()
    {
        using var program = new UserProgram(MachineCode.Endless);
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
        Check.That(runner.UserTimeNs > 0, "user time is counted");
        workers.Join();
    }

    [KernelTest]
    public static void FloatingPointRegisters_TwoPrograms_KeepTheirOwn()
    {
        var workers = new Workers();
        var results = new ulong[2];
        for (int i = 0; i < 2; i++)
        {
            int me = i;
            workers.Start("float", () =>
            {
                // li a0,<me+1>; fmv.d.x ft7,a0; fcvt.d.l fs0,a0; lui a1,0x1c9c; loop: addi a1,a1,-1; bnez a1,loop; fmv.x.d a0,ft7; fcvt.l.d a1,fs0; li a7,1; ecall
                using var program = Program(0x00000513 | (uint)(me + 1) << 20, 0xf20503d3, 0xd2257453, 0x01c9c5b7, 0xfff58593, 0xfe059ee3, 0xe2038553, 0xc22475d3, 0x00100893, 0x00000073);
                program.RunToSyscall(1);
                results[me] = program.Context.GetArgument(0) * 10 + program.Context.GetArgument(1);
            });
        }

        workers.Join();
        Check.Equal(11ul, results[0], "ft7 and fs0 of the first");
        Check.Equal(22ul, results[1], "ft7 and fs0 of the second");
    }

    [KernelTest]
    public static void FloatingPointImage_SavedAndLoaded_KeepsItsValues()
    {
        // fmv.x.d a0,ft3; frcsr a1; li a7,1; ecall
        using var program = Program(0xe2018553, 0x003025f3, 0x00100893, 0x00000073);
        Span<byte> image = stackalloc byte[UserContext.FloatingPointSizeBytes];
        program.Context.SaveFloatingPoint(image);
        Check.Equal(0, (int)image[FloatControlOffset], "fcsr of a new program");
        image[3 * 8] = 0x5a;
        image[FloatControlOffset] = 0x21;
        image[FloatControlOffset + 1] = 0xff; // reserved bits of fcsr
        program.Context.LoadFloatingPoint(image);
        program.RunToSyscall(1);
        Check.Equal(0x5aul, program.Context.GetArgument(0), "ft3");
        Check.Equal(0x21ul, program.Context.GetArgument(1), "fcsr");
        UserContext copy = program.Context.Clone();
        Span<byte> again = stackalloc byte[UserContext.FloatingPointSizeBytes];
        copy.SaveFloatingPoint(again);
        Check.Equal(0x5a, (int)again[3 * 8], "ft3 of the copy");
    }

    [KernelTest]
    public static void ThreadPointer_SetByTheKernel_IsSeenByTheProgram()
    {
        // ld a0,8(tp); li a7,1; ecall
        using var program = Program(0x00823503, 0x00100893, 0x00000073);
        program.Context.ThreadPointer = UserProgram.DataAddress;
        Check.That(UserMemory.TryWrite(UserProgram.DataAddress + 8, 0x1122_3344_5566_7788ul), "the data page is writable");
        program.RunToSyscall(1);
        Check.Equal(0x1122_3344_5566_7788ul, program.Context.GetArgument(0), "value at 8(tp)");
    }

    [KernelTest]
    public static void UserMemory_OddAddresses_FailWithoutAFault()
    {
        using var program = Program(0x00000073);
        Check.That(!UserMemory.TryRead(0ul, out ulong value), "null");
        Check.That(!UserMemory.TryRead(MachineCode.KernelAddress, out value), "the kernel image");
        Check.That(!UserMemory.TryRead(0x8000_0000_0000ul, out value), "an address between the halves");
        Check.That(!UserMemory.TryRead(ulong.MaxValue - 3, out value), "a range that wraps");
        Check.That(!UserMemory.TryRead(UserProgram.DataAddress + 0xffc, out value), "a range that leaves its page");
        Check.That(!UserMemory.TryWrite(UserProgram.CodeAddress, value), "a read-only page");
        Check.That(UserMemory.TryRead(UserProgram.CodeAddress, out value), "a readable page");
        Check.Equal(0x73ul, value, "value");
    }

    private static UserProgram Program(params ReadOnlySpan<uint> instructions) => new(MachineCode.Bytes(instructions));

    private static void Expect(UserExceptionKind expected, uint instruction)
    {
        using UserProgram program = Program(instruction);
        program.RunToException(expected);
    }
}
