// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Memory;
using Ostd.Tasks;
using Ostd.Testing;
using Ostd.Time;
using Ostd.User;

namespace Kernel.Tests.Ostd;

/// <summary>User mode, with programs of a few LoongArch instructions.</summary>
/// <remarks>
/// None fetches from a page that is mapped and forbidden, the kernel's or one that is not executable: QEMU 7.2 never comes back from that. To note the instruction (BADI) it reads from the address anew, which raises the same
/// exception for ever (target/loongarch/cpu.c, loongarch_cpu_do_interrupt; PNX and PPI are not left out as PIF and ADEF are).
/// </remarks>
public static class UserModeTests
{
    private const int S1 = 24;
    private const int FloatConditionsOffset = 32 * 8;
    private const int FloatControlOffset = 33 * 8;

    [KernelTest]
    public static void Syscall_Arguments_ArriveAndTheResultReturns()
    {
        // li.w a7,42; li.w a0,1; li.w a1,2; li.w a2,3; li.w a3,4; li.w a4,5; li.w a5,6; syscall 0; move s1,a0; move a7,a0; syscall 0
        using var program = Program(0x0380a80b, 0x03800404, 0x03800805, 0x03800c06, 0x03801007, 0x03801408, 0x03801809, 0x002b0000, 0x00150098, 0x0015008b, 0x002b0000);
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
        // li.w a7,7; syscall 0; li.w a7,8; syscall 0
        using var program = Program(0x03801c0b, 0x002b0000, 0x0380200b, 0x002b0000);
        program.RunToSyscall(7);
        program.Context.SetReturnValue(-4);
        program.Context.RestartSyscall();
        program.RunToSyscall(7);
        program.RunToSyscall(8);
    }

    [KernelTest]
    public static void PageFault_OfEachKind_IsDescribed()
    {
        // lu12i.w a1,0x700; ld.bu a0,a1,0
        using (var program = Program(0x1400e005, 0x2a0000a4))
        {
            UserException fault = program.RunToException(UserExceptionKind.PageFault);
            Check.Equal(0x70_0000ul, fault.Address, "address");
            Check.Equal(PageFaultAccess.Read, fault.Access, "access");
            Check.That(!fault.IsProtection, "the page is not present");
        }

        // lu12i.w a1,0x400; st.b a0,a1,0
        using (var program = Program(0x14008005, 0x290000a4))
        {
            UserException fault = program.RunToException(UserExceptionKind.PageFault);
            Check.Equal(UserProgram.CodeAddress, fault.Address, "address");
            Check.Equal(PageFaultAccess.Write, fault.Access, "access");
            Check.That(fault.IsProtection, "the page is present");
        }

        // lu12i.w a1,0x700; jr a1
        using (var program = Program(0x1400e005, 0x4c0000a0))
        {
            UserException fault = program.RunToException(UserExceptionKind.PageFault);
            Check.Equal(0x70_0000ul, fault.Address, "address");
            Check.Equal(PageFaultAccess.Execute, fault.Access, "access");
        }
    }

    [KernelTest]
    public static void KernelMemory_FromUserMode_Faults()
    {
        // lu12i.w a1,0x204; lu32i.d a1,-1; ld.bu a0,a1,0
        using (var program = Program(0x14004085, 0x17ffffe5, 0x2a0000a4))
        {
            Check.Equal(MachineCode.KernelAddress, program.RunToException(UserExceptionKind.PageFault).Address, "address");
        }

        // The kernel's windows: lu52i.d a1,zero,0x900; ld.bu a0,a1,0
        using (var program = Program(0x03240005, 0x2a0000a4))
        {
            Check.Equal(0x9000_0000_0000_0000, program.RunToException(UserExceptionKind.PageFault).Address, "address");
        }
    }

    [KernelTest]
    public static void CpuExceptions_OfEachKind_AreReported()
    {
        Expect(UserExceptionKind.InvalidInstruction, 0x00000000);
        Expect(UserExceptionKind.Breakpoint, 0x002a0000); // break 0
        Expect(UserExceptionKind.InvalidInstruction, 0x04000004); // csrrd a0,CRMD
        Expect(UserExceptionKind.InvalidInstruction, 0x06483800); // ertn
        Expect(UserExceptionKind.InvalidInstruction, 0x06498000); // invtlb 0,zero,zero
        Expect(UserExceptionKind.InvalidInstruction, 0x04006420); // csrwr zero,PGDL
        Expect(UserExceptionKind.InvalidInstruction, 0x06480804); // iocsrrd.w a0,zero
        Expect(UserExceptionKind.InvalidInstruction, 0x06488000); // idle 0
    }

