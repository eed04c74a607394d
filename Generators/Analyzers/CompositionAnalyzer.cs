// SPDX-License-Identifier: MPL-2.0

using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Asterion.Generators.Diagnostics;
using Asterion.Generators.Parsing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Asterion.Generators.Analyzers;

/// <summary>Reports at the attribute, in the project that has it, what the image's generator could not read.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CompositionAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => Descriptors.All;

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterSymbolAction(static symbolContext =>
        {
            var type = (INamedTypeSymbol)symbolContext.Symbol;
            var diagnostics = new List<DiagnosticInfo>();
            ComponentParser.Parse(type, symbolContext.Compilation, diagnostics);
            TypeParser.ParsePerCpu(type, diagnostics);
            TypeParser.ParseTests(type, diagnostics);
            var trees = type.DeclaringSyntaxReferences.Select(r => r.SyntaxTree);
            foreach (var diagnostic in diagnostics)
                symbolContext.ReportDiagnostic(diagnostic.ToDiagnostic(trees));
        }, SymbolKind.NamedType);
    }
}
