// SPDX-License-Identifier: MPL-2.0

using System.Collections.Generic;
using System.Linq;
using Asterion.Generators.Model;
using Asterion.Generators.Parsing;

namespace Asterion.Generators.Graph;

/// <summary>What the composition root itself offers to constructors.</summary>
internal sealed class BuiltInContracts(ImageModel image)
{
    public const string CommandLine = $"global::{AttributeNames.Namespace}.KernelCommandLine";
    public const string SyscallDispatcher = "global::Kernel.Abstractions.Syscalls.ISyscallDispatcher";

    private const string PerCpuPrefix = "global::Ostd.Cpus.PerCpu<";

    private readonly Dictionary<string, string> _entryKinds = CapabilityParser.Kinds.ToDictionary(
        kind => $"global::{AttributeNames.Namespace}.{kind}Entry", kind => kind);

    private readonly HashSet<string> _perCpu = [.. image.PerCpu.Select(p => p.Type)];

    /// <summary>The expression for a single built-in contract, or null.</summary>
    public string? Single(string contract) => contract switch
    {
        CommandLine => "CommandLine",
        SyscallDispatcher => "SyscallDispatcher",
        _ => PerCpu(contract),
    };

    /// <summary>The capability whose registry has entries of this type, or null.</summary>
    public string? RegistryOf(string elementType) => _entryKinds.TryGetValue(elementType, out var kind) ? kind : null;

    /// <summary>The expression for a <c>PerCpu&lt;T&gt;</c> of a per-CPU class of the image, or null.</summary>
    public string? PerCpu(string contract)
        => contract.StartsWith(PerCpuPrefix) && _perCpu.Contains(PerCpuElement(contract)) ? PerCpuProperty(PerCpuElement(contract)) : null;

    /// <summary>The property of the composition that holds the instances of a per-CPU class.</summary>
    public static string PerCpuProperty(string type) => type.Replace("global::", "").Replace('.', '_') + "PerCpu";

    private static string PerCpuElement(string contract) => contract.Substring(PerCpuPrefix.Length, contract.Length - PerCpuPrefix.Length - 1);
}
