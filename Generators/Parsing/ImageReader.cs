// SPDX-License-Identifier: MPL-2.0

using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Asterion.Generators.Diagnostics;
using Asterion.Generators.Model;
using Asterion.Generators.Support;
using Microsoft.CodeAnalysis;

namespace Asterion.Generators.Parsing;

/// <summary>Reads an image: the compilation itself and every referenced assembly that knows the attributes.</summary>
internal static class ImageReader
{
    public static ImageModel Read(Compilation compilation, string architecture, bool omitsIncomplete, CancellationToken cancellation)
    {
        var components = new List<ComponentModel>();
        var perCpu = new List<PerCpuModel>();
        var tests = new List<KernelTestModel>();
        var diagnostics = new List<DiagnosticInfo>();
        var assemblies = compilation.SourceModule.ReferencedAssemblySymbols.Where(ReadsAttributes).Append(compilation.Assembly);
        foreach (var assembly in assemblies)
        {
            // The analyzer reports what is wrong in the project at hand; here only what came in through metadata is reported.
            var sink = SymbolEqualityComparer.Default.Equals(assembly, compilation.Assembly) ? [] : diagnostics;
            foreach (var type in Types(assembly.GlobalNamespace))
            {
                cancellation.ThrowIfCancellationRequested();
                if (ComponentParser.Parse(type, compilation, sink) is { } component)
                    components.Add(component);
                if (TypeParser.ParsePerCpu(type, sink) is { } perCpuType)
                    perCpu.Add(perCpuType);
                tests.AddRange(TypeParser.ParseTests(type, sink));
            }
        }

        components.Sort((left, right) => string.CompareOrdinal(left.Type, right.Type));
        perCpu.Sort((left, right) => string.CompareOrdinal(left.Type, right.Type));
        tests.Sort();
        return new ImageModel(
            "Kernel.Image",
            architecture,
            components.ToEquatableArray(),
            perCpu.ToEquatableArray(),
            tests.ToEquatableArray(),
            omitsIncomplete,
            compilation.GetTypeByMetadataName("Kernel.Abstractions.Syscalls.ISyscallDispatcher") is not null,
            compilation.GetTypesByMetadataName("System.Runtime.RuntimeExportAttribute").Any(t => t.DeclaredAccessibility == Accessibility.Public),
            diagnostics.ToEquatableArray());
    }

    private static bool ReadsAttributes(IAssemblySymbol assembly)
        => assembly.Modules.Any(m => m.ReferencedAssemblies.Any(r => r.Name is "Kernel.Abstractions" or AttributeNames.TestNamespace));

    private static IEnumerable<INamedTypeSymbol> Types(INamespaceOrTypeSymbol container)
    {
        foreach (var member in container.GetMembers())
        {
            if (member is INamespaceSymbol inner)
            {
                foreach (var type in Types(inner))
                    yield return type;
            }
            else if (member is INamedTypeSymbol named)
            {
                yield return named;
                foreach (var type in Types(named))
                    yield return type;
            }
        }
    }
}
