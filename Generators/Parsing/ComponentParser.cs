// SPDX-License-Identifier: MPL-2.0

using System.Collections.Generic;
using System.Linq;
using Asterion.Generators.Diagnostics;
using Asterion.Generators.Model;
using Asterion.Generators.Support;
using Microsoft.CodeAnalysis;

namespace Asterion.Generators.Parsing;

/// <summary>
/// Reads one type's attributes. Shared by the image's generator, which reads metadata, and the analyzer, which reports the same
/// mistakes at the attribute in the project that made them.
/// </summary>
internal static class ComponentParser
{
    public static ComponentModel? Parse(INamedTypeSymbol type, Compilation compilation, List<DiagnosticInfo> diagnostics)
    {
        var attributes = type.ComponentAttributes().ToList();
        if (attributes.Count == 0)
        {
            SyscallParser.RejectOutsideComponent(type, diagnostics);
            RejectParametersOutsideComponent(type, diagnostics);
            return null;
        }

        var location = attributes[0].LocationOf(type);
        if (!type.IsPublicToAll() || !type.IsSealed || type.IsStatic || type.IsGenericType || type.TypeKind != TypeKind.Class)
        {
            diagnostics.Add(DiagnosticInfo.Create(Descriptors.ComponentShape, location, type.ToDisplayString()));
            return null;
        }

        var constructors = type.InstanceConstructors.Where(c => c.DeclaredAccessibility == Accessibility.Public).ToList();
        if (constructors.Count != 1 || constructors[0].Parameters.Any(p => p.RefKind != RefKind.None))
        {
            diagnostics.Add(DiagnosticInfo.Create(Descriptors.ComponentConstructor, location, type.ToDisplayString()));
            return null;
        }

        return new ComponentModel(
            type.FullName(),
            type.Name,
            attributes.Select(a => a.Named("Stage", 1)).Max(),
            attributes.Any(a => a.Named("IsFallback", false)),
            attributes.Any(a => a.Named("IsOptional", false)),
            type.AllInterfaces.Any(i => i.IsComposition(AttributeNames.Initializable)),
            Offers(type).ToEquatableArray(),
            constructors[0].Parameters.Select(ParseDependency).ToEquatableArray(),
            ParseKernelParameters(type, diagnostics).ToEquatableArray(),
            attributes.Select(a => CapabilityParser.Parse(type, a, compilation, diagnostics)).OfType<CapabilityModel>().ToEquatableArray(),
            SyscallParser.Parse(type, diagnostics).ToEquatableArray(),
            LocationInfo.From(location));
    }

    /// <summary>The component's class, its bases, and its interfaces, as far as they are the kernel's.</summary>
    private static IEnumerable<string> Offers(INamedTypeSymbol type)
    {
        for (var current = type; current is not null && IsKernels(current); current = current.BaseType)
            yield return current.FullName();
        foreach (var item in type.AllInterfaces)
        {
            if (IsKernels(item) && !item.IsComposition(AttributeNames.Initializable))
                yield return item.FullName();
        }
    }

    private static bool IsKernels(INamedTypeSymbol type)
        => type.ContainingAssembly?.Name is { } name && !name.StartsWith("System") && name is not ("mscorlib" or "netstandard");

    private static DependencyModel ParseDependency(IParameterSymbol parameter)
    {
        var type = parameter.Type;
        string? lateType = null;
        if (type is INamedTypeSymbol { Name: AttributeNames.Late, TypeArguments.Length: 1 } late && late.IsComposition(AttributeNames.Late))
        {
            type = late.TypeArguments[0];
            lateType = type.FullName();
        }

        if (type is IArrayTypeSymbol { Rank: 1 } array)
            return new DependencyModel(parameter.Name, array.ElementType.FullName(), DependencyKind.All, lateType);
        if (type is INamedTypeSymbol { Name: "IReadOnlyList", TypeArguments.Length: 1 } list
            && list.ContainingNamespace.ToDisplayString() == "System.Collections.Generic")
            return new DependencyModel(parameter.Name, list.TypeArguments[0].FullName(), DependencyKind.All, lateType);

        var kind = type.NullableAnnotation == NullableAnnotation.Annotated ? DependencyKind.Optional : DependencyKind.Required;
        if (kind == DependencyKind.Optional && lateType is not null)
            lateType += "?";
        return new DependencyModel(parameter.Name, type.FullName(), kind, lateType);
    }

    private static IEnumerable<KernelParameterModel> ParseKernelParameters(INamedTypeSymbol type, List<DiagnosticInfo> diagnostics)
    {
        foreach (var property in type.GetMembers().OfType<IPropertySymbol>())
        {
            if (property.FindAttribute(AttributeNames.KernelParameter) is not { } attribute)
                continue;
            var keyword = property.Type.SpecialType switch
            {
                SpecialType.System_String => "string",
                SpecialType.System_Boolean => "bool",
                _ => property.Type.IntegerKeyword(),
            };
            if (keyword is null || property.IsStatic || property.DeclaredAccessibility != Accessibility.Public
                || property.SetMethod is not { IsInitOnly: false, DeclaredAccessibility: Accessibility.Public })
                diagnostics.Add(DiagnosticInfo.Create(Descriptors.KernelParameter, attribute.LocationOf(property), $"{type.ToDisplayString()}.{property.Name}"));
            else
                yield return new KernelParameterModel(attribute.Positional(0, ""), property.Name, keyword);
        }
    }

    private static void RejectParametersOutsideComponent(INamedTypeSymbol type, List<DiagnosticInfo> diagnostics)
    {
        foreach (var property in type.GetMembers().OfType<IPropertySymbol>())
        {
            if (property.FindAttribute(AttributeNames.KernelParameter) is { } attribute)
                diagnostics.Add(DiagnosticInfo.Create(Descriptors.KernelParameter, attribute.LocationOf(property), $"{type.ToDisplayString()}.{property.Name}"));
        }
    }
}
