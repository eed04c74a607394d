// SPDX-License-Identifier: MPL-2.0

using Microsoft.CodeAnalysis;

namespace Asterion.Generators.Analyzers;

/// <summary>Which rules apply where: the names of the assemblies say it.</summary>
internal static class AssemblyKind
{
    public static bool IsKernel(Compilation compilation) => compilation.AssemblyName is { } name && name.StartsWith("Kernel.") && !IsHostTest(name);

    public static bool IsOstd(Compilation compilation) => compilation.AssemblyName is { } name && name.StartsWith("Ostd.") && !IsHostTest(name);

    private static bool IsHostTest(string name) => name.EndsWith(".Tests");
}
