// SPDX-License-Identifier: MPL-2.0

using System.Collections.Immutable;
using Asterion.Generators.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Asterion.Generators.Analyzers;

/// <summary>
/// OST2006: a guard (a ref struct named <c>...Guard</c> with <c>Dispose</c>) stands in a <c>using</c>. OST2007: the result of a call that can fail is not dropped.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ResultAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Descriptors.GuardWithoutUsing, Descriptors.DiscardedResult];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(static start =>
        {
            if (!AssemblyKind.IsOnOstd(start.Compilation))
                return;
            start.RegisterOperationAction(AnalyzeStatement, OperationKind.ExpressionStatement);
            start.RegisterOperationAction(AnalyzeDeclaration, OperationKind.VariableDeclarationGroup);
        });
    }

    private static void AnalyzeStatement(OperationAnalysisContext context)
    {
        var operation = ((IExpressionStatementOperation)context.Operation).Operation;
        if (operation is not IInvocationOperation { Type: { } type } invocation)
            return;
        if (IsGuard(type))
            context.ReportDiagnostic(Diagnostic.Create(Descriptors.GuardWithoutUsing, operation.Syntax.GetLocation(), type.Name));
        else if (IsResult(type))
            context.ReportDiagnostic(Diagnostic.Create(Descriptors.DiscardedResult, operation.Syntax.GetLocation(), type.Name, invocation.TargetMethod.Name));
    }

    private static void AnalyzeDeclaration(OperationAnalysisContext context)
    {
        // "using var" is an operation of its own kind around the group.
        if (context.Operation.Parent is IUsingDeclarationOperation or IUsingOperation)
            return;
        foreach (var declaration in ((IVariableDeclarationGroupOperation)context.Operation).Declarations)
        {
            foreach (var declarator in declaration.Declarators)
            {
                if (IsGuard(declarator.Symbol.Type) && !declarator.Symbol.IsRef)
                    context.ReportDiagnostic(Diagnostic.Create(Descriptors.GuardWithoutUsing, declarator.Syntax.GetLocation(), declarator.Symbol.Type.Name));
            }
        }
    }

    private static bool IsGuard(ITypeSymbol type)
        => type.IsRefLikeType && type.Name.EndsWith("Guard") && !type.GetMembers("Dispose").IsEmpty;

    private static bool IsResult(ITypeSymbol type)
        => type.Name is "Errno" or "Result" or "SyscallResult" && type.ContainingNamespace?.ToDisplayString() is "Kernel.Abstractions" or "Kernel.Abstractions.Syscalls";
}
