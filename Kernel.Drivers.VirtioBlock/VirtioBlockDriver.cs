// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Block;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Devices;
using Ostd.Devices;
using Ostd.Memory;

namespace Kernel.Drivers.VirtioBlock;

/// <summary>Takes virtio disks into service (VIRTIO 1.2, section 5.2): vda, vdb, ...</summary>
[VirtioDriver(2, Stage = InitStage.Late)]
public sealed class VirtioBlockDriver(IBlockDevices disks) : IVirtioDriver
{
    // Feature bits, section 5.2.3.
    private const ulong FeatureSizeMax = 1 << 1;
    private const ulong FeatureReadOnly = 1 << 5;
    private const ulong FeatureBlockSize = 1 << 6;
    private const ulong FeatureFlush = 1 << 9;

    // The configuration, section 5.2.4.
    private const int Capacity = 0;
    private const int SizeMax = 8;
    private const int BlockSize = 20;

    private const int QueueSize = 64;
    private const int MaxTransfer = 1 << 20;

    /// <inheritdoc/>
    public Errno Attach(IVirtioDevice device)
    {
        if (!device.Negotiate(FeatureSizeMax | FeatureReadOnly | FeatureBlockSize | FeatureFlush).TryGet(out var features, out var error)
            || !device.ReadConfiguration(Capacity, 8).TryGet(out var capacity, out error))
        {
            return error;
        }

        ulong blockSize = BlockGeometry.SectorSize;
        if ((features & FeatureBlockSize) != 0 && !device.ReadConfiguration(BlockSize, 4).TryGet(out blockSize, out error))
        {
            return error;
        }

        ulong sizeMax = MaxTransfer;
        if ((features & FeatureSizeMax) != 0 && !device.ReadConfiguration(SizeMax, 4).TryGet(out sizeMax, out error))
        {
            return error;
        }

        // The block layer has the last word on these numbers; here they are only kept from losing bits.
        if (capacity > long.MaxValue || blockSize > MaxTransfer)
        {
            return Errno.EINVAL;
        }

        var disk = new VirtioDisk(device);
        if (!device.CreateQueue(0, QueueSize, disk).TryGet(out var queue, out error) || !DmaCoherent.TryAllocate(VirtioDisk.HeaderBytes(queue), out var headers))
        {
            return error == Errno.Success ? Errno.ENOMEM : error;
        }

        disk.Prepare(queue, headers, new BlockGeometry(
            (long)capacity,
            (int)blockSize,
            (features & FeatureReadOnly) != 0,
            (features & FeatureFlush) != 0,
            VirtioDisk.RequestCount(queue),
            (int)Math.Min(sizeMax, MaxTransfer) / Paging.PageSizeBytes * Paging.PageSizeBytes));
        error = device.Start();
        return error == Errno.Success ? disks.Add("vd", disk).Error : error;
    }
}
