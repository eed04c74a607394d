// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;

namespace Kernel.Block;

/// <summary>/proc/partitions: disks with their sizes in KiB (man 5 proc). Disks without contents are left out, as in Linux.</summary>
[PseudoFile("/proc/partitions", Stage = InitStage.Late)]
public sealed class PartitionsFile(BlockDevices devices) : IPseudoFile
{
    /// <inheritdoc/>
    public Errno Generate(PseudoFileWriter writer, IThread reader)
    {
        var disks = devices.GetDisks();
        if (disks.Length > 0)
        {
            writer.Append("major minor  #blocks  name\n\n");
        }

        foreach (var disk in disks)
        {
            if (disk.Geometry.SectorCount > 0)
            {
                writer.AppendPadded(disk.Number.Major, 4).Append("  ").AppendPadded(disk.Number.Minor, 7).Append(' ')
                    .AppendPadded(disk.Geometry.SizeBytes >> 10, 10).Append(' ').Append(disk.Name).Append('\n');
            }
        }

        return Errno.Success;
    }
}
