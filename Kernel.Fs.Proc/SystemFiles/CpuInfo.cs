// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Ostd.Cpus;

namespace Kernel.Fs.Proc.SystemFiles;

/// <summary>/proc/cpuinfo: the architecture writes a block for each CPU.</summary>
[PseudoFile("/proc/cpuinfo", Stage = InitStage.Late)]
public sealed class CpuInfo : IPseudoFile
{
    /// <inheritdoc/>
    public Errno Generate(PseudoFileWriter writer, IThread reader)
    {
        for (var cpu = 0; cpu < Cpu.Count; cpu++)
        {
            writer.Append(Cpu.Describe(cpu));
        }

        return Errno.Success;
    }
}
