// SPDX-License-Identifier: MPL-2.0

using System.Collections.Immutable;
using Asterion.Generators.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Asterion.Generators.Analyzers;

/// <summary>OST2002 and OST2003: the language's own locking and asynchrony, which no list of banned symbols can name.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class HostThreadingAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Descriptors.HostLock, Descriptors.Async];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(static start =>
        {
            if (!AssemblyKind.IsOnOstd(start.Compilation))
                return;
            start.RegisterSyntaxNodeAction(
                static node => node.ReportDiagnostic(Diagnostic.Create(Descriptors.HostLock, ((LockStatementSyntax)node.Node).LockKeyword.GetLocation())),
                SyntaxKind.LockStatement);
            start.RegisterSymbolAction(
                static symbol =>
                {
                    if (symbol.Symbol is IMethodSymbol { IsAsync: true } method)
                        symbol.ReportDiagnostic(Diagnostic.Create(Descriptors.Async, method.Locations[0], method.ToDisplayString()));
                },
                SymbolKind.Method);
            start.RegisterSyntaxNodeAction(
                static node =>
                {
                    if (((AnonymousFunctionExpressionSyntax)node.Node).AsyncKeyword is { RawKind: not 0 } keyword)
                        node.ReportDiagnostic(Diagnostic.Create(Descriptors.Async, keyword.GetLocation(), "an anonymous function"));
                },
                SyntaxKind.SimpleLambdaExpression, SyntaxKind.ParenthesizedLambdaExpression, SyntaxKind.AnonymousMethodExpression);
        });
    }
}
