// SPDX-License-Identifier: MPL-2.0
namespace Kernel.Block.Partitions;

/// <summary>What a table says of one partition.</summary>
/// <param name="Number">From 1.</param>
/// <param name="StartSector">Where it begins, in units of 512 bytes.</param>
/// <param name="SectorCount">Its size in these units.</param>
internal readonly record struct Partition(int Number, long StartSector, long SectorCount);
