// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Testing;
using Ostd.User;

namespace Kernel.Tests.Ostd;

/// <content>What is LoongArch's own.</content>
public static partial class UserModeTests
{
    private const int FloatConditionsOffset = 32 * 8;
    private const int FloatControlOffset = 33 * 8;

    [KernelTest]
    public static void KernelWindows_ReadFromUserMode_Fault()
    {
        // lu52i.d a1,zero,0x900; ld.bu a0,a1,0
        using var program = Program(0x03240005, 0x2a0000a4);
        Check.Equal(0x9000_0000_0000_0000, program.RunToException(UserExceptionKind.PageFault).Address, "address");
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

    private static UserProgram Program(params ReadOnlySpan<uint> instructions) => new(MachineCode.Bytes(instructions));

    private static void Expect(UserExceptionKind expected, uint instruction)
    {
        using UserProgram program = Program(instruction);
        program.RunToException(expected);
    }
}
