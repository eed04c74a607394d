// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Asterion.Generators.Analyzers;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Xunit;

namespace Asterion.Generators.Tests;

/// <summary>Compiles kernel assemblies from text, and runs the image's generator over them.</summary>
internal static class ImageHarness
{
    private const string Usings = """
        using System;
        using System.Collections.Generic;
        using Kernel.Abstractions;
        using Kernel.Abstractions.Composition;
        using Kernel.Abstractions.Files;
        using Kernel.Abstractions.Processes;
        using Kernel.Abstractions.Syscalls;
        using Ostd.Cpus;
        using Ostd.Testing;

        """;

    /// <summary>The language that texts and generated code are read as.</summary>
    public static CSharpParseOptions ParseOptions { get; } = new(LanguageVersion.Preview);

    private static readonly ImmutableArray<MetadataReference> s_references = FindReferences();

    /// <summary>Compiles a kernel assembly; it must have no errors.</summary>
    public static CSharpCompilation Library(string source, string name = "Kernel.Testing", bool allowUnsafe = false)
    {
        var compilation = CSharpCompilation.Create(name, [Parse(Usings + source)], s_references, Options(allowUnsafe));
        AssertNoErrors(compilation);
        return compilation;
    }

    /// <summary>What the compiler itself says to a source.</summary>
    public static IEnumerable<string> CompilerErrors(string source)
        => CSharpCompilation.Create("Kernel.Testing", [Parse(Usings + source)], s_references, Options(allowUnsafe: false)).GetDiagnostics()
            .Where(d => d.Severity == DiagnosticSeverity.Error).Select(d => d.Id);

    /// <summary>The metadata of a library, without bodies, as the build passes it to the image.</summary>
    public static MetadataReference Metadata(CSharpCompilation library)
    {
        using var stream = new MemoryStream();
        var result = library.Emit(stream, options: new Microsoft.CodeAnalysis.Emit.EmitOptions(metadataOnly: true));
        Assert.True(result.Success, string.Join("\n", result.Diagnostics));
        return MetadataReference.CreateFromImage(stream.ToArray());
    }

    /// <summary>An image that references the libraries and holds nothing itself.</summary>
    public static CSharpCompilation Image(params CSharpCompilation[] libraries)
        => CSharpCompilation.Create("Kernel.Image", [Parse("")], s_references.AddRange(libraries.Select(Metadata)), Options(allowUnsafe: false));

    public static GeneratorDriver Driver(string architecture = "x64")
        => CSharpGeneratorDriver.Create(
            [new ImageGenerator().AsSourceGenerator()],
            parseOptions: ParseOptions,
            optionsProvider: new ImageOptions(architecture),
            driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));

    /// <summary>Stitches an image of one library; it must compile. Gives the generated files by name.</summary>
    public static Dictionary<string, string> Generate(string source, string architecture = "x64") => Generate(architecture, Library(source));

    /// <summary>Stitches an image of several libraries; it must compile.</summary>
    public static Dictionary<string, string> Generate(string architecture, params CSharpCompilation[] libraries)
    {
        var driver = Driver(architecture).RunGeneratorsAndUpdateCompilation(Image(libraries), out var output, out var diagnostics);
        Assert.Empty(diagnostics.Where(d => d.Severity > DiagnosticSeverity.Info));
        AssertNoErrors(output);
        return driver.GetRunResult().Results[0].GeneratedSources.ToDictionary(s => s.HintName, s => s.SourceText.ToString());
    }

    /// <summary>What the generator reports about an image of these libraries, as <c>id: message</c>.</summary>
    public static string[] GeneratorErrors(params string[] sources)
    {
        var libraries = sources.Select((source, index) => Library(source, $"Kernel.Testing{index}")).ToArray();
        Driver().RunGeneratorsAndUpdateCompilation(Image(libraries), out _, out var diagnostics);
        return diagnostics.Select(Describe).ToArray();
    }

    /// <summary>What the analyzers report in one kernel assembly, as <c>id: message</c>.</summary>
    public static async Task<string[]> AnalyzerErrors(string source, string assembly = "Kernel.Testing", bool allowUnsafe = false)
    {
        var analyzed = Library(source, assembly, allowUnsafe).WithAnalyzers(Analyzers());
        var diagnostics = await analyzed.GetAnalyzerDiagnosticsAsync();
        return diagnostics.OrderBy(d => d.Location.SourceSpan.Start).Select(Describe).ToArray();
    }

    /// <summary>The text at which the analyzers report, for the first diagnostic.</summary>
    public static async Task<string> AnalyzerErrorText(string source)
    {
        var diagnostics = await Library(source).WithAnalyzers(Analyzers()).GetAnalyzerDiagnosticsAsync();
        var location = diagnostics[0].Location;
        return (await location.SourceTree!.GetTextAsync()).ToString(location.SourceSpan);
    }

    private static ImmutableArray<DiagnosticAnalyzer> Analyzers()
        => [.. typeof(CompositionAnalyzer).Assembly.GetTypes()
            .Where(t => !t.IsAbstract && typeof(DiagnosticAnalyzer).IsAssignableFrom(t))
            .Select(t => (DiagnosticAnalyzer)Activator.CreateInstance(t)!)];

    private static SyntaxTree Parse(string source) => CSharpSyntaxTree.ParseText(source, ParseOptions, path: "Source.cs");

    private static CSharpCompilationOptions Options(bool allowUnsafe)
        => new(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable, allowUnsafe: allowUnsafe);

    private static void AssertNoErrors(Compilation compilation)
        => Assert.Empty(compilation.GetDiagnostics().Where(d => d.Severity >= DiagnosticSeverity.Warning && d.Id != "CS1701").Select(d => d.ToString()));

    private static string Describe(Diagnostic diagnostic) => $"{diagnostic.Id}: {diagnostic.GetMessage(System.Globalization.CultureInfo.InvariantCulture)}";

    private static ImmutableArray<MetadataReference> FindReferences()
    {
        var platform = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);
        return [.. platform
            .Where(p => Path.GetFileName(p) is var name && (name.StartsWith("System.", StringComparison.Ordinal) || name is "netstandard.dll" or "mscorlib.dll"
                || name is "Kernel.Abstractions.dll" or "Ostd.Core.dll" or "Ostd.Testing.dll"))
            .Select(p => (MetadataReference)MetadataReference.CreateFromFile(p))];
    }

    private sealed class ImageOptions(string architecture) : AnalyzerConfigOptionsProvider
    {
        public override AnalyzerConfigOptions GlobalOptions { get; } = new Options(architecture);

        public override AnalyzerConfigOptions GetOptions(SyntaxTree tree) => GlobalOptions;

        public override AnalyzerConfigOptions GetOptions(AdditionalText textFile) => GlobalOptions;

        private sealed class Options(string architecture) : AnalyzerConfigOptions
        {
            public override bool TryGetValue(string key, out string value)
            {
                value = key switch
                {
                    "build_property.AsterionImage" => "true",
                    "build_property.AsterionArch" => architecture,
                    _ => "",
                };
                return value.Length > 0;
            }
        }
    }
}
