// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Asterion.Generators.Diagnostics;
using Asterion.Generators.Model;
using Asterion.Generators.Scml;
using Asterion.Generators.Support;
using Microsoft.CodeAnalysis;

namespace Asterion.Generators.Parsing;

/// <summary>Reads <c>[Syscall]</c> methods.</summary>
internal static class SyscallParser
{
    private const int RegisterCount = 6;

    public static IEnumerable<SyscallModel> Parse(INamedTypeSymbol component, List<DiagnosticInfo> diagnostics)
    {
        foreach (var method in component.GetMembers().OfType<IMethodSymbol>())
        {
            foreach (var attribute in method.GetAttributes())
            {
                if (attribute.AttributeClass.IsComposition(AttributeNames.Syscall)
                    && ParseHandler(component, method, attribute, diagnostics) is { } model)
                    yield return model;
            }
        }
    }

    /// <summary>Reports the handlers that stand outside a component.</summary>
    public static void RejectOutsideComponent(INamedTypeSymbol type, List<DiagnosticInfo> diagnostics)
    {
        foreach (var method in type.GetMembers().OfType<IMethodSymbol>())
        {
            if (method.FindAttribute(AttributeNames.Syscall) is { } attribute)
                diagnostics.Add(DiagnosticInfo.Create(Descriptors.SyscallShape, attribute.LocationOf(method), Display(type, method)));
        }
    }

    private static SyscallModel? ParseHandler(INamedTypeSymbol component, IMethodSymbol method, AttributeData attribute, List<DiagnosticInfo> diagnostics)
    {
        var location = attribute.LocationOf(method);
        var name = attribute.Positional(0, "");
        var before = diagnostics.Count;

        if (method.IsStatic || method.IsGenericMethod || method.DeclaredAccessibility != Accessibility.Public
            || method.Parameters.Any(p => p.RefKind is RefKind.Ref or RefKind.Out))
            diagnostics.Add(DiagnosticInfo.Create(Descriptors.SyscallShape, location, Display(component, method)));
        if (!SyscallTable.IsKnown(name))
            diagnostics.Add(DiagnosticInfo.Create(Descriptors.UnknownSyscall, location, name));

        var parameters = new List<SyscallParameterModel>();
        foreach (var parameter in method.Parameters)
        {
            if (ParseParameter(parameter) is { } model)
                parameters.Add(model);
            else
                diagnostics.Add(DiagnosticInfo.Create(Descriptors.SyscallParameter, location, parameter.Name, name, parameter.Type.ToDisplayString()));
        }

        var registers = parameters.Count(p => p.Kind != DecodeKind.Context);
        if (registers > RegisterCount)
            diagnostics.Add(DiagnosticInfo.Create(Descriptors.SyscallArity, location, Display(component, method), registers.ToString(CultureInfo.InvariantCulture)));

        if (ParseReturn(method) is not { } encode)
        {
            diagnostics.Add(DiagnosticInfo.Create(Descriptors.SyscallReturn, location, name, method.ReturnType.ToDisplayString()));
            return null;
        }

        var scml = attribute.Named<string?>("Flags", null);
        if (scml is not null && ScmlParser.Check(name, scml) is { } error)
            diagnostics.Add(DiagnosticInfo.Create(Descriptors.Scml, location, name, error));

        return diagnostics.Count == before
            ? new SyscallModel(name, component.FullName(), method.Name, parameters.ToEquatableArray(), encode, scml)
            : null;
    }

    private static SyscallParameterModel? ParseParameter(IParameterSymbol parameter)
    {
        var type = parameter.Type;
        var fullName = type.FullName();
        if (type.Name == "SyscallContext")
            return new SyscallParameterModel(parameter.Name, fullName, DecodeKind.Context, IsByReference: parameter.RefKind != RefKind.None);
        if (type.IntegerKeyword() is { } keyword)
            return new SyscallParameterModel(parameter.Name, keyword, DecodeKind.Integer);
        if (type is INamedTypeSymbol { TypeKind: TypeKind.Enum, EnumUnderlyingType: { } underlying } enumType)
        {
            var isFlags = enumType.GetAttributes().Any(a => a.AttributeClass is { Name: "FlagsAttribute" });
            var isChecked = isFlags && parameter.FindAttribute(AttributeNames.AllowUndefinedFlags) is null
                && enumType.FindAttribute(AttributeNames.AllowUndefinedFlags) is null;
            return new SyscallParameterModel(parameter.Name, fullName, isChecked ? DecodeKind.CheckedFlags : DecodeKind.Enum,
                underlying.IntegerKeyword(), isChecked ? Mask(enumType) : 0);
        }

        var decodes = type.GetMembers("FromRegister").OfType<IMethodSymbol>().Any(m => m.IsStatic
            && m.DeclaredAccessibility == Accessibility.Public && m.Parameters.Length == 1
            && m.Parameters[0].Type.SpecialType == SpecialType.System_UInt64
            && SymbolEqualityComparer.Default.Equals(m.ReturnType, type));
        return decodes ? new SyscallParameterModel(parameter.Name, fullName, DecodeKind.FromRegister) : null;
    }

    private static EncodeKind? ParseReturn(IMethodSymbol method)
    {
        if (method.ReturnsVoid)
            return EncodeKind.Void;
        if (method.ReturnType.IntegerKeyword() is not null)
            return EncodeKind.Integer;
        switch (method.ReturnType.ContainingNamespace?.ToDisplayString(), method.ReturnType)
        {
            case ("Kernel.Abstractions", { Name: "Errno" }):
                return EncodeKind.Errno;
            case ("Kernel.Abstractions", INamedTypeSymbol { Name: "Result", TypeArguments.Length: 1 } result) when result.TypeArguments[0].IntegerKeyword() is not null:
                return EncodeKind.Result;
            case ("Kernel.Abstractions.Syscalls", { Name: "SyscallResult" }):
                return EncodeKind.SyscallResult;
        }

        var encodes = method.ReturnType.GetMembers("ToRegister").OfType<IMethodSymbol>().Any(m => !m.IsStatic
            && m.DeclaredAccessibility == Accessibility.Public && m.Parameters.Length == 0
            && m.ReturnType.SpecialType == SpecialType.System_Int64);
        return encodes ? EncodeKind.ToRegister : null;
    }

    private static ulong Mask(INamedTypeSymbol enumType)
    {
        var mask = 0UL;
        foreach (var field in enumType.GetMembers().OfType<IFieldSymbol>())
        {
            if (field.HasConstantValue)
                mask |= ToBits(field.ConstantValue);
        }

        return mask;
    }

    private static ulong ToBits(object? value) => value switch
    {
        sbyte v => unchecked((byte)v),
        short v => unchecked((ushort)v),
        int v => unchecked((uint)v),
        long v => unchecked((ulong)v),
        IConvertible v => v.ToUInt64(CultureInfo.InvariantCulture),
        _ => 0,
    };

    private static string Display(INamedTypeSymbol type, IMethodSymbol method) => $"{type.ToDisplayString()}.{method.Name}";
}
