// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Block;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Ostd.Memory;

namespace Kernel.Block;

/// <summary>A disk, or a partition of it: what has a name and a number. It begins and ends with whole blocks of the disk.</summary>
internal sealed class BlockRange(Disk disk, string name, DeviceNumber number, long startSector, long sectorCount) : IBlockDevice
{
    private readonly long _start = startSector * BlockGeometry.SectorSize;

    /// <summary>The disk.</summary>
    public Disk Disk => disk;

    /// <summary>The name below /dev.</summary>
    public string Name => name;

    /// <summary>The device number.</summary>
    public DeviceNumber Number => number;

    /// <summary>Its size in units of 512 bytes.</summary>
    public long SectorCount => sectorCount;

    /// <summary>Its size in bytes.</summary>
    public long SizeBytes => sectorCount * BlockGeometry.SectorSize;

    /// <inheritdoc/>
    public Result<OpenFile> Open(Inode node, DeviceNumber number, OpenFlags flags, IThread? thread) => new DiskFile(node, flags, this);

    /// <summary>Reads up to the end.</summary>
    /// <returns>Bytes read: fewer than asked at the end, at a fault or at an error; EIO or EFAULT when there are none.</returns>
    public Result<int> Read(ref VmWriter destination, long offset)
        => disk.Read(ref destination, _start + Math.Min(offset, SizeBytes), _start + SizeBytes);

    /// <summary>Writes up to the end.</summary>
    /// <returns>Bytes written; EPERM for a disk that cannot be written, ENOSPC at the end (blkdev_write_iter of Linux), EIO or EFAULT.</returns>
    public Result<int> Write(ref VmReader source, long offset)
        => disk.Write(ref source, _start + Math.Min(offset, SizeBytes), _start + SizeBytes);
}
