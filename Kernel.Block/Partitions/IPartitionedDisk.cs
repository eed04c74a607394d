// SPDX-License-Identifier: MPL-2.0
using System;

namespace Kernel.Block.Partitions;

/// <summary>A disk as those who look for its partitions see it.</summary>
internal interface IPartitionedDisk
{
    /// <summary>Bytes of a block: what tables count in. A power of two from 512 to 4096.</summary>
    int BlockSize { get; }

    /// <summary>The disk's size in units of 512 bytes; whole blocks.</summary>
    long SectorCount { get; }

    /// <summary>Reads.</summary>
    /// <param name="sector">Where, in units of 512 bytes.</param>
    /// <param name="destination">Receives the bytes.</param>
    /// <returns>False when not all of it can be read.</returns>
    bool TryRead(long sector, Span<byte> destination);
}
