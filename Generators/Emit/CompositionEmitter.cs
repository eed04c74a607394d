// SPDX-License-Identifier: MPL-2.0

using System.Collections.Generic;
using System.Linq;
using Asterion.Generators.Graph;
using Asterion.Generators.Model;
using Asterion.Generators.Parsing;

namespace Asterion.Generators.Emit;

/// <summary>Emits <c>KernelComposition</c>: one property per component, the order of construction, and the initialisation by stage.</summary>
internal static class CompositionEmitter
{
    public static string Emit(Image image)
    {
        var hasDispatcher = SyscallDispatchEmitter.IsNeeded(image);
        var lates = Lates(image.Graph);
        var writer = new SourceWriter(image.Model.Namespace);
        writer.Summary("The image's composition root: every component, built in dependency order.");
        writer.Open("public sealed partial class KernelComposition");

        writer.Line($"public required {BuiltInContracts.CommandLine} CommandLine {{ get; init; }}");
        if (hasDispatcher)
            writer.Line("public required global::Kernel.Image.SyscallDispatcher SyscallDispatcher { get; init; }");
        foreach (var perCpu in image.Model.PerCpu)
            writer.Line($"public required global::Ostd.Cpus.PerCpu<{perCpu.Type}> {BuiltInContracts.PerCpuProperty(perCpu.Type)} {{ get; init; }}");
        foreach (var component in image.Graph.Order)
            writer.Line($"public required {component.Type} {image.PropertyNames[component.Type]} {{ get; init; }}");

        writer.Line();
        writer.Summary("Builds every component. Nothing is initialised yet.");
        writer.Open($"public static KernelComposition Build({BuiltInContracts.CommandLine} CommandLine)");
        writer.Line("ClaimParameters(CommandLine);");
        if (hasDispatcher)
            writer.Line("var SyscallDispatcher = new global::Kernel.Image.SyscallDispatcher();");
        foreach (var perCpu in image.Model.PerCpu)
            EmitPerCpu(writer, perCpu);
        foreach (var late in lates)
            writer.Line($"var {late.Value} = new global::{AttributeNames.Namespace}.Late<{late.Key.LateType}>();");

        var stage = -1;
        foreach (var component in image.Graph.Order)
        {
            if (component.Stage != stage)
            {
                stage = component.Stage;
                writer.Line();
                writer.Line($"// {component.StageName}");
            }

            EmitConstruction(writer, image, component, lates);
        }

        writer.Line();
        foreach (var late in lates)
            writer.Line($"{late.Value}.Set({Expression(image, late.Key, lates, isLateValue: true)});");
        writer.Open("var composition = new KernelComposition");
        writer.Line("CommandLine = CommandLine,");
        if (hasDispatcher)
            writer.Line("SyscallDispatcher = SyscallDispatcher,");
        foreach (var name in image.Model.PerCpu.Select(p => BuiltInContracts.PerCpuProperty(p.Type))
            .Concat(image.Graph.Order.Select(c => image.PropertyNames[c.Type])))
            writer.Line($"{name} = {name},");
        writer.Close(";");
        if (hasDispatcher)
            writer.Line("SyscallDispatcher.Bind(composition);");
        writer.Line("return composition;");
        writer.Close();

        EmitInitialize(writer, image);
        writer.Close();
        return writer.ToString();
    }

    /// <summary>The order of construction as text, for the golden file that makes a change of order visible.</summary>
    public static string EmitOrder(Image image)
        => string.Concat(image.Graph.Order.Select(c => $"{c.StageName,-5} {c.DisplayName}{(c.IsInitializable ? " (initialised)" : "")}\n"))
            + string.Concat(image.Graph.Omitted.Select(o => $"left out: {o.Component.DisplayName}, for want of {o.Contract.Replace("global::", "")}\n"));

    private static Dictionary<DependencyModel, string> Lates(ComponentGraph graph)
    {
        var lates = new Dictionary<DependencyModel, string>();
        foreach (var dependency in graph.Order.SelectMany(c => c.Dependencies).Where(d => d.IsLate))
        {
            var key = dependency with { Name = "" };
            if (!lates.ContainsKey(key))
                lates.Add(key, $"late{lates.Count}");
        }

        return lates;
    }

    private static void EmitPerCpu(SourceWriter writer, PerCpuModel perCpu)
    {
        var name = BuiltInContracts.PerCpuProperty(perCpu.Type);
        writer.Line($"var {name} = new global::Ostd.Cpus.PerCpu<{perCpu.Type}>(static cpu => new {perCpu.Type}({(perCpu.TakesCpuNumber ? "cpu" : "")}));");
    }

    private static void EmitConstruction(SourceWriter writer, Image image, ComponentModel component, Dictionary<DependencyModel, string> lates)
    {
        var name = image.PropertyNames[component.Type];
        var arguments = component.Dependencies.Select(d => Expression(image, d, lates, isLateValue: false));
        writer.Line($"var {name} = new {component.Type}({string.Join(", ", arguments)});");
        foreach (var parameter in component.KernelParameters)
            writer.Line($"{KernelParameterEmitter.SetterName(component, parameter)}(CommandLine, {name});");
    }

    private static string Expression(Image image, DependencyModel dependency, Dictionary<DependencyModel, string> lates, bool isLateValue)
    {
        if (dependency.IsLate && !isLateValue)
            return lates[dependency with { Name = "" }];
        if (dependency.Kind == DependencyKind.All)
        {
            var items = image.Graph.BuiltIns.RegistryOf(dependency.Contract) is { } kind
                ? image.Of(kind).Select(e => RegistryEmitter.Entry(image, e.Component, e.Capability))
                : image.Graph.Order.Where(image.Graph.Offering(dependency.Contract).Contains).Select(c => image.PropertyNames[c.Type]);
            var list = string.Join(", ", items);
            return list.Length == 0 ? $"global::System.Array.Empty<{dependency.Contract}>()" : $"new {dependency.Contract}[] {{ {list} }}";
        }

        if (image.Graph.BuiltIns.Single(dependency.Contract) is { } builtIn)
            return builtIn;
        var offering = image.Graph.Offering(dependency.Contract);
        return offering.Count == 0 ? "null" : image.PropertyNames[offering[0].Type];
    }

    private static void EmitInitialize(SourceWriter writer, Image image)
    {
        writer.Line();
        writer.Summary("Initialises the components, stage by stage.");
        writer.Open("public void Initialize()");
        foreach (var stage in ComponentModel.StageNames)
            writer.Line($"Initialize{stage}();");
        writer.Close();
        for (var stage = 0; stage < ComponentModel.StageNames.Length; stage++)
        {
            writer.Line();
            writer.Summary($"Initialises the components of the stage {ComponentModel.StageNames[stage]}.");
            writer.Open($"public void Initialize{ComponentModel.StageNames[stage]}()");
            foreach (var component in image.Graph.Order.Where(c => c.Stage == stage && c.IsInitializable))
                writer.Line($"((global::{AttributeNames.Namespace}.{AttributeNames.Initializable}){image.PropertyNames[component.Type]}).Initialize();");
            writer.Close();
        }
    }
}
