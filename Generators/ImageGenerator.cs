// SPDX-License-Identifier: MPL-2.0

using Asterion.Generators.Diagnostics;
using Asterion.Generators.Emit;
using Asterion.Generators.Graph;
using Asterion.Generators.Model;
using Asterion.Generators.Parsing;
using Microsoft.CodeAnalysis;

namespace Asterion.Generators;

/// <summary>
/// Stitches an image: reads the attributes of all referenced assemblies and emits the composition root, the dispatch of system calls, the
/// registries, the test list and the reports. Runs in projects with <c>AsterionImage=true</c> alone.
/// </summary>
[Generator(LanguageNames.CSharp)]
public sealed class ImageGenerator : IIncrementalGenerator
{
    /// <summary>The name under which tests find the step that reads the attributes.</summary>
    public const string ModelStep = "ImageModel";

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var options = context.AnalyzerConfigOptionsProvider.Select(static (options, _) =>
        {
            options.GlobalOptions.TryGetValue("build_property.AsterionImage", out var isImage);
            options.GlobalOptions.TryGetValue("build_property.AsterionArch", out var name);
            options.GlobalOptions.TryGetValue("build_property.AsterionOmitIncomplete", out var omits);
            return isImage is "true" ? (Architecture: string.IsNullOrEmpty(name) ? "x64" : name!, OmitsIncomplete: omits is "true") : ((string Architecture, bool OmitsIncomplete)?)null;
        });

        var model = context.CompilationProvider.Combine(options)
            .Select(static (pair, cancellation) => pair.Right is { } options
                ? ImageReader.Read(pair.Left, options.Architecture, options.OmitsIncomplete, cancellation)
                : null)
            .WithTrackingName(ModelStep);

        context.RegisterSourceOutput(model, static (output, model) =>
        {
            if (model is not null)
                Produce(output, model);
        });
    }

    private static void Produce(SourceProductionContext output, ImageModel model)
    {
        var image = new Image(model);
        foreach (var diagnostic in image.Diagnostics)
            output.ReportDiagnostic(diagnostic.ToDiagnostic());
        foreach (var (component, contract) in image.Graph.Omitted)
            output.ReportDiagnostic(Diagnostic.Create(Descriptors.Omitted, Location.None, component.DisplayName, contract.Replace("global::", "")));
        if (image.Diagnostics.Count > 0)
            return;

        output.AddSource("KernelComposition.g.cs", CompositionEmitter.Emit(image));
        output.AddSource("KernelParameters.g.cs", KernelParameterEmitter.Emit(image));
        if (model.HasSyscallContract)
            output.AddSource("SyscallDispatcher.g.cs", SyscallDispatchEmitter.Emit(image));
        if (image.Tests.Count > 0)
            output.AddSource("KernelTests.g.cs", KernelTestEmitter.Emit(image));
        output.AddSource("EntryPoint.g.cs", EntryPointEmitter.Emit(image));
        if (!model.SeesRuntimeExport)
            output.AddSource("RuntimeExportAttribute.g.cs", EntryPointEmitter.RuntimeExport);
        output.AddSource("BuildReports.g.cs", CoverageEmitter.Emit(image));
    }
}
