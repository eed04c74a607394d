// SPDX-License-Identifier: MPL-2.0

using System;
using System.IO;
using Asterion.Osdk.Host;
using Asterion.Osdk.Images;

namespace Asterion.Osdk.Projects;

/// <summary>The package <c>Ostd.Sdk</c> in the local feed, from which projects outside this repository are built.</summary>
internal static class OstdPackage
{
    /// <summary>Packs OSTD when one of its sources is newer than the package.</summary>
    /// <returns>The version, which names the content.</returns>
    public static string Make()
    {
        string version = Path.Combine(Repository.Packages, "Ostd.Sdk.version");
        using var turn = BuildLock.Enter();
        if (Freshness.IsOutdated(version, [.. KernelBuild.FrameworkSources(), .. Directory.EnumerateFiles(Repository.File("build", "sdk"))], KernelBuild.IsBuildOutput))
        {
            DateTime started = DateTime.UtcNow;
            Tool.Run("Packing OSTD", "pack-ostd.log", "dotnet", ["pack", Repository.File("build", "sdk"), "-c", "Release", "-nologo", "-v", "q", "-clp:NoSummary"]);
            // What was edited meanwhile may not be in it.
            File.SetLastWriteTimeUtc(version, started);
        }
        return File.ReadAllText(version).Trim();
    }
}
