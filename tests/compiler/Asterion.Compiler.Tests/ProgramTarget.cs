// SPDX-License-Identifier: MPL-2.0

using System.Collections.Generic;
using System.Linq;

namespace Asterion.Compiler.Tests;

/// <summary>How programs for one of the compiler's targets are made and run on this host.</summary>
/// <param name="Name">The compiler's name of the target.</param>
/// <param name="Folder">The folder of its part of HostRuntime.</param>
/// <param name="ClangOptions">What clang is told of the architecture.</param>
/// <param name="CodeOptions">What it is told of the compiler's output.</param>
/// <param name="Emulator">What runs the programs; null: the host itself.</param>
internal sealed record ProgramTarget(string Name, string Folder, IReadOnlyList<string> ClangOptions, IReadOnlyList<string> CodeOptions, string? Emulator)
{
    /// <summary>The host's own. Landing pads are found by relative addresses, and the unwinder knows no instruction for arguments that are pushed.</summary>
    public static ProgramTarget X64 { get; } = new("x64", "X64", ["--target=x86_64-unknown-linux-elf"], ["-fPIE", "-mllvm", "-no-x86-call-frame-opt"], null);

    /// <summary>RV64GC, with accesses that need not be aligned, as Linux's user programs may make them.</summary>
    public static ProgramTarget RiscV64 { get; } = new("riscv64", "RiscV64",
        ["--target=riscv64-unknown-linux-elf", "-march=rv64imafdc_zicsr_zifencei", "-mabi=lp64d", "-mcmodel=medany", "-mno-relax"],
        ["-fno-pic", "-mno-strict-align"], "qemu-riscv64-static");

    /// <summary>LoongArch with a 64-bit FPU and without vectors, which QEMU 7.2 does not have.</summary>
    public static ProgramTarget LoongArch64 { get; } = new("loongarch64", "LoongArch64",
        ["--target=loongarch64-unknown-linux-elf", "-mabi=lp64d", "-mcmodel=medium", "-mno-lsx"],
        ["-fno-pic"], "qemu-loongarch64-static");

    public static IReadOnlyList<ProgramTarget> All { get; } = [X64, RiscV64, LoongArch64];

    public static ProgramTarget Find(string name) => All.Single(t => t.Name == name);
}
