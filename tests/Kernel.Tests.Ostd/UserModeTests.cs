// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Memory;
using Ostd.Tasks;
using Ostd.Testing;
using Ostd.Time;
using Ostd.User;

namespace Kernel.Tests.Ostd;

/// <summary>User mode, with programs of a few instructions (<see cref="MachineCode"/>). What is one architecture's stands in its folder.</summary>
public static partial class UserModeTests
{
    [KernelTest]
    public static void Syscall_Arguments_ArriveAndTheResultReturns()
    {
        using var program = new UserProgram(MachineCode.SystemCallWithArguments);
        program.RunToSyscall(42);
        for (int i = 0; i < 6; i++)
        {
            Check.Equal((ulong)(i + 1), program.Context.GetArgument(i), "argument");
        }

        program.Context.SetReturnValue(-38);
        Check.Equal(42ul, program.Context.SyscallNumber, "the number survives the result");
        Check.Equal(1ul, program.Context.GetArgument(0), "the first argument survives the result");
        program.RunToSyscall(unchecked((ulong)-38));
        Check.Equal(unchecked((ulong)-38), program.Context.GetRegister(MachineCode.ResultIndex), "result seen by the program");
    }

    [KernelTest]
    public static void RestartSyscall_AfterAResult_MakesTheSameCall()
    {
        using var program = new UserProgram(MachineCode.SystemCalls7And8);
        program.RunToSyscall(7);
        program.Context.SetReturnValue(-4);
        program.Context.RestartSyscall();
        program.RunToSyscall(7);
        program.RunToSyscall(8);
    }

    [KernelTest]
    public static void PageFault_OfEachKind_IsDescribed()
    {
        using (var program = new UserProgram(MachineCode.ReadUnmapped))
        {
            UserException fault = program.RunToException(UserExceptionKind.PageFault);
            Check.Equal(UserProgram.UnmappedAddress, fault.Address, "address");
            Check.Equal(PageFaultAccess.Read, fault.Access, "access");
            Check.That(!fault.IsProtection, "the page is not present");
        }

        using (var program = new UserProgram(MachineCode.WriteCode))
        {
            UserException fault = program.RunToException(UserExceptionKind.PageFault);
            Check.Equal(UserProgram.CodeAddress, fault.Address, "address");
            Check.Equal(PageFaultAccess.Write, fault.Access, "access");
            Check.That(fault.IsProtection, "the page is present");
        }

        using (var program = new UserProgram(MachineCode.JumpToNoCode))
        {
            UserException fault = program.RunToException(UserExceptionKind.PageFault);
            Check.Equal(MachineCode.NoCodeAddress, fault.Address, "address");
            Check.Equal(PageFaultAccess.Execute, fault.Access, "access");
        }
    }

    [KernelTest]
    public static void KernelMemory_ReadFromUserMode_Faults()
    {
        using var program = new UserProgram(MachineCode.ReadKernel);
        Check.Equal(MachineCode.KernelAddress, program.RunToException(UserExceptionKind.PageFault).Address, "address");
    }

    [KernelTest]
    public static void InstructionPointer_OutsideOfUserSpace_FaultsInTheProgram()
    {
        using var program = new UserProgram(MachineCode.SystemCallThenReadStack);
        program.RunToSyscall(0);
        foreach (ulong address in MachineCode.NoProgramsAddresses)
        {
            program.Context.InstructionPointer = address;
            Check.Equal(PageFaultAccess.Execute, program.RunToException(UserExceptionKind.PageFault).Access, "access");
        }
    }

    [KernelTest]
    public static void StackPointer_OutsideOfUserSpace_DoesNotHurtTheKernel()
    {
        using var program = new UserProgram(MachineCode.SystemCallThenReadStack);
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
        Check.Equal(UserProgram.CodeAddress, program.Context.InstructionPointer, "where the program stands");
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
                using var program = new UserProgram(MachineCode.KeepAndCount((byte)(me + 1)));
                program.RunToSyscall(1);
                results[me] = program.Context.GetArgument(0) * 10 + program.Context.GetArgument(1);
            });
        }

        workers.Join();
        Check.Equal(11ul, results[0], "both registers of the first");
        Check.Equal(22ul, results[1], "both registers of the second");
    }

    [KernelTest]
    public static void ThreadPointer_SetByTheKernel_IsSeenByTheProgram()
    {
        using var program = new UserProgram(MachineCode.ReadBehindThreadPointer);
        program.Context.ThreadPointer = UserProgram.DataAddress;
        Check.That(UserMemory.TryWrite(UserProgram.DataAddress + 8, 0x1122_3344_5566_7788ul), "the data page is writable");
        program.RunToSyscall(1);
        Check.Equal(0x1122_3344_5566_7788ul, program.Context.GetArgument(0), "second word at the thread pointer");
    }

    [KernelTest]
    public static void UserMemory_OddAddresses_FailWithoutAFault()
    {
        using var program = new UserProgram(MachineCode.Endless);
        Check.That(!UserMemory.TryRead(0ul, out ulong value), "null");
        Check.That(!UserMemory.TryRead(MachineCode.KernelAddress, out value), "the kernel image");
        Check.That(!UserMemory.TryRead(0x8000_0000_0000ul, out value), "an address between the halves");
        Check.That(!UserMemory.TryRead(ulong.MaxValue - 3, out value), "a range that wraps");
        Check.That(!UserMemory.TryRead(UserProgram.DataAddress + (ulong)Paging.PageSizeBytes - 4, out value), "a range that leaves its page");
        Check.That(!UserMemory.TryWrite(UserProgram.CodeAddress, value), "a read-only page");
        Check.That(UserMemory.TryRead(UserProgram.CodeAddress, out byte first), "a readable page");
        Check.Equal(MachineCode.Endless[0], first, "value");
    }
}
