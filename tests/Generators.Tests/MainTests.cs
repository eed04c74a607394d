// SPDX-License-Identifier: MPL-2.0

using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Xunit;

namespace Asterion.Generators.Tests;

/// <summary>The entry of kernels without components.</summary>
public class MainTests
{
    [Fact]
    public void Main_IsExportedAsKernelMain()
    {
        var result = Run("namespace K { static class P { [Ostd.Boot.KernelMain] internal static void Start() { } } }");
        Assert.Empty(result.Diagnostics);
        var source = result.Results[0].GeneratedSources.Single(s => s.HintName == "EntryPoint.g.cs").SourceText.ToString();
        Assert.Contains("RuntimeExport(\"KernelMain\")", source);
        Assert.Contains("global::K.P.Start();", source);
    }

    [Fact]
    public void NoMain_EmitsNothing() => Assert.Empty(Run("class P;").Results[0].GeneratedSources);

    [Theory]
    [InlineData("public class P { [Ostd.Boot.KernelMain] public void Start() { } }")]
    [InlineData("public class P { [Ostd.Boot.KernelMain] public static int Start() => 0; }")]
    [InlineData("public class P { [Ostd.Boot.KernelMain] public static void Start(string[] words) { } }")]
    [InlineData("public class P { [Ostd.Boot.KernelMain] private static void Start() { } }")]
    [InlineData("public class P { [Ostd.Boot.KernelMain] public static void Start<T>() { } }")]
    [InlineData("public class P { [Ostd.Boot.KernelMain] public static void A() { } [Ostd.Boot.KernelMain] public static void B() { } }")]
    public void Main_OfAnotherShape_IsAnError(string source)
    {
        var result = Run(source);
        Assert.Equal("OST1020", Assert.Single(result.Diagnostics).Id);
        Assert.Empty(result.Results[0].GeneratedSources);
    }

    private static GeneratorDriverRunResult Run(string source)
    {
        var compilation = ImageHarness.Library(source);
        return CSharpGeneratorDriver.Create(new MainGenerator()).RunGenerators(compilation).GetRunResult();
    }
}
