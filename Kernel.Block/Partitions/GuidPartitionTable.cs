// SPDX-License-Identifier: MPL-2.0
using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using Kernel.Abstractions.Block;

namespace Kernel.Block.Partitions;

/// <summary>The GUID partition table (UEFI specification 2.10, section 5.3). As in Linux (block/partitions/efi.c), the one at the disk's end is not used in place of the first.</summary>
internal static class GuidPartitionTable
{
    private const ulong Signature = 0x5452_4150_2049_4645; // "EFI PART"
    private const int HeaderBlock = 1;
    private const int MinHeaderLength = 92;
    private const int EntryLength = 128;
    private const int MaxTableLength = 4 << 20;

    private readonly record struct Header(ulong TableBlock, uint EntryCount, uint TableChecksum);

    /// <summary>Adds the partitions of a disk that has a good table.</summary>
    /// <returns>False when it has none.</returns>
    public static bool TryRead(IPartitionedDisk disk, List<Partition> found)
    {
        var lastBlock = (ulong)(disk.SectorCount * BlockGeometry.SectorSize / disk.BlockSize) - 1;
        if (disk.SectorCount == 0 || !IsProtected(disk) || ReadHeader(disk, lastBlock) is not { } header || ReadTable(disk, header, lastBlock) is not { } entries)
        {
            return false;
        }

        var sectorsPerBlock = disk.BlockSize / BlockGeometry.SectorSize;
        for (var number = 1; number * EntryLength <= entries.Length; number++)
        {
            var entry = entries.AsSpan((number - 1) * EntryLength, EntryLength);
            var first = BinaryPrimitives.ReadUInt64LittleEndian(entry[32..]);
            var last = BinaryPrimitives.ReadUInt64LittleEndian(entry[40..]);

            // No type: the entry is not used.
            if (entry[..16].IndexOfAnyExcept((byte)0) >= 0 && first <= last && last <= lastBlock)
            {
                found.Add(new Partition(number, (long)first * sectorsPerBlock, (long)(last - first + 1) * sectorsPerBlock));
            }
        }

        return true;
    }

    // Section 5.2.3: a master boot record whose partition keeps others from the disk. Further ones in it do not matter.
    private static bool IsProtected(IPartitionedDisk disk)
        => MasterBootRecord.ReadEntries(disk, 0) is { } entries && Array.Exists(entries, static entry => entry is { Type: MasterBootRecord.ProtectiveType, Start: HeaderBlock });

    // Section 5.3.2.
    private static Header? ReadHeader(IPartitionedDisk disk, ulong lastBlock)
    {
        var block = new byte[disk.BlockSize];
        if (lastBlock < HeaderBlock || !disk.TryRead(HeaderBlock * (disk.BlockSize / BlockGeometry.SectorSize), block) || BinaryPrimitives.ReadUInt64LittleEndian(block) != Signature)
        {
            return null;
        }

        var length = BinaryPrimitives.ReadUInt32LittleEndian(block.AsSpan(12));
        var checksum = BinaryPrimitives.ReadUInt32LittleEndian(block.AsSpan(16));
        if (length < MinHeaderLength || length > block.Length)
        {
            return null;
        }

        // The checksum counts as 0 in what it is of.
        block.AsSpan(16, 4).Clear();
        var firstUsable = BinaryPrimitives.ReadUInt64LittleEndian(block.AsSpan(40));
        var lastUsable = BinaryPrimitives.ReadUInt64LittleEndian(block.AsSpan(48));
        var entryCount = BinaryPrimitives.ReadUInt32LittleEndian(block.AsSpan(80));
        return Crc32.Of(block.AsSpan(0, (int)length)) == checksum
            && BinaryPrimitives.ReadUInt64LittleEndian(block.AsSpan(24)) == HeaderBlock
            && firstUsable <= lastUsable && lastUsable <= lastBlock
            && BinaryPrimitives.ReadUInt32LittleEndian(block.AsSpan(84)) == EntryLength
            && entryCount <= MaxTableLength / EntryLength
            ? new Header(BinaryPrimitives.ReadUInt64LittleEndian(block.AsSpan(72)), entryCount, BinaryPrimitives.ReadUInt32LittleEndian(block.AsSpan(88)))
            : null;
    }

    // Section 5.3.3. All entries are read for the checksum; those are kept whose partitions can have a number.
    private static byte[]? ReadTable(IPartitionedDisk disk, Header header, ulong lastBlock)
    {
        var length = (int)header.EntryCount * EntryLength;
        if (header.TableBlock > lastBlock)
        {
            return null;
        }

        var entries = new byte[Math.Min(length, PartitionTable.MaxNumber * EntryLength)];
        var block = new byte[disk.BlockSize];
        var checksum = Crc32.Start;
        var sectorsPerBlock = disk.BlockSize / BlockGeometry.SectorSize;
        for (var offset = 0; offset < length; offset += block.Length)
        {
            if (!disk.TryRead((long)header.TableBlock * sectorsPerBlock + offset / BlockGeometry.SectorSize, block))
            {
                return null;
            }

            var part = block.AsSpan(0, Math.Min(block.Length, length - offset));
            checksum = Crc32.Add(checksum, part);
            if (offset < entries.Length)
            {
                part[..Math.Min(part.Length, entries.Length - offset)].CopyTo(entries.AsSpan(offset));
            }
        }

        return Crc32.End(checksum) == header.TableChecksum ? entries : null;
    }
}
