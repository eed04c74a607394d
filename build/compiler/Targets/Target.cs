// SPDX-License-Identifier: MPL-2.0

using System.Collections.Generic;
using System.Linq;

namespace Asterion.Compiler.Targets;

/// <summary>An architecture that programs are made for: all that the compiler knows of one. The rest is LLVM's, and the runtime's.</summary>
/// <param name="Name">Its name, on the command line and in <c>[Asm]</c>.</param>
/// <param name="Triple">LLVM's name.</param>
/// <param name="DataLayout">What LLVM assumes about sizes and alignments: clang's for the triple, which it has to be.</param>
/// <param name="HasPartialRegisters">Whether assembly can name a register by the width of what is in it. Elsewhere an operand has to fill its register.</param>
/// <param name="HasReleaseStores">Whether LLVM makes a store of a store with release order. Elsewhere it makes an exchange, which is nothing for devices' registers.</param>
internal sealed record Target(string Name, string Triple, string DataLayout, bool HasPartialRegisters, bool HasReleaseStores)
{
    private const string RiscDataLayout = "e-m:e-p:64:64-i64:64-i128:128-n32:64-S128";

    /// <summary>All of them; the first one is meant when none is named.</summary>
    public static IReadOnlyList<Target> All { get; } =
    [
        new("x64", "x86_64-unknown-linux-elf", "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128", HasPartialRegisters: true, HasReleaseStores: true),
        new("riscv64", "riscv64-unknown-linux-elf", RiscDataLayout, HasPartialRegisters: false, HasReleaseStores: true),
        new("loongarch64", "loongarch64-unknown-linux-elf", RiscDataLayout, HasPartialRegisters: false, HasReleaseStores: false),
    ];

    /// <summary>Finds a target by its name.</summary>
    public static Target Find(string name) => All.FirstOrDefault(t => t.Name == name)
        ?? throw new CompilationException($"there is no target {name}; there are {string.Join(", ", All.Select(t => t.Name))}");
}
