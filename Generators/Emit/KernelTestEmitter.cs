// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Globalization;
using Asterion.Generators.Graph;
using Asterion.Generators.Model;
using Asterion.Generators.Parsing;
using Microsoft.CodeAnalysis.CSharp;

namespace Asterion.Generators.Emit;

/// <summary>Emits <c>KernelTests</c>: the names of the tests, and a direct call of each.</summary>
internal static class KernelTestEmitter
{
    /// <summary>For an image of components, whose tests may be methods of components.</summary>
    public static string Emit(Image image)
        => Emit(image.Model.Namespace, "(KernelComposition composition)", image.Tests, test => test.IsStatic ? test.Type : $"composition.{image.PropertyNames[test.Type]}", ", composition.CommandLine.Text");

    /// <summary>For a project on OSTD alone, whose tests are static.</summary>
    public static string Emit(string @namespace, IReadOnlyList<KernelTestModel> tests) => Emit(@namespace, "", tests, static test => test.Type, "");

    private static string Emit(string @namespace, string parameters, IReadOnlyList<KernelTestModel> tests, Func<KernelTestModel, string> targetOf, string detail)
    {
        var writer = new SourceWriter(@namespace);
        writer.Summary("The kernel tests of this image, by index.");
        writer.Open($"public sealed class KernelTests{parameters} : global::{AttributeNames.TestNamespace}.IKernelTestList");
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
            writer.Line($"case {index}:");
            writer.Line($"    {targetOf(tests[index])}.{tests[index].Method}();");
            writer.Line("    return;");
        }

        writer.Line("default:");
        writer.Line($"    throw new global::System.ArgumentOutOfRangeException(nameof(index){detail});");
        writer.Close();
        writer.Close();
        writer.Close();
        return writer.ToString();
    }
}
