// SPDX-License-Identifier: MPL-2.0

using System;
using System.IO;
using System.Linq;

namespace Asterion.Osdk.Audit;

/// <summary>How much of what boots may be unsafe: lines of C# that are neither empty nor comments.</summary>
internal sealed record SourceLines(int Framework, int Kernel)
{
    /// <summary>Share of the framework, from 0 to 1.</summary>
    public double FrameworkShare => (double)Framework / (Framework + Kernel);

    /// <summary>Counts the folders of the root.</summary>
    public static SourceLines Count() => new(CountIn("Ostd."), CountIn("Kernel."));

    private static int CountIn(string prefix) => Directory.EnumerateDirectories(Repository.Root, prefix + "*")
        .SelectMany(folder => Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories))
        .Where(file => !file.Split('/').Any(part => part is "obj" or "bin"))
        .Sum(file => File.ReadLines(file).Select(line => line.Trim()).Count(line => line.Length > 0 && !line.StartsWith("//", StringComparison.Ordinal)));
}
