// SPDX-License-Identifier: MPL-2.0

using System.Collections.Generic;
using System.Linq;
using Asterion.Generators.Diagnostics;
using Asterion.Generators.Model;
using Asterion.Generators.Parsing;
using Asterion.Generators.Support;

namespace Asterion.Generators.Graph;

/// <summary>An image that holds together: what the emitters work from.</summary>
internal sealed class Image
{
    public Image(ImageModel model)
    {
        Model = model;
        Graph = new ComponentGraph(model);
        var diagnostics = new List<DiagnosticInfo>(model.Diagnostics);
        diagnostics.AddRange(Graph.Diagnostics);

        Syscalls = Graph.Components.SelectMany(c => c.Syscalls).OrderBy(s => s.Name, System.StringComparer.Ordinal).ToList();
        foreach (var (first, second) in Syscalls.Zip(Syscalls.Skip(1), (a, b) => (a, b)))
        {
            if (first.Name == second.Name)
                diagnostics.Add(Duplicate(Descriptors.DuplicateSyscall.Id, first.Name, Handler(first), Handler(second)));
        }

        foreach (var kind in CapabilityParser.Kinds)
        {
            foreach (var group in Of(kind).Where(e => e.Capability.Key is not null).GroupBy(e => e.Capability.Key))
            {
                var claims = group.ToList();
                if (claims.Count > 1)
                    diagnostics.Add(Duplicate(Descriptors.DuplicateCapability.Id, $"{kind} '{group.Key}'",
                        claims[0].Component.DisplayName, claims[1].Component.DisplayName));
            }
        }

        Diagnostics = diagnostics;
        PropertyNames = NameProperties();
        Tests = model.Tests.Where(t => t.IsStatic || PropertyNames.ContainsKey(t.Type)).ToList();
    }

    public ImageModel Model { get; }

    public ComponentGraph Graph { get; }

    public IReadOnlyList<SyscallModel> Syscalls { get; }

    public IReadOnlyList<DiagnosticInfo> Diagnostics { get; }

    /// <summary>The tests of this image: those of components that were left out are left out too.</summary>
    public IReadOnlyList<KernelTestModel> Tests { get; }

    /// <summary>The name of the property of the composition that holds a component, by the component's type.</summary>
    public IReadOnlyDictionary<string, string> PropertyNames { get; }

    /// <summary>The entries of a registry, by key.</summary>
    public IEnumerable<(ComponentModel Component, CapabilityModel Capability)> Of(string kind)
        => from component in Graph.Components
           from capability in component.Capabilities
           where capability.Kind == kind
           orderby string.Join(",", capability.Arguments)
           select (component, capability);

    public static string Handler(SyscallModel syscall) => $"{syscall.Component.Replace("global::", "")}.{syscall.Method}";

    private static DiagnosticInfo Duplicate(string id, params string[] arguments) => new(id, null, arguments.ToEquatableArray());

    private Dictionary<string, string> NameProperties()
    {
        var doubled = new HashSet<string>(Graph.Components.GroupBy(c => c.Name).Where(g => g.Count() > 1).Select(g => g.Key));
        return Graph.Components.ToDictionary(
            c => c.Type,
            c => doubled.Contains(c.Name) || IsReserved(c.Name) ? c.DisplayName.Replace('.', '_') : c.Name);
    }

    private static bool IsReserved(string name) => name is "CommandLine" or "SyscallDispatcher" or "Build" or "Initialize";
}
