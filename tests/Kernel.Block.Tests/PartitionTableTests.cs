// SPDX-License-Identifier: MPL-2.0
using System;
using System.Linq;
using Kernel.Block.Partitions;
using Xunit;

namespace Kernel.Block.Tests;

/// <summary>Partition tables, good and damaged. What is expected of good ones is what Linux 6.1 makes of the same bytes.</summary>
public sealed class PartitionTableTests
{
    private const int Blocks = 4096;
    private const byte Linux = 0x83;
    private const byte Extended = 0x05;

    [Fact]
    public void Checksum_IsThatOfEthernet() => Assert.Equal(0xcbf4_3926u, Crc32.Of("123456789"u8));

    [Fact]
    public void EmptyDisk_HasNone()
    {
        Assert.Empty(PartitionTable.Read(new DiskImage(Blocks)));
        Assert.Empty(PartitionTable.Read(new DiskImage(0)));
        Assert.Empty(PartitionTable.Read(new DiskImage(1)));
    }

    [Fact]
    public void PrimaryPartitions_KeepTheNumbersOfTheirEntries()
        => Expect(new DiskImage(Blocks).Entry(0, 0, Linux, 64, 100, 0x80).Entry(0, 2, 0x82, 200, 50).Entry(0, 3, 0, 300, 1), (1, 64, 100), (3, 200, 50), (4, 300, 1));

    [Fact]
    public void LogicalPartitions_AreNumberedFrom5_AndTheExtendedOneHasRoomForALoaderOnly()
        => Expect(
            new DiskImage(Blocks).Entry(0, 0, Linux, 64, 100).Entry(0, 1, Extended, 1000, 3000).Entry(0, 2, Linux, 200, 10)
                .Entry(1000, 0, Linux, 10, 90).Entry(1000, 1, Extended, 500, 1000)
                .Entry(1500, 0, Linux, 20, 80).Entry(1500, 1, 0x0f, 2000, 1000)
                .Entry(3000, 0, Linux, 30, 70),
            (1, 64, 100), (2, 1000, 2), (3, 200, 10), (5, 1010, 90), (6, 1520, 80), (7, 3030, 70));

    [Fact]
    public void LastEntriesOfALink_CountIfTheyLieInIt()
        => Expect(
            new DiskImage(Blocks).Entry(0, 0, 0x85, 1000, 1000)
                .Entry(1000, 2, Linux, 10, 90).Entry(1000, 3, Linux, 10, 1000),
            (1, 1000, 2), (5, 1010, 90));

    [Fact]
    public void ChainThatLeadsBack_Ends()
    {
        var empty = new DiskImage(Blocks).Entry(0, 0, Extended, 1000, 3000).Entry(1000, 1, Extended, 0, 100);
        Expect(empty, (1, 1000, 2));
        Assert.InRange(empty.Reads, 1, 110);
        var full = new DiskImage(Blocks).Entry(0, 0, Extended, 1000, 3000).Entry(1000, 0, Linux, 10, 10).Entry(1000, 1, Extended, 0, 100);
        Assert.Equal([1, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15], PartitionTable.Read(full).Select(static p => p.Number));
    }

    [Fact]
    public void PartitionsBeyondTheEnd_AreLeftOutOrCutOff()
        => Expect(
            new DiskImage(Blocks).Entry(0, 0, Linux, Blocks - 10, 100).Entry(0, 1, Linux, Blocks, 1).Entry(0, 2, Linux, uint.MaxValue, uint.MaxValue).Entry(0, 3, Linux, 1, uint.MaxValue),
            (1, Blocks - 10, 10), (4, 1, Blocks - 1));

    [Fact]
    public void BootSectorOfAFileSystem_IsNoTable()
    {
        Assert.Empty(PartitionTable.Read(new DiskImage(Blocks).Entry(0, 0, Linux, 64, 100).Entry(0, 1, Linux, 300, 100, 0x7f)));
        var unsigned = new DiskImage(Blocks).Entry(0, 0, Linux, 64, 100);
        unsigned.Bytes[511] = 0;
        Assert.Empty(PartitionTable.Read(unsigned));
    }

    [Fact]
    public void GuidTable_SkipsUnusedEntries_AndWhatLeavesTheDisk()
        => Expect(
            new DiskImage(Blocks).Guid((64, 163), null, (200, 200), (300, 299), (400, Blocks), (Blocks, Blocks), (500, Blocks - 1), (ulong.MaxValue, ulong.MaxValue)),
            (1, 64, 100), (3, 200, 1), (7, 500, Blocks - 500));

