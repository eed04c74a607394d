// SPDX-License-Identifier: MPL-2.0

using System.Linq;
using Asterion.Generators.Graph;
using Asterion.Generators.Model;
using Asterion.Generators.Parsing;

namespace Asterion.Generators.Emit;

/// <summary>Makes the entries of the registries: file systems, pseudo-files, devices, socket families, drivers.</summary>
internal static class RegistryEmitter
{
    /// <summary>The expression that makes one entry.</summary>
    public static string Entry(Image image, ComponentModel component, CapabilityModel capability)
        => $"new global::{AttributeNames.Namespace}.{capability.Kind}Entry({string.Join(", ", capability.Arguments.Append(image.PropertyNames[component.Type]))})";
}
