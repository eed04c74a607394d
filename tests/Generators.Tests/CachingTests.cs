// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Xunit;

namespace Asterion.Generators.Tests;

/// <summary>The generator does its work once, and keeps no compilation alive.</summary>
public class CachingTests
{
    private const string Source = "namespace Kernel.Testing; [Component] public sealed class Clock { [Syscall(\"sync\")] public int Sync() => 0; }";

    [Fact]
    public void UnrelatedEdit_LeavesTheModelUnchanged()
    {
        var library = ImageHarness.Library(Source);
        var image = ImageHarness.Image(library);
        var driver = ImageHarness.Driver().RunGenerators(image);

        var edited = image.AddSyntaxTrees(CSharpSyntaxTree.ParseText("internal static class Unrelated;", (CSharpParseOptions)image.SyntaxTrees[0].Options));
        var result = driver.RunGenerators(edited).GetRunResult().Results[0];

        Assert.Equal([IncrementalStepRunReason.Unchanged], Reasons(result.TrackedSteps[ImageGenerator.ModelStep]));
        Assert.All(result.TrackedOutputSteps.SelectMany(s => Reasons(s.Value)), reason => Assert.Equal(IncrementalStepRunReason.Cached, reason));
    }

    [Fact]
    public void EditOfAReferencedAssembly_ChangesTheModel()
    {
        var driver = ImageHarness.Driver().RunGenerators(ImageHarness.Image(ImageHarness.Library(Source)));

        var other = ImageHarness.Image(ImageHarness.Library(Source.Replace("Clock", "Watch", StringComparison.Ordinal)));
        var result = driver.RunGenerators(other).GetRunResult().Results[0];

        Assert.Equal([IncrementalStepRunReason.Modified], Reasons(result.TrackedSteps[ImageGenerator.ModelStep]));
        Assert.Contains(result.GeneratedSources, s => s.SourceText.ToString().Contains("Kernel.Testing.Watch", StringComparison.Ordinal));
    }

    [Fact]
    public void Models_HoldNoSymbolsAndNoSyntax()
    {
        var forbidden = new[] { typeof(ISymbol), typeof(SyntaxNode), typeof(Compilation), typeof(SyntaxTree), typeof(Location), typeof(AttributeData) };
        var seen = new HashSet<Type>();
        Visit(typeof(ImageGenerator).Assembly.GetType("Asterion.Generators.Model.ImageModel", throwOnError: true)!);

        void Visit(Type type)
        {
            Assert.DoesNotContain(forbidden, f => f.IsAssignableFrom(type));
            if (!seen.Add(type) || (type.Namespace?.StartsWith("System", StringComparison.Ordinal) ?? false))
                return;
            foreach (var field in type.GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public))
            {
                Visit(field.FieldType);
                foreach (var argument in field.FieldType.GetGenericArguments())
                    Visit(argument);
            }
        }
    }

    private static IEnumerable<IncrementalStepRunReason> Reasons(IEnumerable<IncrementalGeneratorRunStep> steps)
        => steps.SelectMany(s => s.Outputs).Select(o => o.Reason);
}
