// SPDX-License-Identifier: MPL-2.0

using System.Collections.Generic;
using System.Globalization;
using Asterion.Generators.Diagnostics;
using Asterion.Generators.Model;
using Asterion.Generators.Support;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Asterion.Generators.Parsing;

/// <summary>Reads the attributes that put a component into a registry.</summary>
internal static class CapabilityParser
{
    /// <summary>The capabilities, in the order in which their registries are emitted.</summary>
    public static readonly string[] Kinds =
        ["FileSystem", "PseudoFile", "CharacterDevice", "SocketFamily", "PciDriver", "VirtioDriver", "DeviceTreeDriver"];

    public static CapabilityModel? Parse(INamedTypeSymbol component, AttributeData attribute, Compilation compilation, List<DiagnosticInfo> diagnostics)
    {
        var name = attribute.AttributeClass!.Name;
        var kind = name.EndsWith("Attribute") ? name.Substring(0, name.Length - "Attribute".Length) : name;
        CapabilityModel? model = kind switch
        {
            "FileSystem" => new(kind, Text(attribute, 0), Arguments(Quote(Text(attribute, 0)), Bool(attribute, "RequiresDevice"))),
            "PseudoFile" => new(kind, Text(attribute, 0), Arguments(Quote(Text(attribute, 0)), Number(attribute.Named("Mode", 0x124)))),
            "CharacterDevice" => new(kind, Text(attribute, 0), Arguments(Quote(Text(attribute, 0)), Number(attribute.Positional(1, 0)),
                Number(attribute.Positional(2, 0)), Number(attribute.Named("Mode", 0x1b6)))),
            "SocketFamily" => new(kind, Number(attribute.Positional(0, 0)), Arguments(Number(attribute.Positional(0, 0)))),
            "PciDriver" => new(kind, null, Arguments(Number(attribute.Named("Vendor", -1)), Number(attribute.Named("Device", -1)),
                Number(attribute.Named("ClassCode", -1)), Number(attribute.Named("ClassMask", 0xffffff)))),
            "VirtioDriver" => new(kind, Number(attribute.Positional(0, 0)), Arguments(Number(attribute.Positional(0, 0)))),
            "DeviceTreeDriver" => new(kind, Text(attribute, 0), Arguments(Quote(Text(attribute, 0)))),
            _ => null,
        };
        if (model is null)
            return null;

        if (EntryContract(kind, compilation) is { } contract && !Implements(component, contract))
        {
            diagnostics.Add(DiagnosticInfo.Create(Descriptors.CapabilityContract, attribute.LocationOf(component),
                component.ToDisplayString(), kind, contract.ToDisplayString()));
            return null;
        }

        return model;
    }

    /// <summary>The contract that a registry's entries hold: the type of the last parameter of <c>{Kind}Entry</c>'s constructor.</summary>
    public static ITypeSymbol? EntryContract(string kind, Compilation compilation)
    {
        var entry = compilation.GetTypeByMetadataName($"{AttributeNames.Namespace}.{kind}Entry");
        if (entry is null)
            return null;
        foreach (var constructor in entry.InstanceConstructors)
        {
            if (constructor.Parameters.Length > 0 && !constructor.IsImplicitlyDeclared)
                return constructor.Parameters[constructor.Parameters.Length - 1].Type;
        }

        return null;
    }

    private static bool Implements(INamedTypeSymbol component, ITypeSymbol contract)
    {
        foreach (var item in component.AllInterfaces)
        {
            if (SymbolEqualityComparer.Default.Equals(item, contract))
                return true;
        }

        for (var current = component; current is not null; current = current.BaseType)
        {
            if (SymbolEqualityComparer.Default.Equals(current, contract))
                return true;
        }

        return false;
    }

    private static EquatableArray<string> Arguments(params string[] arguments) => arguments.ToEquatableArray();

    private static string Text(AttributeData attribute, int index) => attribute.Positional(index, "");

    private static string Quote(string text) => SymbolDisplay.FormatLiteral(text, quote: true);

    private static string Bool(AttributeData attribute, string name) => attribute.Named(name, false) ? "true" : "false";

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
