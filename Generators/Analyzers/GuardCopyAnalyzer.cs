// SPDX-License-Identifier: MPL-2.0

using System.Collections.Immutable;
using System.Linq;
using Asterion.Generators.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Asterion.Generators.Analyzers;

/// <summary>
/// OST2013: a value of a struct marked <c>[MustNotCopy]</c>, or of one that holds such a struct, is never read out of a variable into another place. It is used where it stands, passed by reference, or
/// moved: a method may return its own local, and a local or parameter that is named once only may be handed on.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class GuardCopyAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Descriptors.GuardCopied];

    /// <summary>Whether values of the type must stay where they are.</summary>
    public static bool IsMarked(ITypeSymbol? type)
        => type is { IsValueType: true, TypeKind: TypeKind.Struct, SpecialType: SpecialType.None }
            && (type.GetAttributes().Any(a => a.AttributeClass is { Name: "MustNotCopyAttribute", ContainingNamespace: { Name: "Ostd", ContainingNamespace.IsGlobalNamespace: true } })
                || (type.IsRefLikeType && type.GetMembers().OfType<IFieldSymbol>().Any(f => !f.IsStatic && f.RefKind == RefKind.None && IsMarked(f.Type))));

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(static start =>
        {
            if (AssemblyKind.IsOnOstd(start.Compilation) || AssemblyKind.IsOstd(start.Compilation))
            {
                start.RegisterOperationAction(
                    Analyze, OperationKind.LocalReference, OperationKind.ParameterReference, OperationKind.FieldReference, OperationKind.InstanceReference, OperationKind.Invocation, OperationKind.PropertyReference);
            }
        });
    }

    private static void Analyze(OperationAnalysisContext context)
    {
        var operation = context.Operation;
        if (!IsMarked(operation.Type) || !IsVariable(operation) || IsUsedInPlace(operation) || IsMoved(operation))
            return;
        context.ReportDiagnostic(Diagnostic.Create(Descriptors.GuardCopied, operation.Syntax.GetLocation(), operation.Type!.Name));
    }

    // What a method or property returns by value is new; what it returns by reference stands somewhere.
    private static bool IsVariable(IOperation operation) => operation switch
    {
        IInvocationOperation invocation => invocation.TargetMethod.RefKind != RefKind.None,
        IPropertyReferenceOperation property => property.Property.RefKind != RefKind.None,
        ILocalReferenceOperation local => !local.IsDeclaration,
        _ => true,
    };

    private static bool IsUsedInPlace(IOperation operation) => operation.Parent switch
    {
        IFieldReferenceOperation or IPropertyReferenceOperation or IEventReferenceOperation => true,
        IInvocationOperation invocation => invocation.Instance == operation,
        IAssignmentOperation assignment => assignment.Target == operation || assignment is ISimpleAssignmentOperation { IsRef: true } or { Target: IDiscardOperation },
        IArgumentOperation argument => argument.Parameter is { RefKind: not RefKind.None },
        IReturnOperation => ReturnsByReference(operation),
        IVariableInitializerOperation { Parent: IVariableDeclaratorOperation declarator } => declarator.Symbol.IsRef,
        IAddressOfOperation or INameOfOperation or IExpressionStatementOperation or IMemberInitializerOperation or IMethodReferenceOperation => true,
        // A member of an object initializer is assigned to, not read.
        IObjectOrCollectionInitializerOperation => true,
        null => true,
        _ => false,
    };

    private static bool ReturnsByReference(IOperation operation)
        => operation.SemanticModel?.GetEnclosingSymbol(operation.Syntax.SpanStart) is IMethodSymbol { RefKind: not RefKind.None };

    private static bool IsMoved(IOperation operation)
    {
        var variable = operation switch
        {
            ILocalReferenceOperation { Local: { IsRef: false, IsUsing: false } local } => (ISymbol)local,
            IParameterReferenceOperation { Parameter: { RefKind: RefKind.None } parameter } => parameter,
            _ => null,
        };
        if (variable is null)
            return false;
        if (operation.Parent is IReturnOperation)
            return true;
        var root = operation;
        while (root.Parent is not null)
            root = root.Parent;
        return root.Descendants().Count(d => d is ILocalReferenceOperation { IsDeclaration: false } other && SymbolEqualityComparer.Default.Equals(other.Local, variable)
            || d is IParameterReferenceOperation p && SymbolEqualityComparer.Default.Equals(p.Parameter, variable)) == 1;
    }
}
