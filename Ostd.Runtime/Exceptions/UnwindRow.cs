// SPDX-License-Identifier: MPL-2.0

namespace Ostd.Runtime;

/// <summary>How a frame's caller is found from one address of the frame's method on: a row of the table that call frame instructions describe (DWARF 4, section 6.4.1).</summary>
// SAFETY: FrameUnwinder bounds the register numbers by which Offsets is indexed.
internal unsafe struct UnwindRow
{
    /// <summary>The register from which the canonical frame address is counted.</summary>
    internal int CfaRegister;

    /// <summary>The canonical frame address, less that register.</summary>
    internal long CfaOffset;

    /// <summary>Where each register is saved, from the canonical frame address on, or <see cref="FrameUnwinder.NotSaved"/>.</summary>
    internal fixed int Offsets[UnwindRegisters.Count];
}
