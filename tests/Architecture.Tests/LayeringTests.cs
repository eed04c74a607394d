// SPDX-License-Identifier: MPL-2.0

using System;
using System.Linq;
using Xunit;

namespace Asterion.Architecture.Tests;

/// <summary>References go down only: docs/architecture.md.</summary>
public class LayeringTests
{
    private const string Subsystem = "a subsystem";

    [Fact]
    public void References_GoDownOnly()
    {
        var wrong = from project in Repository.Projects
                    where project.IsProduct && Layer(project.Name) >= 0
                    from reference in project.References
                    where Layer(reference) >= 0 && !IsAllowed(project.Name, reference)
                    select $"{project.Name} -> {reference}";
        Assert.Empty(wrong);
    }

    [Theory]
    [InlineData("Kernel.Fs.Ram", "Kernel.Fs", true)]
    [InlineData("Kernel.Fs", "Kernel.Fs.Ram", false)]
    [InlineData("Kernel.Fs", "Kernel.Process", false)]
    [InlineData("Kernel.Fs", "Kernel.Abstractions", true)]
    [InlineData("Kernel.Abstractions", "Kernel.Fs", false)]
    [InlineData("Kernel.Abstractions", "Ostd.Core", true)]
    [InlineData("Kernel.Fs", "Ostd.Runtime", false)]
    [InlineData("Ostd.Core", "Kernel.Abstractions", false)]
    [InlineData("Ostd.Arch.X64", "Ostd.Core", false)]
    [InlineData("Ostd.Testing", "Ostd.Core", true)]
    [InlineData("Ostd.Core", "Ostd.Testing", false)]
    [InlineData("Ostd.Testing", "Kernel.Abstractions", false)]
    [InlineData("Kernel.Image", "Kernel.Fs", true)]
    public void Rule_OfAnArrow(string from, string to, bool isAllowed) => Assert.Equal(isAllowed, IsAllowed(from, to));

    [Fact]
    public void OstdCore_HidesWhatIsBelow()
    {
        var text = Repository.Read("Ostd.Core/Ostd.Core.csproj");
        foreach (var line in text.Split('\n').Where(l => l.Contains("<ProjectReference", StringComparison.Ordinal)))
            Assert.Contains("PrivateAssets=\"all\"", line, StringComparison.Ordinal);
    }

    [Fact]
    public void Image_IsReferencesAlone()
        => Assert.DoesNotContain(Repository.Files("*.cs"), f => f.StartsWith("Kernel.Image/", StringComparison.Ordinal));

    private static bool IsAllowed(string from, string to)
    {
        // A family's members may build on its base.
        if (Layer(from) == Layer(to))
            return from.StartsWith(to + ".", StringComparison.Ordinal);
        // OSTD hides what is below it from the kernel.
        if (from.StartsWith("Kernel.", StringComparison.Ordinal) && Layer(to) < Layer("Ostd.Core"))
            return false;
        return Layer(to) < Layer(from);
    }

    private static int Layer(string name) => Kind(name) switch
    {
        "Ostd.Runtime" => 0,
        "Ostd.Arch" => 1,
        "Ostd.Core" => 2,
        "Kernel.Abstractions" or "Ostd.Testing" => 3,
        Subsystem => 4,
        "Kernel.Image" => 5,
        _ => -1,
    };

    private static string Kind(string name) => name switch
    {
        "Ostd.Runtime" or "Ostd.Core" or "Ostd.Testing" or "Kernel.Abstractions" or "Kernel.Image" => name,
        _ when name.EndsWith(".Stubs", StringComparison.Ordinal) => "a tool of the build",
        _ when name.StartsWith("Ostd.Arch.", StringComparison.Ordinal) => "Ostd.Arch",
        _ when name.StartsWith("Kernel.", StringComparison.Ordinal) => Subsystem,
        _ => "no part of what boots",
    };
}
