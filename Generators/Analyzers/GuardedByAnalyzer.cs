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
/// OST2014: a member marked <c>[GuardedBy(nameof(_lock))]</c> is used where the lock of the same object is held: in the scope of a <c>using</c> of one of its guards, in a method with the same mark,
/// or in a constructor. OST2015: the mark names a lock of OSTD in the same type.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class GuardedByAnalyzer : DiagnosticAnalyzer
{
    private const string This = "this";

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Descriptors.UnguardedUse, Descriptors.NoSuchLock];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(static start =>
        {
            if (!AssemblyKind.IsOnOstd(start.Compilation))
                return;
            start.RegisterOperationAction(AnalyzeUse, OperationKind.FieldReference, OperationKind.PropertyReference, OperationKind.Invocation);
            start.RegisterSymbolAction(AnalyzeMark, SymbolKind.Field, SymbolKind.Property, SymbolKind.Method);
        });
    }

    private static void AnalyzeMark(SymbolAnalysisContext context)
    {
        var symbol = context.Symbol;
        if (GuardRules.LockOf(symbol) is { } name && !symbol.ContainingType.GetMembers(name).Any(IsLock))
            context.ReportDiagnostic(Diagnostic.Create(Descriptors.NoSuchLock, symbol.Locations[0], symbol.Name, name));
    }

    private static bool IsLock(ISymbol member)
    {
        var type = member switch { IFieldSymbol field => field.Type, IPropertySymbol property => property.Type, _ => null };
        return type?.ContainingNamespace?.ToDisplayString() == "Ostd.Sync";
    }

    private static void AnalyzeUse(OperationAnalysisContext context)
    {
        var (member, instance) = context.Operation switch
        {
            IMemberReferenceOperation reference => (reference.Member, reference.Instance),
            IInvocationOperation invocation => ((ISymbol)invocation.TargetMethod, invocation.Instance),
            _ => (null, null),
        };
        if (GuardRules.LockOf(member) is not { } name || context.Operation.Parent is INameOfOperation)
            return;
        var owner = TextOf(instance);
        if (!IsHeld(context.Operation, name, owner, context.ContainingSymbol, member!.ContainingType))
            context.ReportDiagnostic(Diagnostic.Create(Descriptors.UnguardedUse, context.Operation.Syntax.GetLocation(), member.Name, owner == This ? name : owner + "." + name));
    }

    private static bool IsHeld(IOperation use, string name, string owner, ISymbol inside, INamedTypeSymbol type)
    {
        for (var operation = use; operation is not null; operation = operation.Parent)
        {
            // A delegate runs who knows when.
            if (operation is IAnonymousFunctionOperation)
                return false;
            if (operation is IUsingOperation statement && Takes(statement.Resources, name, owner))
                return true;
            if (operation.Parent is IBlockOperation block && block.Operations.TakeWhile(o => o != operation).OfType<IUsingDeclarationOperation>().Any(d => Takes(d.DeclarationGroup, name, owner)))
                return true;
        }

        if (owner != This || !SymbolEqualityComparer.Default.Equals(inside.ContainingType, type))
            return false;
        var marked = inside is IMethodSymbol { AssociatedSymbol: { } property } ? property : inside;
        return inside is IMethodSymbol { MethodKind: MethodKind.Constructor or MethodKind.StaticConstructor } or IFieldSymbol || GuardRules.LockOf(marked) == name;
    }

    private static bool Takes(IOperation resources, string name, string owner)
    {
        IEnumerable<IOperation?> values = resources is IVariableDeclarationGroupOperation group
            ? group.Declarations.SelectMany(d => d.Declarators).Select(d => d.Initializer?.Value)
            : new[] { resources };
        return values.Any(v => v is IInvocationOperation { Instance: IMemberReferenceOperation taken } && taken.Member.Name == name && TextOf(taken.Instance) == owner);
    }

    private static string TextOf(IOperation? instance) => instance is null or IInstanceReferenceOperation ? This : instance.Syntax.ToString();
}
