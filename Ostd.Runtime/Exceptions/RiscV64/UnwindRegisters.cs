// SPDX-License-Identifier: MPL-2.0

namespace Ostd.Runtime;

/// <summary>RISC-V: x0 to x31, f0 to f31 (RISC-V ELF psABI, "DWARF Register Numbers").</summary>
internal static partial class UnwindRegisters
{
    /// <summary>sp</summary>
    internal const int StackPointer = 2;

    /// <summary>s0, in functions whose frames change in size.</summary>
    internal const int FramePointer = 8;

    /// <summary>ra</summary>
    internal const int ReturnAddress = 1;

    /// <summary>What calls preserve, in the order in which the stubs save them: s0 to s11.</summary>
    [InterruptSafe]
    internal static System.ReadOnlySpan<byte> Preserved => [8, 9, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27];

    /// <summary>Names of the address, the stack pointer and those registers.</summary>
    internal static readonly string[] ReportNames = ["pc", "sp", "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11"];
}
