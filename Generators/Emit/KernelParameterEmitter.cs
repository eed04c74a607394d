// SPDX-License-Identifier: MPL-2.0

using System.Linq;
using Asterion.Generators.Graph;
using Asterion.Generators.Model;
using Asterion.Generators.Parsing;
using Microsoft.CodeAnalysis.CSharp;

namespace Asterion.Generators.Emit;

/// <summary>Emits a setter for each property that the command line sets, and the list of the names that are taken.</summary>
internal static class KernelParameterEmitter
{
    public static string SetterName(ComponentModel component, KernelParameterModel parameter)
        => $"Set_{component.DisplayName.Replace('.', '_')}_{parameter.Property}";

    public static string Emit(Image image)
    {
        var writer = new SourceWriter(image.Model.Namespace);
        writer.Open("public sealed partial class KernelComposition");
        writer.Summary("Keeps the kernel's parameters from init.");
        writer.Open($"private static void ClaimParameters({BuiltInContracts.CommandLine} line)");
        foreach (var name in image.Graph.Components.SelectMany(c => c.KernelParameters).Select(p => p.Name).Distinct().OrderBy(n => n, System.StringComparer.Ordinal))
            writer.Line($"line.Claim({Literal(name)});");
        writer.Close();
        foreach (var component in image.Graph.Components)
        {
            foreach (var parameter in component.KernelParameters)
                EmitSetter(writer, component, parameter);
        }

        writer.Close();
        return writer.ToString();
    }

    private static void EmitSetter(SourceWriter writer, ComponentModel component, KernelParameterModel parameter)
    {
        writer.Line();
        writer.Open($"private static void {SetterName(component, parameter)}({BuiltInContracts.CommandLine} line, {component.Type} component)");
        writer.Line($"if (!line.Contains({Literal(parameter.Name)}))");
        writer.Line("    return;");
        writer.Line($"var text = line.Find({Literal(parameter.Name)});");
        const string values = $"global::{AttributeNames.Namespace}.KernelParameterValue";
        switch (parameter.Type)
        {
            case "string":
                writer.Line($"component.{parameter.Property} = text ?? \"\";");
                break;
            case "bool":
                writer.Line($"if ({values}.TryParseBoolean(text, out var value))");
                writer.Line($"    component.{parameter.Property} = value;");
                break;
            default:
                // The round trip through the property's type is the range check.
                writer.Line($"if ({values}.TryParseInteger(text, out var value) && (long)unchecked(({parameter.Type})value) == value)");
                writer.Line($"    component.{parameter.Property} = unchecked(({parameter.Type})value);");
                break;
        }

        writer.Close();
    }

    private static string Literal(string text) => SymbolDisplay.FormatLiteral(text, quote: true);
}
