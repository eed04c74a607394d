// SPDX-License-Identifier: MPL-2.0

using System;
using System.IO;
using System.Linq;
using Asterion.Generators.Emit;
using Asterion.Generators.Graph;
using Asterion.Generators.Parsing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Xunit;

namespace Asterion.Architecture.Tests;

/// <summary>
/// The checked-in reports of the image are what its references make of them: a change of the system call surface, or of the order in which
/// the kernel is built, shows in a diff. <c>UPDATE_SNAPSHOTS=1</c> in the environment writes them anew.
/// </summary>
public class ImageReportTests
{
    [Fact]
    public void Coverage_Page_IsCurrent() => Matches("docs/coverage/syscalls.md", CoverageEmitter.Markdown(ReadImage("x64")));

    [Fact]
    public void Coverage_Json_IsCurrent() => Matches("docs/coverage/syscalls.json", CoverageEmitter.Json(ReadImage("x64")));

    [Fact]
    public void SyscallTable_IsTheGolden() => Matches("tests/goldens/syscalls-x86_64.txt", SyscallDispatchEmitter.EmitTable(ReadImage("x64")));

    [Theory]
    [InlineData("riscv64")]
    [InlineData("loongarch64")]
    public void SyscallTable_OfGenericNumbers_IsTheGolden(string architecture) =>
        Matches($"tests/goldens/syscalls-{architecture}.txt", SyscallDispatchEmitter.EmitTable(ReadImage(architecture)));

    [Fact]
    public void ComponentOrder_IsTheGolden() => Matches("tests/goldens/component-order.txt", CompositionEmitter.EmitOrder(ReadImage("x64")));

    private static Image ReadImage(string architecture)
    {
        var project = Repository.Projects.Single(p => p.Name == "Kernel.Image");
        var platform = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);
        string[] kernel = [.. project.References, "Kernel.Abstractions", "Ostd.Core"];
        var references = platform
            .Where(p => Path.GetFileNameWithoutExtension(p) is var name && (name.StartsWith("System.", StringComparison.Ordinal) || kernel.Contains(name)))
            .Select(p => MetadataReference.CreateFromFile(p));
        var compilation = CSharpCompilation.Create("Kernel.Image", references: references);
        var omitsIncomplete = project.Property("AsterionOmitIncomplete") == "true";
        var image = new Image(ImageReader.Read(compilation, architecture, omitsIncomplete, default));
        Assert.Empty(image.Diagnostics);
        return image;
    }

    private static void Matches(string path, string actual)
    {
        var full = Path.Combine(Repository.Root, path);
        if (Environment.GetEnvironmentVariable("UPDATE_SNAPSHOTS") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            File.WriteAllText(full, actual);
            return;
        }

        Assert.True(File.Exists(full) && File.ReadAllText(full) == actual,
            $"{path} is out of date: run UPDATE_SNAPSHOTS=1 dotnet test tests/Architecture.Tests and look at the difference.");
    }
}
