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
}
