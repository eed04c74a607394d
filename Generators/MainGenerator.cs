// SPDX-License-Identifier: MPL-2.0

using System.Collections.Immutable;
using System.Linq;
using Asterion.Generators.Diagnostics;
using Asterion.Generators.Emit;
using Microsoft.CodeAnalysis;

namespace Asterion.Generators;

/// <summary>Emits the symbol <c>KernelMain</c> for the method that a kernel without components marks with <c>[KernelMain]</c>.</summary>
[Generator(LanguageNames.CSharp)]
public sealed class MainGenerator : IIncrementalGenerator
{
    private const string Attribute = "Ostd.Boot.KernelMainAttribute";

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var methods = context.SyntaxProvider.ForAttributeWithMetadataName(Attribute, static (_, _) => true, static (found, _) => (IMethodSymbol)found.TargetSymbol).Collect();
        context.RegisterSourceOutput(methods, static (output, methods) =>
        {
            if (methods.Length > 0)
                Produce(output, methods);
        });
    }

    private static void Produce(SourceProductionContext output, ImmutableArray<IMethodSymbol> methods)
    {
        foreach (var method in methods)
        {
            if (methods.Length > 1 || !IsCallable(method))
            {
                output.ReportDiagnostic(Diagnostic.Create(Descriptors.MainShape, method.Locations.FirstOrDefault(), method.ToDisplayString()));
                return;
            }
        }

        var writer = new SourceWriter("Ostd.Generated");
        writer.Summary("Where OSTD enters the kernel.");
        writer.Open("internal static class EntryPoint");
        writer.Line("[global::System.Runtime.RuntimeExport(\"KernelMain\")]");
        writer.Line($"internal static void Main() => {methods[0].ContainingType.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat)}.{methods[0].Name}();");
        writer.Close();
        output.AddSource("EntryPoint.g.cs", writer.ToString());
        output.AddSource("RuntimeExportAttribute.g.cs", EntryPointEmitter.RuntimeExport);
    }

    private static bool IsCallable(IMethodSymbol method)
        => method.IsStatic && method.ReturnsVoid && !method.IsAsync && method.Parameters.IsEmpty && !method.IsGenericMethod
            && method.DeclaredAccessibility is Accessibility.Public or Accessibility.Internal && !method.ContainingType.IsGenericType;
}
