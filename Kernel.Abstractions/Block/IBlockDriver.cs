// SPDX-License-Identifier: MPL-2.0
namespace Kernel.Abstractions.Block;

/// <summary>A disk as its driver sees it.</summary>
public interface IBlockDriver
{
    /// <summary>What the disk is like.</summary>
    BlockGeometry Geometry { get; }

    /// <summary>Begins a transfer, which ends with <see cref="BlockRequest.Complete"/>, possibly before this returns. Allocates nothing. The caller has checked the range, and keeps to
    /// <see cref="BlockGeometry.MaxRequests"/>.</summary>
    void Start(BlockRequest request);

    /// <summary>A transfer has taken longer than its owner waits: unless it is over, the driver takes the disk out of service, and ends the transfer within seconds. Task context.</summary>
    void Expire(BlockRequest request);
}

/// <summary>What a disk is like.</summary>
/// <param name="SectorCount">Its size in units of 512 bytes.</param>
/// <param name="LogicalBlockSize">Bytes of the smallest transfer: a power of two from 512 to 4096.</param>
/// <param name="IsReadOnly">Nothing can be written.</param>
/// <param name="HasCache">What is written may still be in a cache of the device: <see cref="BlockOperation.Flush"/> does something.</param>
/// <param name="MaxRequests">Transfers that may be under way at the same time.</param>
/// <param name="MaxTransfer">Bytes of the largest transfer; a multiple of the page size.</param>
public readonly record struct BlockGeometry(long SectorCount, int LogicalBlockSize, bool IsReadOnly, bool HasCache, int MaxRequests, int MaxTransfer)
{
    /// <summary>Bytes of the unit in which sizes and places are counted.</summary>
    public const int SectorSize = 512;

    /// <summary>Its size in bytes.</summary>
    public long SizeBytes => SectorCount * SectorSize;
}

/// <summary>Makes block devices of disks.</summary>
public interface IBlockDevices
{
    /// <summary>Gives a disk a name, a number and a node below /dev.</summary>
    /// <param name="prefix">What its kind of disks is called: <c>vd</c> makes vda, vdb, ...</param>
    /// <param name="driver">The disk.</param>
    /// <returns>The name; ENOMEM, EINVAL for an impossible geometry, ENOSPC when there are too many.</returns>
    Result<string> Add(string prefix, IBlockDriver driver);
}
