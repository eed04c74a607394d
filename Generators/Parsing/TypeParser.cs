// SPDX-License-Identifier: MPL-2.0

using System.Collections.Generic;
using System.Linq;
using Asterion.Generators.Diagnostics;
using Asterion.Generators.Model;
using Microsoft.CodeAnalysis;

namespace Asterion.Generators.Parsing;

/// <summary>Reads what is not a component: kernel tests and per-CPU classes.</summary>
internal static class TypeParser
{
    public static List<KernelTestModel> ParseTests(INamedTypeSymbol type, List<DiagnosticInfo> diagnostics)
    {
        var tests = new List<KernelTestModel>();
        foreach (var method in type.GetMembers().OfType<IMethodSymbol>())
        {
            if (method.FindTestAttribute() is not { } attribute)
                continue;
            var isReachable = type.IsPublicToAll() && !type.IsGenericType && (method.IsStatic || type.ComponentAttributes().Any());
            if (!isReachable || method.DeclaredAccessibility != Accessibility.Public || !method.ReturnsVoid || method.IsAsync
                || method.IsGenericMethod || method.Parameters.Length != 0)
                diagnostics.Add(DiagnosticInfo.Create(Descriptors.KernelTestShape, attribute.LocationOf(method), $"{type.ToDisplayString()}.{method.Name}"));
            else
                tests.Add(new KernelTestModel(type.FullName(), method.Name, method.IsStatic));
        }

        return tests;
    }

    public static PerCpuModel? ParsePerCpu(INamedTypeSymbol type, List<DiagnosticInfo> diagnostics)
    {
        if (type.FindAttribute(AttributeNames.PerCpu) is not { } attribute)
            return null;
        var constructors = type.InstanceConstructors.Where(c => c.DeclaredAccessibility == Accessibility.Public).ToList();
        var takesNumber = constructors.Count == 1 && constructors[0].Parameters.Length == 1
            && constructors[0].Parameters[0].Type.SpecialType == SpecialType.System_Int32;
        var takesNothing = constructors.Count == 1 && constructors[0].Parameters.Length == 0;
        if (type.IsPublicToAll() && type is { TypeKind: TypeKind.Class, IsSealed: true, IsStatic: false, IsGenericType: false }
            && (takesNumber || takesNothing))
            return new PerCpuModel(type.FullName(), takesNumber);

        diagnostics.Add(DiagnosticInfo.Create(Descriptors.PerCpuShape, attribute.LocationOf(type), type.ToDisplayString()));
        return null;
    }
}
