// SPDX-License-Identifier: MPL-2.0

using System.Collections.Generic;
using System.Linq;
using Asterion.Generators.Diagnostics;
using Asterion.Generators.Model;
using Asterion.Generators.Support;

namespace Asterion.Generators.Graph;

/// <summary>Finds who satisfies which dependency, and an order in which everything can be built.</summary>
internal sealed class ComponentGraph
{
    private readonly List<DiagnosticInfo> _diagnostics = [];
    private readonly Dictionary<string, List<ComponentModel>> _offers = [];
    private readonly List<(ComponentModel Component, string Contract)> _omitted = [];
    private readonly BuiltInContracts _builtIns;

    public ComponentGraph(ImageModel image)
    {
        _builtIns = new BuiltInContracts(image);
        Components = WithoutIncomplete(WithoutReplacedFallbacks(image.Components).ToList(), image.OmitsIncomplete);
        foreach (var component in Components)
        {
            foreach (var contract in component.Offers)
                OffersOf(contract).Add(component);
        }

        foreach (var component in Components)
            Check(component);
        Order = _diagnostics.Count == 0 ? Sort() : [];
    }

    /// <summary>The components of the image, without the fallbacks that another component replaces.</summary>
    public IReadOnlyList<ComponentModel> Components { get; }

    /// <summary>The optional components that were left out, and the contract that each lacked.</summary>
    public IReadOnlyList<(ComponentModel Component, string Contract)> Omitted => _omitted;

    /// <summary>The components in the order in which they are built; empty when there are errors.</summary>
    public IReadOnlyList<ComponentModel> Order { get; private set; }

    public IReadOnlyList<DiagnosticInfo> Diagnostics => _diagnostics;

    public BuiltInContracts BuiltIns => _builtIns;

    /// <summary>The components that offer a contract.</summary>
    public IReadOnlyList<ComponentModel> Offering(string contract) => OffersOf(contract);

    private static IEnumerable<ComponentModel> WithoutReplacedFallbacks(EquatableArray<ComponentModel> components)
    {
        var offered = new HashSet<string>(components.Where(c => !c.IsFallback).SelectMany(c => c.Offers));
        return components.Where(c => !c.IsFallback || !c.Offers.Any(offered.Contains));
    }

    /// <summary>Leaves out optional components that lack a contract, until no more fall out with them.</summary>
    private List<ComponentModel> WithoutIncomplete(List<ComponentModel> components, bool omitsAll)
    {
        while (true)
        {
            var offered = new HashSet<string>(components.SelectMany(c => c.Offers));
            var omitted = new List<ComponentModel>();
            foreach (var component in components.Where(c => omitsAll || c.IsOptional))
            {
                var missing = component.Dependencies.FirstOrDefault(d => d.Kind == DependencyKind.Required
                    && !offered.Contains(d.Contract) && _builtIns.Single(d.Contract) is null);
                if (missing is null)
                    continue;
                omitted.Add(component);
                _omitted.Add((component, missing.Contract));
            }

            if (omitted.Count == 0)
                return components;
            components = components.Except(omitted).ToList();
        }
    }

    private List<ComponentModel> OffersOf(string contract)
    {
        if (!_offers.TryGetValue(contract, out var list))
            _offers.Add(contract, list = []);
        return list;
    }

    private void Check(ComponentModel component)
    {
        foreach (var dependency in component.Dependencies)
        {
            if (dependency.Kind == DependencyKind.All || _builtIns.Single(dependency.Contract) is not null)
                continue;
            var offering = OffersOf(dependency.Contract);
            if (offering.Count > 1)
            {
                var names = string.Join(", ", offering.Select(c => c.DisplayName));
                Report(Descriptors.AmbiguousContract.Id, component, component.DisplayName, Display(dependency.Contract), names);
            }
            else if (offering.Count == 0 && dependency.Kind == DependencyKind.Required)
            {
                Report(Descriptors.MissingContract.Id, component, component.DisplayName, Display(dependency.Contract));
            }
        }

        foreach (var needed in Prerequisites(component))
        {
            if (needed.Stage > component.Stage)
                Report(Descriptors.LaterStage.Id, component, component.DisplayName, component.StageName, needed.DisplayName, needed.StageName);
        }
    }

    /// <summary>The components that must be built before this one.</summary>
    private IEnumerable<ComponentModel> Prerequisites(ComponentModel component)
    {
        foreach (var dependency in component.Dependencies)
        {
            if (dependency.IsLate)
                continue;
            var needed = dependency.Kind == DependencyKind.All && _builtIns.RegistryOf(dependency.Contract) is { } kind
                ? Components.Where(c => c.Capabilities.Any(capability => capability.Kind == kind))
                : OffersOf(dependency.Contract);
            foreach (var item in needed)
            {
                if (item != component)
                    yield return item;
            }
        }
    }

    /// <summary>Depth-first over the components by stage and name, so that the order depends on nothing but the declarations.</summary>
    private List<ComponentModel> Sort()
    {
        var order = new List<ComponentModel>();
        var done = new HashSet<string>();
        var path = new List<ComponentModel>();
        foreach (var component in Components.OrderBy(c => c.Stage).ThenBy(c => c.Type, System.StringComparer.Ordinal))
        {
            if (!Visit(component, path, done, order))
                return [];
        }

        return order;
    }

    private bool Visit(ComponentModel component, List<ComponentModel> path, HashSet<string> done, List<ComponentModel> order)
    {
        if (done.Contains(component.Type))
            return true;
        var start = path.FindIndex(c => c.Type == component.Type);
        if (start >= 0)
        {
            var circle = path.Skip(start).Append(component).Select(c => c.DisplayName);
            Report(Descriptors.DependencyCycle.Id, component, string.Join(" -> ", circle));
            return false;
        }

        path.Add(component);
        foreach (var needed in Prerequisites(component).OrderBy(c => c.Stage).ThenBy(c => c.Type, System.StringComparer.Ordinal))
        {
            if (!Visit(needed, path, done, order))
                return false;
        }

        path.RemoveAt(path.Count - 1);
        done.Add(component.Type);
        order.Add(component);
        return true;
    }

    private void Report(string id, ComponentModel component, params string[] arguments)
        => _diagnostics.Add(new DiagnosticInfo(id, component.Location, arguments.ToEquatableArray()));

    private static string Display(string contract) => contract.Replace("global::", "");
}
