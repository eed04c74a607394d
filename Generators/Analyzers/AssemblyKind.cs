// SPDX-License-Identifier: MPL-2.0

using System.Linq;
using Microsoft.CodeAnalysis;

namespace Asterion.Generators.Analyzers;

/// <summary>Which rules apply where: the names and the references of the assemblies say it.</summary>
internal static class AssemblyKind
{
    /// <summary>An assembly of this kernel: all rules of the house.</summary>
    public static bool IsKernel(Compilation compilation) => compilation.AssemblyName is { } name && name.StartsWith("Kernel.") && !IsHostTest(name);

    /// <summary>Code that runs on OSTD, of whatever name: the rules without which the runtime would not do what the code says.</summary>
    public static bool IsOnOstd(Compilation compilation)
        => IsKernel(compilation) || (compilation.AssemblyName is { } name && !name.StartsWith("Ostd.") && !IsHostTest(name) && compilation.ReferencedAssemblyNames.Any(r => r.Name == "Ostd.Core"));

    /// <summary>An assembly of the framework.</summary>
    public static bool IsOstd(Compilation compilation) => compilation.AssemblyName is { } name && name.StartsWith("Ostd.") && !IsHostTest(name);

    private static bool IsHostTest(string name) => name.EndsWith(".Tests");
}
