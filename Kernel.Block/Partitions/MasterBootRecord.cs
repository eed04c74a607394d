// SPDX-License-Identifier: MPL-2.0
using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using Kernel.Abstractions.Block;

namespace Kernel.Block.Partitions;

/// <summary>
/// The partition table of the PC's first sector: four primary partitions, of which extended ones hold a chain of logical ones, numbered from 5. There is no standard; this reads what Linux reads
/// (block/partitions/msdos.c). The table within a partition of the BSDs and of Minix is not looked at.
/// </summary>
internal static class MasterBootRecord
{
    /// <summary>The type of a partition that only says that there is a GUID partition table.</summary>
    public const byte ProtectiveType = 0xee;

    private const int TableOffset = 446;
    private const int EntryLength = 16;
    private const int EntryCount = 4;
    private const int SignatureOffset = 510;
    private const ushort Signature = 0xaa55;
    private const int FirstLogical = 5;

    // Links of a chain that may follow each other without a partition, as in Linux.
    private const int MaxEmptyLinks = 100;

    /// <summary>An entry, in blocks of the disk.</summary>
    public readonly record struct Entry(byte Flag, byte Type, uint Start, uint Count)
    {
        // DOS, DOS with LBA, and Linux's own.
        public bool IsExtended => Type is 0x05 or 0x0f or 0x85;
    }

    /// <summary>Reads one sector's table.</summary>
    /// <returns>Null when there is none.</returns>
    public static Entry[]? ReadEntries(IPartitionedDisk disk, long sector)
    {
        Span<byte> bytes = stackalloc byte[BlockGeometry.SectorSize];
        if (!disk.TryRead(sector, bytes) || BinaryPrimitives.ReadUInt16LittleEndian(bytes[SignatureOffset..]) != Signature)
        {
            return null;
        }

        var entries = new Entry[EntryCount];
        for (var i = 0; i < EntryCount; i++)
        {
            var entry = bytes.Slice(TableOffset + i * EntryLength, EntryLength);
            entries[i] = new Entry(entry[0], entry[4], BinaryPrimitives.ReadUInt32LittleEndian(entry[8..]), BinaryPrimitives.ReadUInt32LittleEndian(entry[12..]));
        }

        return entries;
    }

    /// <summary>Adds the partitions of the disk.</summary>
    public static void Read(IPartitionedDisk disk, List<Partition> found)
    {
        // Boot sectors of file systems have the same signature; their code is hardly 0 or 0x80 in all of these places.
        if (ReadEntries(disk, 0) is not { } entries
            || Array.Exists(entries, static entry => entry.Flag is not (0 or 0x80))
            || Array.Exists(entries, static entry => entry.Type == ProtectiveType))
        {
            return;
        }

        var sectorsPerBlock = disk.BlockSize / BlockGeometry.SectorSize;
        var next = FirstLogical;
        for (var i = 0; i < EntryCount; i++)
        {
            var start = (long)entries[i].Start * sectorsPerBlock;
            var count = (long)entries[i].Count * sectorsPerBlock;
            if (count == 0)
            {
                continue;
            }

            if (entries[i].IsExtended)
            {
                // A file system or swap space made on it would destroy the chain: there is room for a boot loader only.
                found.Add(new Partition(i + 1, start, Math.Min(count, Math.Max(sectorsPerBlock, 2))));
                ReadChain(disk, start, count, found, ref next);
            }
            else
            {
                found.Add(new Partition(i + 1, start, count));
            }
        }
    }

    // Each link has its own partitions, counted from where it stands, and the place of the next link, counted from the first one.
    private static void ReadChain(IPartitionedDisk disk, long firstSector, long firstCount, List<Partition> found, ref int next)
    {
        var sectorsPerBlock = disk.BlockSize / BlockGeometry.SectorSize;
        var (sector, size) = (firstSector, firstCount);
        for (var links = 0; links < MaxEmptyLinks && next <= PartitionTable.MaxNumber && ReadEntries(disk, sector) is { } entries; links++)
        {
            for (var i = 0; i < EntryCount; i++)
            {
                var offset = (long)entries[i].Start * sectorsPerBlock;
                var count = (long)entries[i].Count * sectorsPerBlock;
                var start = sector + offset;

                // The last two are unused by most, and hold anything.
                if (count == 0 || entries[i].IsExtended
                    || (i >= 2 && (offset + count > size || start < firstSector || start + count > firstSector + firstCount)))
                {
                    continue;
                }

                found.Add(new Partition(next, start, count));
                links = 0;
                if (next++ == PartitionTable.MaxNumber)
                {
                    return;
                }
            }

            var link = Array.FindIndex(entries, static entry => entry.Count != 0 && entry.IsExtended);
            if (link < 0)
            {
                return;
            }

            sector = firstSector + (long)entries[link].Start * sectorsPerBlock;
            size = (long)entries[link].Count * sectorsPerBlock;
        }
    }
}
