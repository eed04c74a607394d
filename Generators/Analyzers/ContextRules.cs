// SPDX-License-Identifier: MPL-2.0

using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Asterion.Generators.Analyzers;

/// <summary>What a method promises of where it can run. Each level has all of the promises of those before it.</summary>
internal enum ContextLevel
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary><c>[NoAlloc]</c>.</summary>
    NoAlloc,

    /// <summary><c>[InterruptSafe]</c>.</summary>
    InterruptSafe,
}

/// <summary>
/// Reads <c>[NoAlloc]</c> and <c>[InterruptSafe]</c> from source and metadata: on the method, its property, its type, and on what it overrides or implements.
/// </summary>
internal sealed class ContextRules
{
    private readonly ConcurrentDictionary<ISymbol, ContextLevel> _levels = new(SymbolEqualityComparer.Default);

    /// <summary>The name of the attribute for a level.</summary>
    public static string NameOf(ContextLevel level) => level == ContextLevel.InterruptSafe ? "InterruptSafe" : "NoAlloc";

    /// <summary>What a method promises.</summary>
    public ContextLevel LevelOf(IMethodSymbol method) => _levels.GetOrAdd(method.OriginalDefinition, static symbol => Find((IMethodSymbol)symbol));

    /// <summary>What the attributes of a symbol say.</summary>
    public static ContextLevel Declared(ISymbol? symbol)
    {
        var level = ContextLevel.None;
        foreach (var attribute in symbol?.GetAttributes() ?? ImmutableArray<AttributeData>.Empty)
        {
            if (attribute.AttributeClass is { ContainingNamespace: { Name: "Ostd", ContainingNamespace.IsGlobalNamespace: true } } type)
                level = Max(level, type.Name switch { "InterruptSafeAttribute" => ContextLevel.InterruptSafe, "NoAllocAttribute" => ContextLevel.NoAlloc, _ => ContextLevel.None });
        }

        return level;
    }

    /// <summary>What the functions promise that a pointer leads to: a marked field or parameter, or a local that was made of one.</summary>
    public static ContextLevel LevelOfPointer(IOperation pointer) => pointer switch
    {
        IFieldReferenceOperation field => Declared(field.Field),
        IParameterReferenceOperation parameter => Declared(parameter.Parameter.OriginalDefinition),
        ILocalReferenceOperation { Local.DeclaringSyntaxReferences: { Length: 1 } declarations, SemanticModel: { } model }
            when model.GetOperation(declarations[0].GetSyntax()) is IVariableDeclaratorOperation { Initializer.Value: { } value } => LevelOfPointer(value),
        _ => ContextLevel.None,
    };

    private static ContextLevel Find(IMethodSymbol method)
    {
        var level = Max(Declared(method), Declared(method.AssociatedSymbol));
        var type = method.ContainingType;
        // The code that makes objects allocates: the mark of a class speaks of what the object does afterwards.
        if (method.MethodKind != MethodKind.StaticConstructor && (method.MethodKind != MethodKind.Constructor || type.IsValueType))
            level = Max(level, Declared(type));
        for (var overridden = method.OverriddenMethod; overridden is not null; overridden = overridden.OverriddenMethod)
            level = Max(level, Max(Declared(overridden), Max(Declared(overridden.AssociatedSymbol), Declared(overridden.ContainingType))));
        if (method.IsStatic || type.TypeKind == TypeKind.Interface)
            return level;
        foreach (var member in type.AllInterfaces.SelectMany(i => i.GetMembers()).OfType<IMethodSymbol>())
        {
            var declared = Max(Declared(member), Max(Declared(member.AssociatedSymbol), Declared(member.ContainingType)));
            if (declared > level && SymbolEqualityComparer.Default.Equals(type.FindImplementationForInterfaceMember(member), method))
                level = declared;
        }

        return level;
    }

    private static ContextLevel Max(ContextLevel a, ContextLevel b) => a > b ? a : b;
}
