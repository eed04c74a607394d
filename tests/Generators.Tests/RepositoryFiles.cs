// SPDX-License-Identifier: MPL-2.0

using System;
using System.IO;

namespace Asterion.Generators.Tests;

/// <summary>Finds the repository that the tests were built from.</summary>
internal static class RepositoryFiles
{
    public static string TestProject => Path.Combine(Root, "tests", "Generators.Tests");

    public static string Root { get; } = Find();

    // The compiler maps source paths to the same names everywhere, so the way back is from where the tests run.
    private static string Find()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Asterion.slnx")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("no Asterion.slnx above " + AppContext.BaseDirectory);
        }

        return folder;
    }
}
