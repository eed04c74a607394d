// SPDX-License-Identifier: MPL-2.0

using System;
using System.IO;
using System.Linq;
using System.Xml.Linq;
using Asterion.Osdk.Host;
using Asterion.Osdk.Images;
using Asterion.Osdk.Machine;

namespace Asterion.Osdk.Projects;

/// <summary>Builds the project that osdk was started in, against the package of OSTD that its clone of this repository has packed last.</summary>
internal static class ProjectBuild
{
    /// <summary>Builds the kernel.</summary>
    /// <returns>The path of its ELF file.</returns>
    public static string MakeKernel(MachineSettings settings)
    {
        string project = Find();
        return IsKernel(project)
            ? Build(project, settings, isTest: false)
            : throw new OsdkException($"{Path.GetFileName(project)} is a library, which boots only in a kernel; ./osdk test boots one of its tests");
    }

    /// <summary>Builds a kernel that runs the project's tests.</summary>
    /// <returns>The path of its ELF file.</returns>
    public static string MakeTests(MachineSettings settings) => Build(Find(), settings, isTest: true);

    /// <summary>Builds the project, whatever it is.</summary>
    /// <returns>The path of the kernel's ELF file, or of the library.</returns>
    public static string Make(MachineSettings settings) => Build(Find(), settings, isTest: false);

    /// <summary>The project's file.</summary>
    private static string Find()
    {
        string[] projects = Directory.GetFiles(Repository.Project!, "*.csproj");
        return projects.Length == 1 ? projects[0] : throw new OsdkException($"{Repository.Project} has {projects.Length} projects, and osdk needs one");
    }

    private static bool IsKernel(string project) => XDocument.Load(project).Descendants("OstdKernel").Any(property => property.Value == "true");

    private static string Build(string project, MachineSettings settings, bool isTest)
    {
        if (settings.Kernel == "linux")
        {
            throw new OsdkException("a project has no Linux to compare it with");
        }
        DebianPackages.Require(KernelBuild.Linker, ("clang-19", "clang-19"));
        string version = OstdPackage.Make();
        // The project's NuGet.config finds the feed by it.
        Environment.SetEnvironmentVariable("OSTD_HOME", Repository.Root);
        string name = Path.GetFileNameWithoutExtension(project);
        string variant = $"{settings.Arch}-{settings.Configuration!.ToLowerInvariant()}" + (isTest ? "-test" : "");
        // Always: only the build itself knows what it is made from. It skips what is up to date.
        Tool.Run($"Building {name} ({variant})", $"build-{variant}.log", "dotnet",
        [
            "build", project, "-c", settings.Configuration, "-nologo", "-v", "q", "-clp:NoSummary", $"-p:AsterionArch={settings.Arch}", $"-p:OstdVersion={version}", .. isTest ? ["-p:OstdTest=true"] : Array.Empty<string>(),
        ]);
        string made = isTest || IsKernel(project)
            ? Path.Combine(Repository.Out, variant, "kernel.elf")
            : Path.Combine(Repository.Project!, "bin", settings.Configuration, "net9.0", name + ".dll");
        return File.Exists(made) ? made : throw new OsdkException($"the build ended well but made no {made}");
    }
}
