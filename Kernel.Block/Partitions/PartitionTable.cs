// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;

namespace Kernel.Block.Partitions;

/// <summary>
/// Finds a disk's partitions as Linux does (block/partitions/core.c): by a GUID partition table if there is one, else by a master boot record. Whatever stands on the disk, each partition that comes out lies in it.
/// </summary>
internal static class PartitionTable
{
    /// <summary>The largest number that a partition can have: what the minor numbers after a disk's own are enough for.</summary>
    public const int MaxNumber = 15;

    /// <summary>Reads the tables.</summary>
    /// <returns>The partitions, in the order of their numbers; none when there is no table, or a damaged one.</returns>
    public static Partition[] Read(IPartitionedDisk disk)
    {
        var found = new List<Partition>();
        if (!GuidPartitionTable.TryRead(disk, found))
        {
            MasterBootRecord.Read(disk, found);
        }

        found.Sort(static (left, right) => left.Number.CompareTo(right.Number));
        var partitions = new List<Partition>();
        foreach (var (number, start, count) in found)
        {
            // Tables of larger disks are cut off at the end, as in Linux.
            if (number <= MaxNumber && count > 0 && start >= 0 && start < disk.SectorCount)
            {
                partitions.Add(new Partition(number, start, Math.Min(count, disk.SectorCount - start)));
            }
        }

        return partitions.ToArray();
    }
}
