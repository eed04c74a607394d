// SPDX-License-Identifier: MPL-2.0

using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Asterion.Generators.Diagnostics;
using Asterion.Generators.Emit;
using Asterion.Generators.Parsing;
using Microsoft.CodeAnalysis;

namespace Asterion.Generators;

/// <summary>
/// Emits the symbol <c>KernelMain</c> of a kernel without components: it calls the method marked with <c>[KernelMain]</c>, or, where the build property <c>OstdTest</c> is true, runs the project's
/// <c>[KernelTest]</c>s. So the tests of a kernel, and of a library, which has no entry of its own, boot in a kernel made for them.
/// </summary>
[Generator(LanguageNames.CSharp)]
public sealed class MainGenerator : IIncrementalGenerator
{
    private const string Namespace = "Ostd.Generated";
    private const string MainAttribute = "Ostd.Boot.KernelMainAttribute";
    private const string TestAttribute = AttributeNames.TestNamespace + "." + AttributeNames.KernelTest;

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var isTest = context.AnalyzerConfigOptionsProvider.Select(static (options, _) => options.GlobalOptions.TryGetValue("build_property.OstdTest", out var value) && value is "true");
        var mains = context.SyntaxProvider.ForAttributeWithMetadataName(MainAttribute, static (_, _) => true, static (found, _) => (IMethodSymbol)found.TargetSymbol).Collect();
        var tests = context.SyntaxProvider.ForAttributeWithMetadataName(TestAttribute, static (_, _) => true, static (found, _) => found.TargetSymbol.ContainingType).Collect();
        context.RegisterSourceOutput(mains.Combine(tests).Combine(isTest), static (output, pair) =>
        {
            if (pair.Right)
                ProduceTests(output, pair.Left.Right);
            else if (pair.Left.Left.Length > 0)
                ProduceMain(output, pair.Left.Left);
        });
    }

    private static void ProduceMain(SourceProductionContext output, ImmutableArray<IMethodSymbol> methods)
    {
        foreach (var method in methods)
        {
            if (methods.Length > 1 || !IsCallable(method))
            {
                output.ReportDiagnostic(Diagnostic.Create(Descriptors.MainShape, method.Locations.FirstOrDefault(), method.ToDisplayString()));
                return;
            }
        }

        ProduceEntry(output, $"{methods[0].ContainingType.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat)}.{methods[0].Name}()");
    }

    private static void ProduceTests(SourceProductionContext output, ImmutableArray<INamedTypeSymbol> types)
    {
        var diagnostics = new List<DiagnosticInfo>();
        var tests = types.Distinct<INamedTypeSymbol>(SymbolEqualityComparer.Default).SelectMany(type => TypeParser.ParseTests(type, diagnostics)).ToList();
        foreach (var diagnostic in diagnostics)
            output.ReportDiagnostic(diagnostic.ToDiagnostic());
        tests.Sort();
        output.AddSource("KernelTests.g.cs", KernelTestEmitter.Emit(Namespace, tests));
        ProduceEntry(output, $"global::{AttributeNames.TestNamespace}.KernelTestRunner.RunAndPowerOff(new KernelTests())");
    }

    private static void ProduceEntry(SourceProductionContext output, string call)
    {
        var writer = new SourceWriter(Namespace);
        writer.Summary("Where OSTD enters the kernel.");
        writer.Open("internal static class EntryPoint");
        writer.Line("[global::System.Runtime.RuntimeExport(\"KernelMain\")]");
        writer.Line($"internal static void Main() => {call};");
        writer.Close();
        output.AddSource("EntryPoint.g.cs", writer.ToString());
        output.AddSource("RuntimeExportAttribute.g.cs", EntryPointEmitter.RuntimeExport);
    }

    private static bool IsCallable(IMethodSymbol method)
        => method.IsStatic && method.ReturnsVoid && !method.IsAsync && method.Parameters.IsEmpty && !method.IsGenericMethod
            && method.DeclaredAccessibility is Accessibility.Public or Accessibility.Internal && !method.ContainingType.IsGenericType;
}
