// SPDX-License-Identifier: MPL-2.0

using System;
using System.Linq;
using System.Threading;
using Asterion.Generators.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace Asterion.Generators.Analyzers;

/// <summary>Looks through a body for what its mark forbids.</summary>
internal sealed class ContextBody(
    string name, ContextLevel level, ContextRules rules, Compilation compilation, Action<Diagnostic> report, CancellationToken cancellation) : OperationWalker
{
    /// <inheritdoc/>
    public override void Visit(IOperation? operation)
    {
        cancellation.ThrowIfCancellationRequested();
        // What the compiler folds does not run.
        if (operation is null || operation.ConstantValue.HasValue)
            return;
        Check(operation);
        // A delegate is reported where it is made. Its body runs later, where somebody calls it.
        if (operation is not IAnonymousFunctionOperation)
            base.Visit(operation);
    }

    private void Check(IOperation operation)
    {
        switch (operation)
        {
            case IObjectCreationOperation { Type: { IsReferenceType: true } type }:
                Allocates(operation, $"a new {type.Name}");
                break;
            case IObjectCreationOperation { Constructor: { } constructor } when !operation.IsImplicit || !constructor.IsImplicitlyDeclared:
                Calls(operation, constructor);
                break;
            case IArrayCreationOperation:
                Allocates(operation, operation.IsImplicit ? "an array for 'params'" : "an array");
                break;
            case ICollectionExpressionOperation { Type.IsRefLikeType: false }:
                Allocates(operation, "a collection");
                break;
            case IDelegateCreationOperation or IAnonymousFunctionOperation { Parent: not IDelegateCreationOperation }:
                Allocates(operation, "a delegate");
                break;
            case IAnonymousObjectCreationOperation or ITypeParameterObjectCreationOperation or IDynamicInvocationOperation or IDynamicMemberReferenceOperation:
                Allocates(operation, "an object");
                break;
            case IWithOperation { Type.IsReferenceType: true }:
                Allocates(operation, "a copy of an object");
                break;
            case IAwaitOperation or IReturnOperation { Kind: OperationKind.YieldReturn or OperationKind.YieldBreak }:
                Allocates(operation, "a state machine");
                break;
            case IInterpolatedStringOperation { Parent: not IInterpolatedStringHandlerCreationOperation }:
                Allocates(operation, "an interpolated string");
                break;
            case IBinaryOperation { OperatorKind: BinaryOperatorKind.Add, Type.SpecialType: SpecialType.System_String }:
            case ICompoundAssignmentOperation { OperatorKind: BinaryOperatorKind.Add, Type.SpecialType: SpecialType.System_String }:
                Allocates(operation, "a concatenated string");
                break;
            case IConversionOperation conversion when IsBoxing(conversion):
                Allocates(operation, $"a boxed {conversion.Operand.Type?.Name}");
                break;
            case IThrowOperation:
                report(Diagnostic.Create(Descriptors.MarkedThrows, operation.Syntax.GetLocation(), name, ContextRules.NameOf(level)));
                break;
            case ILockOperation:
                report(Diagnostic.Create(Descriptors.MarkedCallsUnmarked, operation.Syntax.GetLocation(), name, ContextRules.NameOf(level), "System.Threading.Monitor.Enter"));
                break;
            case IInvocationOperation invocation:
                Calls(operation, invocation.TargetMethod);
                break;
            case IFunctionPointerInvocationOperation pointer when ContextRules.LevelOfPointer(pointer.Target) < level:
                report(Diagnostic.Create(Descriptors.MarkedCallsUnmarked, operation.Syntax.GetLocation(), name, ContextRules.NameOf(level), "a function pointer"));
                break;
            case IPropertyReferenceOperation property:
                Calls(property);
                break;
            case IFieldReferenceOperation { Field: { IsStatic: true, IsConst: false } field }:
                Touches(operation, field);
                break;
            case IBinaryOperation { OperatorMethod: { } binary }:
                Calls(operation, binary);
                break;
            case IUnaryOperation { OperatorMethod: { } unary }:
                Calls(operation, unary);
                break;
            case ICompoundAssignmentOperation { OperatorMethod: { } compound }:
                Calls(operation, compound);
                break;
            case IIncrementOrDecrementOperation { OperatorMethod: { } increment }:
                Calls(operation, increment);
                break;
            case IConversionOperation { OperatorMethod: { } conversion }:
                Calls(operation, conversion);
                break;
            case IUsingOperation usingStatement:
                Disposes(usingStatement.Resources);
                break;
            case IUsingDeclarationOperation declaration:
                Disposes(declaration.DeclarationGroup);
                break;
            case IForEachLoopOperation loop:
                Enumerates(loop);
                break;
            default:
                break;
        }
    }

    private static bool IsBoxing(IConversionOperation conversion)
        => conversion is { OperatorMethod: null, Operand.Type: { } from, Type: { IsReferenceType: true } to }
            && (from.IsValueType || (from.TypeKind == TypeKind.TypeParameter && !from.IsReferenceType && to.TypeKind != TypeKind.TypeParameter));

    private void Allocates(IOperation operation, string what)
        => report(Diagnostic.Create(Descriptors.MarkedAllocates, operation.Syntax.GetLocation(), name, ContextRules.NameOf(level), what));

    private void Calls(IPropertyReferenceOperation reference)
    {
        var property = reference.Property;
        if (property.IsStatic)
        {
            foreach (var field in property.ContainingType.GetMembers().OfType<IFieldSymbol>())
            {
                if (SymbolEqualityComparer.Default.Equals(field.AssociatedSymbol, property))
                    Touches(reference, field);
            }
        }

        var isWritten = reference.Parent is IAssignmentOperation assignment && assignment.Target == reference;
        var isRead = !isWritten || reference.Parent is ICompoundAssignmentOperation or ICoalesceAssignmentOperation;
        isWritten |= reference.Parent is IIncrementOrDecrementOperation;
        if (isRead && property.GetMethod is { } getter)
            Calls(reference, getter);
        if (isWritten && property.SetMethod is { } setter)
            Calls(reference, setter);
    }

    private void Calls(IOperation operation, IMethodSymbol method)
    {
        // A local function's body stands in this one. What does not return ends the machine, or throws for a caller's bug.
        if (method.MethodKind == MethodKind.LocalFunction || IsFrameworksEnd(method) || IsWithoutBody(method))
            return;
        if (rules.LevelOf(method) >= level || LibraryRules.IsHarmless(method))
            return;
        report(Diagnostic.Create(Descriptors.MarkedCallsUnmarked, operation.Syntax.GetLocation(), name, ContextRules.NameOf(level), method.ToDisplayString()));
    }

    private static bool IsFrameworksEnd(IMethodSymbol method)
        => method.ContainingAssembly.Name.StartsWith("Ostd.") && method.GetAttributes().Any(a => a.AttributeClass?.Name == "DoesNotReturnAttribute");

    // Stubs are assembly. What the compiler writes for records and automatic properties reads and writes fields.
    private bool IsWithoutBody(IMethodSymbol method)
    {
        method = method.OriginalDefinition;
        if (method.GetAttributes().Any(a => a.AttributeClass?.Name == "CompilerGeneratedAttribute" || IsImportOfStub(a)))
            return true;
        if (method.IsImplicitlyDeclared && method.ContainingType.IsValueType && !LibraryOwns(method))
            return true;
        return method.AssociatedSymbol is IPropertySymbol { IsAbstract: false } property
            && SymbolEqualityComparer.Default.Equals(method.ContainingAssembly, compilation.Assembly)
            && property.ContainingType.GetMembers().OfType<IFieldSymbol>().Any(f => SymbolEqualityComparer.Default.Equals(f.AssociatedSymbol, property));
    }

    // Other imports are of C#, and may do anything.
    private static bool IsImportOfStub(AttributeData attribute)
        => attribute is { AttributeClass.Name: "RuntimeImportAttribute", ConstructorArguments: { Length: 2 } arguments }
            && arguments[1].Value is string entry && (entry.StartsWith("Arch") || entry is "memmove" or "RhpGcSafeZeroMemory");

    private static bool LibraryOwns(IMethodSymbol method) => method.ContainingAssembly.Name.StartsWith("System.");

    private void Touches(IOperation operation, IFieldSymbol field)
    {
        if (!StaticInitializers.AreDoneByTheCompiler(field.ContainingType, compilation, cancellation))
            report(Diagnostic.Create(Descriptors.MarkedRunsStaticConstructor, operation.Syntax.GetLocation(), name, ContextRules.NameOf(level), field.ContainingType.Name));
    }

    private void Disposes(IOperation resources)
    {
        var types = resources is IVariableDeclarationGroupOperation group
            ? group.Declarations.SelectMany(d => d.Declarators).Select(d => d.Symbol.Type)
            : new[] { resources.Type! };
        foreach (var type in types)
        {
            var dispose = type.GetMembers("Dispose").OfType<IMethodSymbol>().FirstOrDefault(m => m.Parameters.IsEmpty);
            if (dispose is not null)
                Calls(resources, dispose);
        }
    }

    private void Enumerates(IForEachLoopOperation loop)
    {
        if (loop.Syntax is not CommonForEachStatementSyntax syntax || loop.SemanticModel is not { } model)
            return;
        var collection = loop.Collection is IConversionOperation { IsImplicit: true } conversion ? conversion.Operand.Type : loop.Collection.Type;
        if (collection is IArrayTypeSymbol or { SpecialType: SpecialType.System_String })
            return;
        var info = model.GetForEachStatementInfo(syntax);
        // The enumerator of a span is disposable for the sake of generic code, and has nothing to dispose of.
        if (info.GetEnumeratorMethod is { } get && LibraryRules.IsHarmless(get))
            return;
        foreach (var method in new[] { info.GetEnumeratorMethod, info.MoveNextMethod, info.CurrentProperty?.GetMethod, info.DisposeMethod })
        {
            if (method is not null)
                Calls(loop.Collection, method);
        }
    }
}
