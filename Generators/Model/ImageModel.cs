// SPDX-License-Identifier: MPL-2.0

using Asterion.Generators.Diagnostics;
using Asterion.Generators.Support;

namespace Asterion.Generators.Model;

/// <summary>All that the attributes of an image's assemblies say; everything emitted is a function of this value.</summary>
/// <param name="Namespace">The namespace of the generated code.</param>
/// <param name="Architecture">The architecture whose numbers the dispatch uses: <c>x64</c>, <c>riscv64</c>, <c>loongarch64</c>.</param>
/// <param name="Components">The components, in no particular order.</param>
/// <param name="PerCpu">The per-CPU classes.</param>
/// <param name="Tests">The kernel tests.</param>
/// <param name="OmitsIncomplete">Whether every component counts as optional: an image under construction.</param>
/// <param name="HasSyscallContract">Whether the contracts of the system call surface are there.</param>
/// <param name="SeesRuntimeExport">Whether the attribute that names a symbol is visible to the image.</param>
/// <param name="Diagnostics">What could not be read.</param>
internal sealed record ImageModel(
    string Namespace,
    string Architecture,
    EquatableArray<ComponentModel> Components,
    EquatableArray<PerCpuModel> PerCpu,
    EquatableArray<KernelTestModel> Tests,
    bool OmitsIncomplete,
    bool HasSyscallContract,
    bool SeesRuntimeExport,
    EquatableArray<DiagnosticInfo> Diagnostics);
