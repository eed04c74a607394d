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
/// moved: a method may return its own local, and a local or parameter that is named once only, and not in a loop, may be handed on. A method that changes it is not called where the compiler would make a copy for it, which is behind
/// whatever is read-only; and it is no type argument, since generic code may copy what it does not know.
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
        // A comment that calls a file generated is no way around the rule.
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.Analyze | GeneratedCodeAnalysisFlags.ReportDiagnostics);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(static start =>
        {
            if (AssemblyKind.IsOnOstd(start.Compilation) || AssemblyKind.IsOstd(start.Compilation))
            {
                start.RegisterOperationAction(
                    Analyze, OperationKind.LocalReference, OperationKind.ParameterReference, OperationKind.FieldReference, OperationKind.InstanceReference, OperationKind.Invocation, OperationKind.PropertyReference,
                    OperationKind.ArrayElementReference);
                start.RegisterOperationAction(AnalyzeTypeArguments, OperationKind.Invocation, OperationKind.ObjectCreation, OperationKind.MethodReference);
            }
        });
    }

    private static void Analyze(OperationAnalysisContext context)
    {
        var operation = context.Operation;
        if (!IsMarked(operation.Type) || !IsVariable(operation))
            return;
        if (IsUsedInPlace(operation) ? !IsChanged(operation) || !IsReadOnly(operation) : IsMoved(operation))
            return;
        Report(context, operation.Type!);
    }

    private static void AnalyzeTypeArguments(OperationAnalysisContext context)
    {
        var method = context.Operation switch
        {
            IInvocationOperation invocation => invocation.TargetMethod,
            IMethodReferenceOperation reference => reference.Method,
            _ => ((IObjectCreationOperation)context.Operation).Constructor,
        };
        if (method?.TypeArguments.Concat(method.ContainingType?.TypeArguments ?? []).FirstOrDefault(IsMarked) is { } type)
            Report(context, type);
    }

    private static void Report(OperationAnalysisContext context, ITypeSymbol type)
        => context.ReportDiagnostic(Diagnostic.Create(Descriptors.GuardCopied, context.Operation.Syntax.GetLocation(), type.Name));

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
        IAddressOfOperation or INameOfOperation or IExpressionStatementOperation or IMemberInitializerOperation => true,
        // A member of an object initializer is assigned to, not read.
        IObjectOrCollectionInitializerOperation => true,
        null => true,
        _ => false,
    };

    private static bool ReturnsByReference(IOperation operation)
        => EnclosingMethod(operation) is { RefKind: not RefKind.None };

    // What stands here, or a part of it, is the receiver of a member that may write to it.
    private static bool IsChanged(IOperation operation) => operation.Parent switch
    {
        IInvocationOperation invocation => invocation.Instance == operation && !invocation.TargetMethod.IsReadOnly && !invocation.TargetMethod.ContainingType.IsReadOnly,
        IPropertyReferenceOperation { Property: var property } => property is { IsReadOnly: false, ContainingType.IsReadOnly: false, GetMethod: not { IsReadOnly: true } },
        _ => false,
    };

    // The compiler calls members that may write on a copy of what cannot be written.
    private static bool IsReadOnly(IOperation operation) => operation switch
    {
        IParameterReferenceOperation parameter => parameter.Parameter.RefKind is RefKind.In or RefKind.RefReadOnlyParameter,
        ILocalReferenceOperation local => local.Local.RefKind == RefKind.RefReadOnly,
        IInvocationOperation invocation => invocation.TargetMethod.RefKind == RefKind.RefReadOnly,
        IPropertyReferenceOperation property => property.Property.RefKind == RefKind.RefReadOnly,
        IFieldReferenceOperation { Field: { RefKind: RefKind.None, IsReadOnly: true } field } => EnclosingMethod(operation) is not { MethodKind: MethodKind.Constructor } constructor
            || !SymbolEqualityComparer.Default.Equals(constructor.ContainingType, field.ContainingType),
        IFieldReferenceOperation { Field: { RefKind: RefKind.None, ContainingType.IsValueType: true }, Instance: { } instance } => IsReadOnly(instance),
        IFieldReferenceOperation { Field.RefKind: RefKind.RefReadOnly } => true,
        IInstanceReferenceOperation => EnclosingMethod(operation) is { IsReadOnly: true },
        _ => false,
    };

    private static IMethodSymbol? EnclosingMethod(IOperation operation) => operation.SemanticModel?.GetEnclosingSymbol(operation.Syntax.SpanStart) as IMethodSymbol;

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
        var isReturned = operation.Parent is IReturnOperation;
        var root = operation;
        for (; root.Parent is { } parent; root = parent)
        {
            // Returned, and used once more on the way out.
            if (isReturned && parent is ITryOperation { Finally: { } last } attempt && root != last && Mentions(last, variable) > 0)
                return false;
            // Named once, and read many times.
            if (parent is ILoopOperation or IAnonymousFunctionOperation or ILocalFunctionOperation && !IsDeclaredIn(parent, variable))
                return false;
        }

        return isReturned || (Mentions(root, variable) == 1 && !root.Descendants().Any(d => d is ILabeledOperation));
    }

    private static int Mentions(IOperation operation, ISymbol variable)
        => operation.Descendants().Count(d => d is ILocalReferenceOperation { IsDeclaration: false } local && SymbolEqualityComparer.Default.Equals(local.Local, variable)
            || d is IParameterReferenceOperation p && SymbolEqualityComparer.Default.Equals(p.Parameter, variable));

    private static bool IsDeclaredIn(IOperation operation, ISymbol variable)
        => variable.DeclaringSyntaxReferences.Any(d => d.SyntaxTree == operation.Syntax.SyntaxTree && operation.Syntax.Span.Contains(d.Span));
}
