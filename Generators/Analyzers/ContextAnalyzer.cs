// SPDX-License-Identifier: MPL-2.0

using System.Collections.Immutable;
using System.Linq;
using Asterion.Generators.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Asterion.Generators.Analyzers;

/// <summary>
/// OST2009 to OST2012: methods marked <c>[NoAlloc]</c> or <c>[InterruptSafe]</c> allocate nothing, throw nothing, run no lazy static constructor, and call only what is marked as well.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ContextAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics
        => [Descriptors.MarkedAllocates, Descriptors.MarkedThrows, Descriptors.MarkedCallsUnmarked, Descriptors.MarkedRunsStaticConstructor];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(static start =>
        {
            if (!AssemblyKind.IsOnOstd(start.Compilation) && !AssemblyKind.IsOstd(start.Compilation))
                return;
            var rules = new ContextRules();
            start.RegisterOperationBlockAction(block => AnalyzeBlock(block, rules));
            start.RegisterOperationAction(operation => AnalyzeDelegate(operation, rules), OperationKind.DelegateCreation);
            start.RegisterOperationAction(operation => AnalyzePointer(operation, rules), OperationKind.Argument, OperationKind.SimpleAssignment);
        });
    }

    private static void AnalyzeBlock(OperationBlockAnalysisContext context, ContextRules rules)
    {
        if (context.OwningSymbol is not IMethodSymbol method)
            return;
        var level = rules.LevelOf(method);
        if (level == ContextLevel.None)
            return;
        // With an explicit static constructor, calls of static methods run it too, and not only uses of static fields (ECMA-335, II.10.5.3.2).
        if (method.IsStatic && method.ContainingType.StaticConstructors.Any(c => !c.IsImplicitlyDeclared))
            context.ReportDiagnostic(Diagnostic.Create(Descriptors.MarkedRunsStaticConstructor, method.Locations[0], method.Name, ContextRules.NameOf(level), method.ContainingType.Name));
        var body = new ContextBody(method.Name, level, rules, context.Compilation, context.ReportDiagnostic, context.CancellationToken);
        foreach (var block in context.OperationBlocks)
        {
            if (block is not IAttributeOperation)
                body.Visit(block);
        }
    }

    // Code that is made into a marked delegate promises what the delegate does, whatever method it stands in.
    private static void AnalyzeDelegate(OperationAnalysisContext context, ContextRules rules)
    {
        var creation = (IDelegateCreationOperation)context.Operation;
        var level = ContextRules.Declared(creation.Type);
        if (level == ContextLevel.None)
            return;
        if (creation.Target is IAnonymousFunctionOperation function)
            new ContextBody("a " + creation.Type!.Name, level, rules, context.Compilation, context.ReportDiagnostic, context.CancellationToken).Visit(function.Body);
        else if (creation.Target is IMethodReferenceOperation { Method: { MethodKind: not MethodKind.LocalFunction } target } && rules.LevelOf(target) < level)
            context.ReportDiagnostic(Diagnostic.Create(Descriptors.MarkedCallsUnmarked, creation.Syntax.GetLocation(), "a " + creation.Type!.Name, ContextRules.NameOf(level), target.ToDisplayString()));
    }

    // A marked field or parameter holds pointers to marked functions only.
    private static void AnalyzePointer(OperationAnalysisContext context, ContextRules rules)
    {
        var (target, value) = context.Operation switch
        {
            IArgumentOperation argument => ((ISymbol?)argument.Parameter?.OriginalDefinition, argument.Value),
            ISimpleAssignmentOperation { Target: IFieldReferenceOperation field } assignment => (field.Field, assignment.Value),
            _ => (null, null),
        };
        var level = ContextRules.Declared(target);
        if (level == ContextLevel.None || value is null || value.ConstantValue.HasValue)
            return;
        while (value is IConversionOperation conversion)
            value = conversion.Operand;
        var (actual, name) = value switch
        {
            IAddressOfOperation { Reference: IMethodReferenceOperation method } => (rules.LevelOf(method.Method), method.Method.ToDisplayString()),
            _ => (ContextRules.LevelOfPointer(value), "a function pointer"),
        };
        if (actual < level && !value.ConstantValue.HasValue)
            context.ReportDiagnostic(Diagnostic.Create(Descriptors.MarkedCallsUnmarked, value.Syntax.GetLocation(), target!.Name, ContextRules.NameOf(level), name));
    }
}
