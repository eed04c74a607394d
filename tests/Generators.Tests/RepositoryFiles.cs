// SPDX-License-Identifier: MPL-2.0

using System.IO;
using System.Runtime.CompilerServices;

namespace Asterion.Generators.Tests;

/// <summary>Finds the repository that the tests were built from.</summary>
internal static class RepositoryFiles
{
    public static string TestProject { get; } = Here();

    public static string Root { get; } = Path.GetFullPath(Path.Combine(Here(), "..", ".."));

    private static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
