// SPDX-License-Identifier: MPL-2.0

namespace Ostd.Arch.X64.Stubs.Assembly;

/// <summary>Who makes the code that the stubs are linked with.</summary>
public enum CodeGenerator
{
    /// <summary>NativeAOT's compiler.</summary>
    Ilc,

    /// <summary>This project's own, by way of LLVM.</summary>
    Llvm,
}
