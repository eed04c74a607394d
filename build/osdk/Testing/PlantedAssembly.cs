// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Asterion.Osdk.Audit;
using Asterion.Osdk.Host;

namespace Asterion.Osdk.Testing;

/// <summary>
/// Kernel.Fs with one method more, which turns an object into another one by <c>Unsafe.As</c>: the build must refuse it, and when a pragma silences the build, the audit must find it.
/// </summary>
internal static class PlantedAssembly
{
    private const string Plant = """
        // SPDX-License-Identifier: MPL-2.0
        namespace Kernel.Fs;

        internal static class Planted
        {
            public static string Forge(object value) => System.Runtime.CompilerServices.Unsafe.As<string>(value);
        }
        """;

    /// <summary>Plants, builds and looks.</summary>
    /// <returns>What was not found.</returns>
    public static IEnumerable<string> Check()
    {
        // Below the root, so that the properties, targets and analyzers of the repository apply as they do to Kernel.Fs.
        string folder = Path.Combine(Repository.Out, "planted");
        Directory.CreateDirectory(folder);
        string victim = Repository.File("Kernel.Fs");
        File.WriteAllText(Path.Combine(folder, "Kernel.Fs.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <ItemGroup>
                <Compile Include="{victim}/**/*.cs" Exclude="{victim}/bin/**;{victim}/obj/**" />
                <ProjectReference Include="{Repository.File("Kernel.Abstractions", "Kernel.Abstractions.csproj")}" />
              </ItemGroup>
            </Project>
            """);
        string source = Path.Combine(folder, "Planted.cs");
        string log = Path.Combine(Repository.Logs, "audit-planted.log");
        string[] arguments = ["build", Path.Combine(folder, "Kernel.Fs.csproj"), "-c", "Release", "-nologo", "-v", "q", "-clp:NoSummary"];
        File.WriteAllText(source, Plant);
        if (Tool.RunLogged(log, "dotnet", arguments) == 0 || !File.ReadLines(log).Any(line => line.Contains("Planted.cs", StringComparison.Ordinal) && line.Contains("RS0030", StringComparison.Ordinal)))
        {
            yield return "the build did not refuse Unsafe.As in Kernel.Fs with RS0030";
        }
        File.WriteAllText(source, "#pragma warning disable RS0030\n" + Plant);
        if (Tool.RunLogged(log, "dotnet", arguments) != 0)
        {
            yield return $"Kernel.Fs with a silenced Unsafe.As does not build: {log}";
            yield break;
        }
        string assembly = Directory.EnumerateFiles(Path.Combine(folder, "bin"), "Kernel.Fs.dll", SearchOption.AllDirectories).First();
        string[] violations = [.. new SafeAssemblies(Repository.File("build", "BannedSymbols.txt")).Violations(assembly)];
        if (violations is not ["Kernel.Fs: Kernel.Fs.Planted.Forge uses System.Runtime.CompilerServices.Unsafe"])
        {
            yield return "the audit of Kernel.Fs with a planted Unsafe.As says: " + string.Join("; ", violations);
        }
        Directory.Delete(folder, recursive: true);
    }
}
