// SPDX-License-Identifier: MPL-2.0

using System.Linq;
using Microsoft.CodeAnalysis;

namespace Asterion.Generators.Analyzers;

/// <summary>Which values, torn by a race between a store and a load, make the class library or OSTD show memory that nobody was given.</summary>
/// <remarks>
/// A struct of several words is stored and loaded word by word. For most structs a mixture of two values is a wrong value: numbers, and references of the right types. What matters is a
/// reference with an index or a length that whoever uses it does not hold against the object again, or holds only against the whole object.
/// </remarks>
internal static class Tearing
{
    /// <summary>Whether the type is such a struct, or a struct that holds one.</summary>
    public static bool Matters(ITypeSymbol type) => Matters(type, 0);

    /// <summary>Whether an object of the type has variables of such a struct that it does not guard: elements of an array, of a list, of a dictionary.</summary>
    public static bool MattersInside(ITypeSymbol type) => type switch
    {
        IArrayTypeSymbol array => Matters(array.ElementType) || MattersInside(array.ElementType),
        INamedTypeSymbol { TypeKind: TypeKind.Class or TypeKind.Interface } named => named.TypeArguments.Any(a => Matters(a) || MattersInside(a)),
        _ => false,
    };

    // The depth ends at structs that hold themselves through a generic.
    private static bool Matters(ITypeSymbol type, int depth)
    {
        if (type is not INamedTypeSymbol { IsValueType: true, TypeKind: TypeKind.Struct, IsRefLikeType: false } named || depth > 8)
            return false;
        if (named.Name is "Memory" or "ReadOnlyMemory" or "ReadOnlySequence" or "SequencePosition" && named.ContainingNamespace?.ToDisplayString() is "System" or "System.Buffers")
            return true;
        return named.GetMembers().OfType<IFieldSymbol>().Any(f => !f.IsStatic && Matters(f.Type, depth + 1));
    }
}
