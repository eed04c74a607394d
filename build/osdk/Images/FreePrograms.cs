// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Asterion.Osdk.Host;

namespace Asterion.Osdk.Images;

/// <summary>Compiles programs that need no C library, by clang and the runtime in <c>build/userland/runtime</c>: for every architecture, whether Debian has a C library for it or not.</summary>
internal static class FreePrograms
{
    private static readonly string[] s_compilerFlags =
    [
        // -fno-builtin: the runtime's memcpy is a loop, which would otherwise become a call of memcpy.
        "-std=gnu11", "-O1", "-g0", "-static", "-nostdlib", "-nostdlibinc", "-ffreestanding", "-fno-builtin", "-fno-stack-protector", "-fno-pic", "-Wall", "-Wextra", "-Werror",
    ];

    private static string Runtime => Repository.File("build", "userland", "runtime");

    /// <summary>What the programs of the initial file system are made from.</summary>
    public static string Userland => Repository.File("build", "userland");

    /// <summary>Compiles one program, if a source is newer than it.</summary>
    /// <param name="program">Name of the binary.</param>
    /// <param name="arch">x64, riscv64 or loongarch64.</param>
    /// <param name="sources">Its source files, and headers that it is compiled anew for.</param>
    /// <returns>The path of the binary.</returns>
    public static string Compile(string program, string arch, params IReadOnlyList<string> sources)
    {
        using var turn = BuildLock.Enter();
        DebianPackages.Require(KernelBuild.Linker, KernelBuild.Clang);
        string folder = Directory.CreateDirectory(Path.Combine(Repository.Out, "free-" + arch)).FullName;
        string binary = Path.Combine(folder, program);
        if (Freshness.IsOutdated(binary, [.. sources, Runtime]))
        {
            string[] files = [Path.Combine(Runtime, "start.S"), Path.Combine(Runtime, "free.c"), .. sources.Where(file => !file.EndsWith(".h", StringComparison.Ordinal))];
            IEnumerable<string> folders = sources.Select(file => Path.GetDirectoryName(file)!).Distinct();
            Tool.Run($"Compiling {program} ({arch})", $"clang-free-{program}-{arch}.log", KernelBuild.Clang.Program,
                [.. TargetOf(arch), .. s_compilerFlags, $"--ld-path={KernelBuild.Linker.Program}", $"-fmacro-prefix-map={Repository.Root}/=", "-I", Runtime, .. folders.SelectMany(path => new[] { "-I", path }), .. files, "-o", binary]);
        }
        return binary;
    }

    private static string[] TargetOf(string arch) => arch switch
    {
        "x64" => ["--target=x86_64-linux-gnu"],
        "riscv64" => ["--target=riscv64-linux-gnu", "-march=rv64gc", "-mabi=lp64d"],
        // QEMU 7.2 has no vector instructions.
        "loongarch64" => ["--target=loongarch64-linux-gnu", "-mabi=lp64d", "-mno-lsx"],
        _ => throw new ArgumentOutOfRangeException(nameof(arch)),
    };
}
