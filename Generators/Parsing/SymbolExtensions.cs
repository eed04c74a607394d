// SPDX-License-Identifier: MPL-2.0

using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;

namespace Asterion.Generators.Parsing;

internal static class SymbolExtensions
{
    private static readonly SymbolDisplayFormat s_format = SymbolDisplayFormat.FullyQualifiedFormat;

    /// <summary>The name that generated code can use anywhere, without a nullable annotation at the top.</summary>
    public static string FullName(this ITypeSymbol type)
        => type.WithNullableAnnotation(NullableAnnotation.NotAnnotated).ToDisplayString(s_format);

    public static bool IsComposition(this ITypeSymbol? type, string name)
        => type is not null && type.Name == name && type.ContainingNamespace?.ToDisplayString() == AttributeNames.Namespace;

    public static AttributeData? FindTestAttribute(this ISymbol symbol)
        => symbol.GetAttributes().FirstOrDefault(a => a.AttributeClass is { Name: AttributeNames.KernelTest } found && found.ContainingNamespace?.ToDisplayString() == AttributeNames.TestNamespace);

    public static AttributeData? FindAttribute(this ISymbol symbol, string name)
        => symbol.GetAttributes().FirstOrDefault(a => a.AttributeClass.IsComposition(name));

    /// <summary>The attributes that are <c>ComponentAttribute</c> or derive from it.</summary>
    public static IEnumerable<AttributeData> ComponentAttributes(this INamedTypeSymbol type)
    {
        foreach (var attribute in type.GetAttributes())
        {
            for (var current = attribute.AttributeClass; current is not null; current = current.BaseType)
            {
                if (current.IsComposition(AttributeNames.Component))
                {
                    yield return attribute;
                    break;
                }
            }
        }
    }

    public static T Named<T>(this AttributeData attribute, string name, T otherwise)
    {
        foreach (var pair in attribute.NamedArguments)
        {
            if (pair.Key == name && pair.Value.Value is T value)
                return value;
        }

        return otherwise;
    }

    public static T Positional<T>(this AttributeData attribute, int index, T otherwise)
        => attribute.ConstructorArguments.Length > index && attribute.ConstructorArguments[index].Value is T value ? value : otherwise;

    public static Location? LocationOf(this AttributeData? attribute, ISymbol fallback)
        => attribute?.ApplicationSyntaxReference is { } reference
            ? Location.Create(reference.SyntaxTree, reference.Span)
            : fallback.Locations.FirstOrDefault();

    public static bool IsPublicToAll(this INamedTypeSymbol type)
    {
        for (var current = type; current is not null; current = current.ContainingType)
        {
            if (current.DeclaredAccessibility != Accessibility.Public)
                return false;
        }

        return true;
    }

    /// <summary>The C# keyword of an integer type, or null.</summary>
    public static string? IntegerKeyword(this ITypeSymbol type) => type.SpecialType switch
    {
        SpecialType.System_SByte => "sbyte",
        SpecialType.System_Byte => "byte",
        SpecialType.System_Int16 => "short",
        SpecialType.System_UInt16 => "ushort",
        SpecialType.System_Int32 => "int",
        SpecialType.System_UInt32 => "uint",
        SpecialType.System_Int64 => "long",
        SpecialType.System_UInt64 => "ulong",
        SpecialType.System_IntPtr => "nint",
        SpecialType.System_UIntPtr => "nuint",
        _ => null,
    };
}
