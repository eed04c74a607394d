// SPDX-License-Identifier: MPL-2.0

using System.Globalization;
using Asterion.Generators.Graph;
using Asterion.Generators.Parsing;
using Microsoft.CodeAnalysis.CSharp;

namespace Asterion.Generators.Emit;

/// <summary>Emits <c>KernelTests</c>: the names of the image's tests, and a direct call of each.</summary>
internal static class KernelTestEmitter
{
    public static string Emit(Image image)
    {
        var tests = image.Tests;
        var writer = new SourceWriter(image.Model.Namespace);
        writer.Summary("The kernel tests of this image, by index.");
        writer.Open($"public sealed class KernelTests(KernelComposition composition) : global::{AttributeNames.Namespace}.IKernelTestList");
        writer.Line("/// <inheritdoc/>");
        writer.Line($"public int Count => {tests.Count.ToString(CultureInfo.InvariantCulture)};");
        writer.Line();
        writer.Line("/// <inheritdoc/>");
        writer.Open("public string NameOf(int index) => index switch");
        for (var index = 0; index < tests.Count; index++)
            writer.Line($"{index} => {SymbolDisplay.FormatLiteral(tests[index].DisplayName, quote: true)},");
        writer.Line("_ => throw new global::System.ArgumentOutOfRangeException(nameof(index)),");
        writer.Close(";");
        writer.Line();
        writer.Line("/// <inheritdoc/>");
        writer.Open("public void Run(int index)");
        writer.Open("switch (index)");
        for (var index = 0; index < tests.Count; index++)
        {
            var test = tests[index];
            var target = test.IsStatic ? test.Type : $"composition.{image.PropertyNames[test.Type]}";
            writer.Line($"case {index}:");
            writer.Line($"    {target}.{test.Method}();");
            writer.Line("    return;");
        }

        writer.Line("default:");
        writer.Line("    throw new global::System.ArgumentOutOfRangeException(nameof(index), composition.CommandLine.Text);");
        writer.Close();
        writer.Close();
        writer.Close();
        return writer.ToString();
    }
}
