// SPDX-License-Identifier: MPL-2.0

using System.Collections.Generic;
using System.IO;
using Asterion.Osdk.Host;
using Asterion.Osdk.Machine;

namespace Asterion.Osdk.Images;

/// <summary>Builds a kernel image of this repository with <c>dotnet build</c>, when a source is newer than it.</summary>
internal static class KernelBuild
{
    /// <summary>What every image is linked with, and its Debian package.</summary>
    public static (string Program, string Package) Linker => ("ld.lld-19", "lld-19");

    /// <summary>What turns LLVM IR into code, and its Debian package.</summary>
    public static (string Program, string Package) Clang => ("clang-19", "clang-19");

    /// <summary>Brings the kernel up to date.</summary>
    /// <param name="settings">Architecture, configuration and who makes the code.</param>
    /// <param name="project">The image's project folder: <c>Kernel.Image</c>, or a variant.</param>
    /// <returns>The path of the ELF file.</returns>
    public static string Make(MachineSettings settings, string project = "Kernel.Image")
    {
        string configuration = settings.Configuration!;
        // ilc makes code for x86-64 alone.
        bool isLlvm = settings.Codegen == "llvm" || settings.Arch != "x64";
        string name = $"{settings.Arch}-{configuration.ToLowerInvariant()}" + (isLlvm && settings.Arch == "x64" ? "-llvm" : "") + OutputSuffix(project);
        string elf = Path.Combine(Repository.Out, name, "kernel.elf");
        using var turn = BuildLock.Enter();
        if (!Freshness.IsOutdated(elf, Sources(project), IsBuildOutput))
        {
            return elf;
        }
        DebianPackages.Require(isLlvm ? [Linker, Clang] : [Linker]);
        System.DateTime started = System.DateTime.UtcNow;
        var arguments = new List<string>
        {
            "build", Repository.File(project), "-c", configuration, "-nologo", "-v", "q", "-clp:NoSummary", $"-p:AsterionArch={settings.Arch}", $"-p:AsterionCodegen={(isLlvm ? "llvm" : "ilc")}",
        };
        Tool.Run($"Building the kernel ({name})", $"build-{name}.log", "dotnet", arguments);
        if (!File.Exists(elf))
        {
            throw new OsdkException($"the build ended well but made no {elf}");
        }
        // A change that doesn't reach the image (a comment in a README) leaves its time alone; without this it would be built each time. What was
        // edited during the build may not be in it: so the image is as old as the build's start.
        File.SetLastWriteTimeUtc(elf, started);
        return elf;
    }

    internal static bool IsBuildOutput(string directory) =>
        directory is "bin" or "obj" or "guest" or "guest-riscv64" or "free" or "esbuild" or "benchmarks" or "torture" or "conformance" or "interactive" or "stress";

    /// <summary>What the image's project puts behind architecture and configuration in the name of its output folder.</summary>
    private static string OutputSuffix(string project) => Path.GetFileName(project) switch
    {
        "Kernel.Image" => "",
        "Kernel.Image.Tests" => "-tests",
        "Ostd.Runtime.Tests" => "-runtime-tests",
        string variant => "-" + variant,
    };

    private static IEnumerable<string> Sources(string project)
    {
        // An image of tests refers to libraries of tests.
        return [.. FrameworkSources(), project.StartsWith("tests/", System.StringComparison.Ordinal) ? Repository.File("tests") : Repository.File(project)];
    }

    /// <summary>What every image is made from, and the package of OSTD.</summary>
    internal static IEnumerable<string> FrameworkSources()
    {
        foreach (string directory in Directory.EnumerateDirectories(Repository.Root))
        {
            string name = Path.GetFileName(directory);
            if (name.StartsWith("Ostd.", System.StringComparison.Ordinal) || name.StartsWith("Kernel.", System.StringComparison.Ordinal) || name == "Generators")
            {
                yield return directory;
            }
        }
        foreach (string directory in Directory.EnumerateDirectories(Repository.File("build")))
        {
            if (Path.GetFileName(directory) is not ("osdk" or "rootfs" or "userland" or "templates" or "sdk"))
            {
                yield return directory;
            }
        }
        foreach (string file in (string[])["Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props", "global.json", ".editorconfig"])
        {
            if (File.Exists(Repository.File(file)))
            {
                yield return Repository.File(file);
            }
        }
    }
}
