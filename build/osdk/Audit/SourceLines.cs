// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;

namespace Asterion.Osdk.Audit;

/// <summary>
/// How much of what boots may be unsafe: lines of C# that are neither empty nor comments, and the places in them at which the word <c>unsafe</c> opens a block, a member or a type.
/// </summary>
internal sealed partial record SourceLines(int Framework, int Kernel, int UnsafePlaces, int KernelUnsafePlaces)
{
    /// <summary>What the framework's share should stay under.</summary>
    public const double ShareGoal = 0.14;

    /// <summary>Share of the framework, from 0 to 1.</summary>
    public double FrameworkShare => (double)Framework / (Framework + Kernel);

    /// <summary>Counts the folders of the root.</summary>
    public static SourceLines Count()
    {
        string[] framework = [.. LinesIn("Ostd.")];
        string[] kernel = [.. LinesIn("Kernel.")];
        return new(framework.Length, kernel.Length, framework.Count(IsUnsafe), kernel.Count(IsUnsafe));
    }

    private static IEnumerable<string> LinesIn(string prefix) => Directory.EnumerateDirectories(Repository.Root, prefix + "*")
        .SelectMany(folder => Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories))
        .Where(file => !file.Split('/').Any(part => part is "obj" or "bin"))
        .SelectMany(File.ReadLines)
        .Select(line => line.Trim())
        .Where(line => line.Length > 0 && !line.StartsWith("//", StringComparison.Ordinal));

    private static bool IsUnsafe(string line) => UnsafeWord().IsMatch(line.Split("//")[0]);

    [GeneratedRegex("""^[^"]*\bunsafe\b""")]
    private static partial Regex UnsafeWord();
}
