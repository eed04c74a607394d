// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Ostd.Devices;

namespace Kernel.Fs.Proc.SystemFiles;

/// <summary>
/// /proc/asterion/iommu, a name and a value per line: whether DMA and interrupts are remapped (1 or 0), how many pages devices reach now, and how many of their accesses were blocked.
/// </summary>
[PseudoFile("/proc/asterion/iommu", Stage = InitStage.Late)]
public sealed class IommuState : IPseudoFile
{
    /// <inheritdoc/>
    public Errno Generate(PseudoFileWriter writer, IThread reader)
    {
        writer.Append("dma_remapping ").Append(Iommu.IsActive ? 1 : 0)
            .Append("\ninterrupt_remapping ").Append(Iommu.RemapsInterrupts ? 1 : 0)
            .Append("\nmapped_pages ").Append(Iommu.MappedPages)
            .Append("\nfaults ").Append(Iommu.FaultCount)
            .Append('\n');
        return Errno.Success;
    }
}
