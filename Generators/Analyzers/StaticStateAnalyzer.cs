// SPDX-License-Identifier: MPL-2.0

using System.Collections.Immutable;
using System.Linq;
using Asterion.Generators.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Asterion.Generators.Analyzers;

/// <summary>OST2001: statics of the kernel hold no state. OST2004: no finalizers, in OSTD neither.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class StaticStateAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Descriptors.MutableStatic, Descriptors.Finalizer];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(static start =>
        {
            if (AssemblyKind.IsKernel(start.Compilation))
            {
                start.RegisterSymbolAction(AnalyzeField, SymbolKind.Field);
                start.RegisterSymbolAction(AnalyzeProperty, SymbolKind.Property);
            }

            if (AssemblyKind.IsOnOstd(start.Compilation) || AssemblyKind.IsOstd(start.Compilation))
                start.RegisterSymbolAction(AnalyzeMethod, SymbolKind.Method);
        });
    }

    private static void AnalyzeField(SymbolAnalysisContext context)
    {
        var field = (IFieldSymbol)context.Symbol;
        if (!field.IsStatic || field.IsConst || (field.IsReadOnly && !IsMutableContainer(field.Type)))
            return;
        context.ReportDiagnostic(Diagnostic.Create(Descriptors.MutableStatic, field.Locations[0], field.ToDisplayString()));
    }

    /// <summary>The field behind an automatic property is not visited by itself.</summary>
    private static void AnalyzeProperty(SymbolAnalysisContext context)
    {
        var property = (IPropertySymbol)context.Symbol;
        if (!property.IsStatic || property.SetMethod is null)
            return;
        var isAutomatic = property.ContainingType.GetMembers().OfType<IFieldSymbol>()
            .Any(f => SymbolEqualityComparer.Default.Equals(f.AssociatedSymbol, property));
        if (isAutomatic)
            context.ReportDiagnostic(Diagnostic.Create(Descriptors.MutableStatic, property.Locations[0], property.ToDisplayString()));
    }

    /// <summary>A readonly reference to something that exists to be changed is state all the same.</summary>
    private static bool IsMutableContainer(ITypeSymbol type)
        => type.ContainingNamespace?.ToDisplayString() is "System.Collections.Generic" or "System.Collections.Concurrent" or "Ostd.Sync"
            && type.TypeKind == TypeKind.Class
            && type.Name is not ("EqualityComparer" or "Comparer");

    private static void AnalyzeMethod(SymbolAnalysisContext context)
    {
        var method = (IMethodSymbol)context.Symbol;
        if (method.MethodKind == MethodKind.Destructor)
            context.ReportDiagnostic(Diagnostic.Create(Descriptors.Finalizer, method.Locations[0], method.ContainingType.ToDisplayString()));
    }
}
