// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Testing;
using Ostd.User;

namespace Kernel.Tests.Ostd;

/// <content>What is RISC-V's own.</content>
public static partial class UserModeTests
{
    private const int FloatControlOffset = 32 * 8;

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

    private static UserProgram Program(params ReadOnlySpan<uint> instructions) => new(MachineCode.Bytes(instructions));

    private static void Expect(UserExceptionKind expected, uint instruction)
    {
        using UserProgram program = Program(instruction);
        program.RunToException(expected);
    }
}