    [Fact]
    public void GuidTable_GoesBeforeOtherEntriesOfTheMasterBootRecord()
        => Expect(new DiskImage(Blocks).Guid((64, 163)).Entry(0, 1, Linux, 1000, 10), (1, 64, 100));

    [Fact]
    public void LargeBlocks_AreCountedInUnitsOf512Bytes()
    {
        Expect(new DiskImage(Blocks, 4096).Guid((64, 163)), (1, 64 * 8, 100 * 8));
        Expect(
            new DiskImage(Blocks, 4096).Entry(0, 0, Linux, 64, 100).Entry(0, 1, Extended, 1000, 3000).Entry(1000, 0, Linux, 10, 90),
            (1, 64 * 8, 100 * 8), (2, 1000 * 8, 8), (5, 1010 * 8, 90 * 8));
    }

    // The master boot record of such a disk says nothing but that there is a GUID partition table.
    [Theory]
    [InlineData(0, 'X', false)]
    [InlineData(12, 91, true)]
    [InlineData(13, 3, true)]
    [InlineData(16, 1, false)]
    [InlineData(24, 2, true)]
    [InlineData(41, 0x20, true)]
    [InlineData(49, 0x20, true)]
    [InlineData(72, 1, true)]
    [InlineData(79, 0x80, true)]
    [InlineData(82, 1, true)]
    [InlineData(84, 64, true)]
    [InlineData(88, 0, true)]
    public void DamagedGuidTable_HasNone(int offset, byte value, bool isSealed)
    {
        var disk = new DiskImage(Blocks).Guid((64, 163));
        var before = disk.Header[offset];
        disk.Header[offset] = before == value ? (byte)~value : value;
        if (isSealed)
        {
            disk.Seal();
        }

        Assert.Empty(PartitionTable.Read(disk));
    }

    [Fact]
    public void GuidTable_WithADamagedEntryOrWithoutProtection_HasNone()
    {
        var damaged = new DiskImage(Blocks).Guid((64, 163));
        damaged.Bytes[2 * 512 + 127 * 128] = 1;
        Assert.Empty(PartitionTable.Read(damaged));
        Assert.Empty(PartitionTable.Read(new DiskImage(Blocks).Guid((64, 163)).Entry(0, 0, 0xee, 2, 100)));
        var bare = new DiskImage(Blocks).Guid((64, 163));
        bare.Bytes.AsSpan(0, 512).Clear();
        Assert.Empty(PartitionTable.Read(bare));
    }

    [Fact]
    public void AnyTable_GivesPartitionsWithinTheDisk()
    {
        var random = new Random(20260101);
        var found = 0;
        for (var round = 0; round < 2_000; round++)
        {
            var disk = new DiskImage(128, random.Next(2) == 0 ? 512 : 4096);
            if (random.Next(2) == 0)
            {
                disk.Guid([.. Enumerable.Range(0, 20).Select(_ => ((ulong, ulong)?)((ulong)random.NextInt64(200), (ulong)random.NextInt64(200)))]);
                disk.Header[random.Next(92)] ^= (byte)random.Next(4);
                disk.Seal();
            }
            else
            {
                for (var i = 0; i < 8; i++)
                {
                    disk.Entry(i < 4 ? 0 : random.Next(128), i & 3, random.Next(2) == 0 ? Extended : Linux, (uint)random.Next(130), random.Next(8) == 0 ? uint.MaxValue : (uint)random.Next(130));
                }
            }

            var partitions = PartitionTable.Read(disk);
            found += partitions.Length;
            Assert.All(partitions, p => Assert.True(p.Number is >= 1 and <= 15 && p.StartSector >= 0 && p.SectorCount > 0 && p.SectorCount <= disk.SectorCount - p.StartSector));
            Assert.All(partitions, p => Assert.Equal(0, (p.StartSector | p.SectorCount) % (disk.BlockSize / 512)));
            Assert.Equal(partitions.Select(static p => p.Number).Distinct().Order(), partitions.Select(static p => p.Number));
        }

        Assert.True(found > 1_000);
    }

    private static void Expect(DiskImage disk, params (int Number, long Start, long Count)[] expected)
        => Assert.Equal(expected, PartitionTable.Read(disk).Select(static p => (p.Number, p.StartSector, p.SectorCount)));
}
