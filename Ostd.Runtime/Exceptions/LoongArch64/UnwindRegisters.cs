// SPDX-License-Identifier: MPL-2.0

namespace Ostd.Runtime;

/// <summary>LoongArch: r0 to r31, f0 to f31 (ELF for the LoongArch Architecture, "DWARF Register Numbers").</summary>
internal static partial class UnwindRegisters
{
    /// <summary>sp</summary>
    internal const int StackPointer = 3;

    /// <summary>fp, in functions whose frames change in size.</summary>
    internal const int FramePointer = 22;

    /// <summary>ra</summary>
    internal const int ReturnAddress = 1;

    /// <summary>What calls preserve, in the order in which the stubs save them: fp, s0 to s8.</summary>
    [InterruptSafe]
    internal static System.ReadOnlySpan<byte> Preserved => [22, 23, 24, 25, 26, 27, 28, 29, 30, 31];

    /// <summary>Names of the address, the stack pointer and those registers.</summary>
    internal static readonly string[] ReportNames = ["pc", "sp", "fp", "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8"];
}
