// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;

namespace Kernel.Block;

/// <summary>/proc/partitions: disks and their partitions with their sizes in KiB (man 5 proc). Disks without contents are left out, as in Linux.</summary>
[PseudoFile("/proc/partitions", Stage = InitStage.Late)]
public sealed class PartitionsFile(BlockDevices devices) : IPseudoFile
{
    /// <inheritdoc/>
    public Errno Generate(PseudoFileWriter writer, IThread reader)
    {
        var ranges = devices.GetRanges();
        if (ranges.Length > 0)
        {
            writer.Append("major minor  #blocks  name\n\n");
        }

        foreach (var range in ranges)
        {
            if (range.SectorCount > 0)
            {
                writer.AppendPadded(range.Number.Major, 4).Append("  ").AppendPadded(range.Number.Minor, 7).Append(' ')
                    .AppendPadded(range.SizeBytes >> 10, 10).Append(' ').Append(range.Name).Append('\n');
            }
        }

        return Errno.Success;
    }
}
