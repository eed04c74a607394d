// SPDX-License-Identifier: MPL-2.0

using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
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

    [Fact]
    public void TestBuild_EntersTheTests_AndNotMain()
    {
        var result = Run("""
            namespace K;
            static class P { [Ostd.Boot.KernelMain] internal static void Start() { } }
            public static class Tests { [KernelTest] public static void B() { } [KernelTest] public static void A() { } }
            """, isTest: true);
        Assert.Empty(result.Diagnostics);
        Assert.Contains("RunAndPowerOff(new KernelTests())", Source(result, "EntryPoint.g.cs"));
        Assert.DoesNotContain("K.P.Start", Source(result, "EntryPoint.g.cs"));
        var tests = Source(result, "KernelTests.g.cs");
        Assert.Contains("public int Count => 2;", tests);
        Assert.Contains("0 => \"K.Tests.A\"", tests);
        Assert.Contains("global::K.Tests.B();", tests);
    }

    [Fact]
    public void TestBuild_WithoutTests_IsAKernelWithNone() => Assert.Contains("public int Count => 0;", Source(Run("class P;", isTest: true), "KernelTests.g.cs"));

    [Fact]
    public void TestBuild_TestOfAnotherShape_IsAnError()
        => Assert.Equal("OST1017", Assert.Single(Run("namespace K; public static class Tests { [KernelTest] public static int A() => 1; }", isTest: true).Diagnostics).Id);

    [Fact]
    public void OtherBuild_LeavesTestsAlone() => Assert.Empty(Run("public static class Tests { [KernelTest] public static void A() { } }").Results[0].GeneratedSources);

    private static string Source(GeneratorDriverRunResult result, string name) => result.Results[0].GeneratedSources.Single(s => s.HintName == name).SourceText.ToString();

    private static GeneratorDriverRunResult Run(string source, bool isTest = false)
    {
        var driver = CSharpGeneratorDriver.Create([new MainGenerator().AsSourceGenerator()], parseOptions: ImageHarness.ParseOptions, optionsProvider: new BuildOptions(isTest)).RunGeneratorsAndUpdateCompilation(ImageHarness.Library(source), out var output, out _);
        var result = driver.GetRunResult();
        if (result.Diagnostics.IsEmpty)
            Assert.Empty(output.GetDiagnostics().Where(d => d.Severity == DiagnosticSeverity.Error));
        return result;
    }

    /// <summary>The build properties that the generator sees.</summary>
    private sealed class BuildOptions(bool isTest) : AnalyzerConfigOptionsProvider
    {
        public override AnalyzerConfigOptions GlobalOptions { get; } = new Properties(isTest);

        public override AnalyzerConfigOptions GetOptions(SyntaxTree tree) => GlobalOptions;

        public override AnalyzerConfigOptions GetOptions(AdditionalText textFile) => GlobalOptions;

        private sealed class Properties(bool isTest) : AnalyzerConfigOptions
        {
            public override bool TryGetValue(string key, out string value)
            {
                value = isTest && key == "build_property.OstdTest" ? "true" : "";
                return value.Length > 0;
            }
        }
    }
}
