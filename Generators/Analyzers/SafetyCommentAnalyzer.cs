// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Immutable;
using System.Linq;
using Asterion.Generators.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Asterion.Generators.Analyzers;

/// <summary>
/// OST2005: wherever the word <c>unsafe</c> stands in OSTD, a comment <c>SAFETY:</c> says why the code is sound: above an unsafe statement or inside
/// it, above an unsafe member or type or inside it.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class SafetyCommentAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Descriptors.UnsafeWithoutSafety];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(static start =>
        {
            if (AssemblyKind.IsOstd(start.Compilation))
                start.RegisterSyntaxTreeAction(AnalyzeTree);
        });
    }

    private static void AnalyzeTree(SyntaxTreeAnalysisContext context)
    {
        var root = context.Tree.GetRoot(context.CancellationToken);
        foreach (var token in root.DescendantTokens().Where(t => t.IsKind(SyntaxKind.UnsafeKeyword)))
        {
            // A using alias of a pointer type runs nothing.
            if (token.Parent is null or UsingDirectiveSyntax)
                continue;
            var isExplained = token.Parent.DescendantTrivia(descendIntoTrivia: false).Any(IsSafetyComment)
                || (token.Parent is DelegateDeclarationSyntax);
            if (!isExplained)
                context.ReportDiagnostic(Diagnostic.Create(Descriptors.UnsafeWithoutSafety, token.GetLocation()));
        }
    }

    private static bool IsSafetyComment(SyntaxTrivia trivia)
        => trivia.Kind() is SyntaxKind.SingleLineCommentTrivia or SyntaxKind.MultiLineCommentTrivia
            && trivia.ToString().IndexOf("SAFETY:", StringComparison.Ordinal) >= 0;
}
