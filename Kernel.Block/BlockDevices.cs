// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;
using Kernel.Abstractions;
using Kernel.Abstractions.Block;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Block.Partitions;
using Ostd.Devices;
using Ostd.Logging;
using Ostd.Memory;
using Ostd.Sync;

namespace Kernel.Block;

/// <summary>The disks of the machine, with their names and numbers.</summary>
[Component]
public sealed class BlockDevices(IDeviceRegistry devices) : IBlockDevices
{
    // What Linux gives its first block driver without a number of its own (Documentation/admin-guide/devices.txt: 240 to 254 are for local use).
    private const int Major = 254;

    // Linux leaves 15 minor numbers after each disk for its partitions.
    private const int MinorsPerDisk = 16;
    private const int MaxDisks = 26;

    /// <summary>Permission of the nodes: 0660.</summary>
    private const int NodeMode = 0x1b0;

    private const int MaxRequests = 4;
    private const int MaxTransfer = 128 * 1024;
    private const int MaxBlockSize = 4096;

    private readonly Mutex _lock = new();
    private readonly List<BlockRange> _disks = [];

    // Guarded by _lock. Disks and partitions by their numbers.
    private readonly List<BlockRange> _ranges = [];

    /// <inheritdoc/>
    public Result<string> Add(string prefix, IBlockDriver driver)
    {
        var geometry = driver.Geometry with { MaxTransfer = Math.Min(driver.Geometry.MaxTransfer, MaxTransfer) };
        if (!IsPossible(geometry))
        {
            return Errno.EINVAL;
        }

        // One request is for the rests of blocks.
        var requests = RequestPool.TryCreate(Math.Min(geometry.MaxRequests - 1, MaxRequests), geometry.MaxTransfer);
        if (requests is null || !DmaCoherent.TryAllocate(geometry.LogicalBlockSize, out var rest))
        {
            return Errno.ENOMEM;
        }

        using var guard = _lock.Acquire();
        if (_disks.Count == MaxDisks)
        {
            return Errno.ENOSPC;
        }

        var name = prefix + (char)('a' + _disks.Count);
        var number = new DeviceNumber(Major, _disks.Count * MinorsPerDisk);
        var disk = new BlockRange(new Disk(driver, geometry, requests, new BlockRequest(rest)), name, number, 0, geometry.SectorCount);
        var error = devices.RegisterBlock(name, number, NodeMode, disk);
        if (error != Errno.Success)
        {
            return error;
        }

        _disks.Add(disk);
        _ranges.Add(disk);
        Log.Info(name + ": " + (geometry.SizeBytes >> 10) + " KiB" + (geometry.IsReadOnly ? ", read-only" : ""));
        return name;
    }

    /// <summary>Gives the partitions of all disks names, numbers and nodes. Once; sleeps.</summary>
    internal void FindPartitions()
    {
        foreach (var disk in GetRanges())
        {
            var found = PartitionTable.Read(disk.Disk);
            if (found.Length == 0)
            {
                continue;
            }

            var text = disk.Name + ":";
            foreach (var (number, start, count) in found)
            {
                var range = new BlockRange(disk.Disk, disk.Name + number, new DeviceNumber(Major, disk.Number.Minor + number), start, count);
                if (devices.RegisterBlock(range.Name, range.Number, NodeMode, range) == Errno.Success)
                {
                    using var guard = _lock.Acquire();
                    _ranges.Add(range);
                    text += " " + range.Name;
                }
            }

            Log.Info(text);
        }
    }

    /// <summary>Disks and partitions, in the order of their numbers.</summary>
    internal BlockRange[] GetRanges()
    {
        using var guard = _lock.Acquire();
        _ranges.Sort(static (left, right) => left.Number.Minor.CompareTo(right.Number.Minor));
        return _ranges.ToArray();
    }

    // A disk's own word is not trusted: the numbers are used in arithmetic.
    private static bool IsPossible(in BlockGeometry geometry)
    {
        var blockSize = geometry.LogicalBlockSize;
        return geometry.SectorCount is >= 0 and <= long.MaxValue / BlockGeometry.SectorSize
            && blockSize is >= BlockGeometry.SectorSize and <= MaxBlockSize && (blockSize & (blockSize - 1)) == 0
            && geometry.SizeBytes % blockSize == 0
            && geometry.MaxTransfer >= Paging.PageSizeBytes && geometry.MaxTransfer % Paging.PageSizeBytes == 0
            && geometry.MaxRequests >= 2;
    }
}
