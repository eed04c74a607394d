// SPDX-License-Identifier: MPL-2.0

using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Asterion.Generators.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Asterion.Generators.Analyzers;

/// <summary>
/// OST2008: where tasks can share a variable whose torn value matters (<see cref="Tearing"/>), it is read-only after construction or says by <c>[GuardedBy]</c> which lock keeps it whole.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class TearingAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Descriptors.TornField, Descriptors.TornStruct];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(static start =>
        {
            if (AssemblyKind.IsOstd(start.Compilation))
                start.RegisterSymbolAction(AnalyzeStruct, SymbolKind.NamedType);
            if (!AssemblyKind.IsOnOstd(start.Compilation))
                return;
            start.RegisterSymbolAction(AnalyzeType, SymbolKind.NamedType);
            start.RegisterOperationBlockAction(AnalyzeCaptures);
        });
    }

    // A struct's own fields are looked at where the struct is stored. Ref structs are on one stack.
    private static void AnalyzeType(SymbolAnalysisContext context)
    {
        var type = (INamedTypeSymbol)context.Symbol;
        foreach (var field in type.GetMembers().OfType<IFieldSymbol>())
        {
            if (field.IsConst || (type.TypeKind == TypeKind.Struct && !field.IsStatic))
                continue;
            if (!(Tearing.Matters(field.Type) && !field.IsReadOnly) && !Tearing.MattersInside(field.Type))
                continue;
            var declared = field.AssociatedSymbol ?? field;
            if (!declared.IsImplicitlyDeclared && GuardRules.LockOf(declared) is null)
                context.ReportDiagnostic(Diagnostic.Create(Descriptors.TornField, declared.Locations[0], declared.Name, field.Type.ToDisplayString()));
        }
    }

    // A variable that a lambda captures is a field of an object that any task can have.
    private static void AnalyzeCaptures(OperationBlockAnalysisContext context)
    {
        var captured = new HashSet<ISymbol>(SymbolEqualityComparer.Default);
        var assigned = new HashSet<ISymbol>(SymbolEqualityComparer.Default);
        foreach (var operation in context.OperationBlocks.SelectMany(b => b.Descendants()))
        {
            if (VariableOf(operation) is not { } variable)
                continue;
            if (IsCaptured(operation, variable))
                captured.Add(variable);
            if (operation.Parent is IAssignmentOperation assignment && assignment.Target == operation || operation.Parent is IArgumentOperation { Parameter.RefKind: RefKind.Ref or RefKind.Out })
                assigned.Add(variable);
        }

        foreach (var variable in captured.Where(assigned.Contains))
            context.ReportDiagnostic(Diagnostic.Create(Descriptors.TornField, variable.Locations[0], variable.Name, TypeOf(variable).ToDisplayString()));
    }

    private static ISymbol? VariableOf(IOperation operation) => operation switch
    {
        ILocalReferenceOperation local when Tearing.Matters(local.Local.Type) => local.Local,
        IParameterReferenceOperation parameter when Tearing.Matters(parameter.Parameter.Type) => parameter.Parameter,
        _ => null,
    };

    private static ITypeSymbol TypeOf(ISymbol variable) => variable is ILocalSymbol local ? local.Type : ((IParameterSymbol)variable).Type;

    private static bool IsCaptured(IOperation use, ISymbol variable)
    {
        for (var parent = use.Parent; parent is not null; parent = parent.Parent)
        {
            if (parent is IAnonymousFunctionOperation function)
                return !SymbolEqualityComparer.Default.Equals(function.Symbol, variable.ContainingSymbol);
        }

        return false;
    }

    // What OSTD gives to clients they store where they like.
    private static void AnalyzeStruct(SymbolAnalysisContext context)
    {
        var type = (INamedTypeSymbol)context.Symbol;
        if (type is not { TypeKind: TypeKind.Struct, IsRefLikeType: false, DeclaredAccessibility: Accessibility.Public, ContainingType: null } || context.Compilation.AssemblyName is not "Ostd.Core" and not "Ostd.Testing")
            return;
        var fields = type.GetMembers().OfType<IFieldSymbol>().Where(f => !f.IsStatic).ToArray();
        if (fields.Any(f => Tearing.Matters(f.Type)) || (fields.Length > 1 && fields.Any(f => f.Type.TypeKind is TypeKind.Pointer or TypeKind.FunctionPointer)))
            context.ReportDiagnostic(Diagnostic.Create(Descriptors.TornStruct, type.Locations[0], type.Name));
    }
}
