// SPDX-License-Identifier: MPL-2.0

using System;
using System.IO;
using System.Linq;
using Xunit;

namespace Asterion.Architecture.Tests;

/// <summary>What every project and every file of the repository keeps to.</summary>
public class HouseRuleTests
{
    [Fact]
    public void EachAssembly_HasAReadme()
    {
        var without = Repository.Projects.Where(p => p.IsProduct && !File.Exists(Path.Combine(Repository.Root, p.Folder, "README.md"))).Select(p => p.Folder);
        Assert.Empty(without);
    }

    [Fact]
    public void UnsafeCode_IsAllowedInOstdAlone()
    {
        var wrong = Repository.Projects
            .Where(p => p.IsProduct && p.Property("AllowUnsafeBlocks") == "true" && !p.Name.StartsWith("Ostd.", StringComparison.Ordinal))
            .Select(p => p.Path);
        Assert.Empty(wrong);
    }

    [Fact]
    public void VersionsOfPackages_StandInOnePlace()
    {
        var wrong = Repository.Projects.Where(p => p.Packages.Any(r => r.Attribute("Version") is not null || r.Attribute("VersionOverride") is not null)).Select(p => p.Path);
        Assert.Empty(wrong);
    }

    [Fact]
    public void Solution_HoldsEachProject()
    {
        var solution = Repository.Read("Asterion.slnx");
        var missing = Repository.Projects.Where(p => !solution.Contains($"\"{p.Path}\"", StringComparison.Ordinal)).Select(p => p.Path);
        Assert.Empty(missing);
    }

    [Theory]
    [InlineData("*.cs")]
    [InlineData("*.c")]
    [InlineData("*.h")]
    [InlineData("*.S")]
    [InlineData("*.sh")]
    [InlineData("*.exp")]
    public void EachSourceFile_NamesItsLicense(string pattern)
    {
        var wrong = Repository.Files(pattern)
            .Where(f => !Repository.Read(f).Split('\n').Take(3).Any(l => l.Contains("SPDX-License-Identifier: MPL-2.0", StringComparison.Ordinal)));
        Assert.Empty(wrong);
    }

    [Fact]
    public void NoFile_IsLongerThanSixHundredLines()
        => Assert.DoesNotContain(Repository.Files("*.cs"), f => Repository.Read(f).Count(c => c == '\n') > 600);

    [Fact]
    public void Kernel_HasNoUnfinishedCode()
    {
        var wrong = from file in Repository.Files("*.cs")
                    where file.StartsWith("Kernel.", StringComparison.Ordinal) || file.StartsWith("Ostd.", StringComparison.Ordinal)
                    let text = Repository.Read(file)
                    where text.Contains("TODO", StringComparison.Ordinal) || text.Contains("FIXME", StringComparison.Ordinal)
                        || text.Contains("NotImplementedException", StringComparison.Ordinal)
                    select file;
        Assert.Empty(wrong);
    }

    [Fact]
    public void DocsIndex_NamesEachPage()
    {
        var index = Repository.Read("docs/README.md");
        var missing = Repository.Files("*.md")
            .Where(f => f.StartsWith("docs/", StringComparison.Ordinal) && f != "docs/README.md" && !index.Contains($"({f[5..]})", StringComparison.Ordinal));
        Assert.Empty(missing);
    }
}