    [KernelTest]
    public static void InstructionPointer_OutsideOfUserSpace_FaultsInTheProgram()
    {
        using var program = Program(0x002b0000);
        program.RunToSyscall(0);
        foreach (ulong address in (ReadOnlySpan<ulong>)[0x8000_0000_0000, 0xffff_8000_0000_0000, 0x9000_0000_0020_4000])
        {
            program.Context.InstructionPointer = address;
            Check.Equal(PageFaultAccess.Execute, program.RunToException(UserExceptionKind.PageFault).Access, "access");
        }
    }

    [KernelTest]
    public static void StackPointer_OutsideOfUserSpace_DoesNotHurtTheKernel()
    {
        // syscall 0; ld.d a0,sp,0
        using var program = Program(0x002b0000, 0x28c00064);
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
                // li.w a0,<me+1>; movgr2fr.d ft7,a0; movgr2fr.d fs0,a0; ffint.d.l fs0,fs0; lu12i.w a1,0x1c9c; loop: addi.d a1,a1,-1; bnez a1,loop; movfr2gr.d a0,ft7; ftintrz.l.d fs0,fs0; movfr2gr.d a1,fs0;
                // li.w a7,1; syscall 0
                using var program = Program(0x03800004 | (uint)(me + 1) << 10, 0x0114a88f, 0x0114a898, 0x011d2b18, 0x14039385, 0x02fffca5, 0x47fffcbf, 0x0114b9e4, 0x011aab18, 0x0114bb05, 0x0380040b, 0x002b0000);
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
        // movfr2gr.d a0,fa3; movfcsr2gr a1,fcsr0; movcf2gr a2,fcc1; li.w a7,1; syscall 0
        using var program = Program(0x0114b864, 0x0114c805, 0x0114dc26, 0x0380040b, 0x002b0000);
        Span<byte> image = stackalloc byte[UserContext.FloatingPointSizeBytes];
        program.Context.SaveFloatingPoint(image);
        Check.Equal(0, (int)image[FloatControlOffset], "fcsr0 of a new program");
        image[3 * 8] = 0x5a;
        image[FloatConditionsOffset + 1] = 0xff; // a condition is one bit
        image[FloatControlOffset + 1] = 0x02; // rounding mode
        image[FloatControlOffset + 3] = 0xe0; // reserved bits of fcsr0
        program.Context.LoadFloatingPoint(image);
        program.RunToSyscall(1);
        Check.Equal(0x5aul, program.Context.GetArgument(0), "fa3");
        Check.Equal(0x200ul, program.Context.GetArgument(1), "fcsr0");
        Check.Equal(1ul, program.Context.GetArgument(2), "fcc1");
        UserContext copy = program.Context.Clone();
        Span<byte> again = stackalloc byte[UserContext.FloatingPointSizeBytes];
        copy.SaveFloatingPoint(again);
        Check.Equal(0x5a, (int)again[3 * 8], "fa3 of the copy");
    }

    [KernelTest]
    public static void ThreadPointer_SetByTheKernel_IsSeenByTheProgram()
    {
        // ld.d a0,tp,8; li.w a7,1; syscall 0
        using var program = Program(0x28c02044, 0x0380040b, 0x002b0000);
        program.Context.ThreadPointer = UserProgram.DataAddress;
        Check.That(UserMemory.TryWrite(UserProgram.DataAddress + 8, 0x1122_3344_5566_7788ul), "the data page is writable");
        program.RunToSyscall(1);
        Check.Equal(0x1122_3344_5566_7788ul, program.Context.GetArgument(0), "word behind the thread pointer");
    }

    [KernelTest]
    public static void UserMemory_OddAddresses_FailWithoutAFault()
    {
        using var program = Program(0x002b0000);
        Check.That(!UserMemory.TryRead(0ul, out ulong value), "null");
        Check.That(!UserMemory.TryRead(MachineCode.KernelAddress, out value), "the kernel image");
        Check.That(!UserMemory.TryRead(0x8000_0000_0000ul, out value), "an address between the halves");
        Check.That(!UserMemory.TryRead(ulong.MaxValue - 3, out value), "a range that wraps");
        Check.That(!UserMemory.TryRead(UserProgram.DataAddress + (ulong)Paging.PageSizeBytes - 4, out value), "a range that leaves its page");
        Check.That(!UserMemory.TryWrite(UserProgram.CodeAddress, value), "a read-only page");
        Check.That(UserMemory.TryRead(UserProgram.CodeAddress, out value), "a readable page");
        Check.Equal(0x002b_0000ul, value, "value");
    }

    private static UserProgram Program(params ReadOnlySpan<uint> instructions) => new(MachineCode.Bytes(instructions));

    private static void Expect(UserExceptionKind expected, uint instruction)
    {
        using UserProgram program = Program(instruction);
        program.RunToException(expected);
    }
}
