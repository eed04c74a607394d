// SPDX-License-Identifier: MPL-2.0
using System;
using System.Buffers.Binary;
using Kernel.Block.Partitions;

namespace Kernel.Block.Tests;

/// <summary>A disk in memory, and tables on it, laid out by hand.</summary>
internal sealed class DiskImage(int blocks, int blockSize = 512) : IPartitionedDisk
{
    private const int SectorSize = 512;

    public byte[] Bytes { get; } = new byte[blocks * blockSize];

    public int Reads { get; private set; }

    public int BlockSize => blockSize;

    public long SectorCount => Bytes.Length / SectorSize;

    public bool TryRead(long sector, Span<byte> destination)
    {
        Reads++;
        if (sector < 0 || sector * SectorSize > Bytes.Length - destination.Length)
        {
            return false;
        }

        Bytes.AsSpan((int)(sector * SectorSize), destination.Length).CopyTo(destination);
        return true;
    }

    /// <summary>Writes an entry of a master boot record, or of a link of a chain, with the signature.</summary>
    public DiskImage Entry(long block, int index, byte type, uint start, uint count, byte flag = 0)
    {
        var sector = Bytes.AsSpan((int)(block * blockSize), SectorSize);
        var entry = sector.Slice(446 + index * 16, 16);
        entry[0] = flag;
        entry[4] = type;
        BinaryPrimitives.WriteUInt32LittleEndian(entry[8..], start);
        BinaryPrimitives.WriteUInt32LittleEndian(entry[12..], count);
        sector[510] = 0x55;
        sector[511] = 0xaa;
        return this;
    }

    /// <summary>Writes a protective master boot record and a GUID partition table with partitions of these blocks, first and last; null leaves an entry unused.</summary>
    public DiskImage Guid(params (ulong First, ulong Last)?[] partitions)
    {
        Entry(0, 0, 0xee, 1, uint.MaxValue);
        var table = Bytes.AsSpan(2 * blockSize, 128 * 128);
        for (var i = 0; i < partitions.Length; i++)
        {
            if (partitions[i] is { } partition)
            {
                var entry = table.Slice(i * 128, 128);
                entry[..16].Fill((byte)(i + 1));
                BinaryPrimitives.WriteUInt64LittleEndian(entry[32..], partition.First);
                BinaryPrimitives.WriteUInt64LittleEndian(entry[40..], partition.Last);
            }
        }

        var header = Header;
        "EFI PART"u8.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], 0x1_0000);
        BinaryPrimitives.WriteUInt32LittleEndian(header[12..], 92);
        BinaryPrimitives.WriteUInt64LittleEndian(header[24..], 1);
        BinaryPrimitives.WriteUInt64LittleEndian(header[32..], (ulong)blocks - 1);
        BinaryPrimitives.WriteUInt64LittleEndian(header[40..], 34);
        BinaryPrimitives.WriteUInt64LittleEndian(header[48..], (ulong)blocks - 34);
        BinaryPrimitives.WriteUInt64LittleEndian(header[72..], 2);
        BinaryPrimitives.WriteUInt32LittleEndian(header[80..], 128);
        BinaryPrimitives.WriteUInt32LittleEndian(header[84..], 128);
        BinaryPrimitives.WriteUInt32LittleEndian(header[88..], Crc32.Of(table));
        return Seal();
    }

    /// <summary>The header's bytes.</summary>
    public Span<byte> Header => Bytes.AsSpan(blockSize, 92);

    /// <summary>Makes the header's checksum right.</summary>
    public DiskImage Seal()
    {
        Header.Slice(16, 4).Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(Header[16..], Crc32.Of(Header));
        return this;
    }
}
