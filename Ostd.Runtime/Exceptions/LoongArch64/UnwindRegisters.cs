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
}
