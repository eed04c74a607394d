// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions.Composition;

namespace Kernel.Block;

/// <summary>Looks for partitions when all drivers have found their disks, and before there are programs: what a disk answers is waited for.</summary>
[Component(Stage = InitStage.Init)]
public sealed class PartitionScan(BlockDevices devices) : IInitializable
{
    /// <inheritdoc/>
    public void Initialize() => devices.FindPartitions();
}
