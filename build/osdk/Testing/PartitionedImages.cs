// SPDX-License-Identifier: MPL-2.0

using System;
using System.Buffers.Binary;
using System.IO;
using System.Text;

namespace Asterion.Osdk.Testing;

/// <summary>Disk images with partition tables, as a partitioning program would make them; each partition begins with its name.</summary>
internal static class PartitionedImages
{
    /// <summary>Size of an image.</summary>
    public const int SizeBytes = 4 << 20;

    private const int BlockSize = 512;
    private const int BlockCount = SizeBytes / BlockSize;
    private const int EntriesLength = 128 * 128;

    /// <summary>Lines of /proc/partitions without the numbers of devices: size in KiB and name.</summary>
    public static string[] LinesOf(string disk, bool isGuid) => isGuid
        ? [$"4096 {disk}", $"512 {disk}1", $"100 {disk}3"]
        : [$"4096 {disk}", $"512 {disk}1", $"1 {disk}2", $"32 {disk}4", $"50 {disk}5", $"25 {disk}6"];

    /// <summary>A master boot record: two primary partitions, and an extended one with two logical ones.</summary>
    public static void WriteMasterBootRecord(string path, string disk)
    {
        byte[] image = new byte[SizeBytes];
        WriteEntry(image, 0, 0, 0x83, 64, 1024);
        WriteEntry(image, 0, 1, 0x05, 2048, 2048);
        WriteEntry(image, 0, 3, 0x82, 8000, 64);
        WriteEntry(image, 2048, 0, 0x83, 63, 100);
        WriteEntry(image, 2048, 1, 0x05, 1024, 1024);
        WriteEntry(image, 3072, 0, 0x83, 63, 50);
        Mark(image, 64, disk + "1");
        Mark(image, 8000, disk + "4");
        Mark(image, 2048 + 63, disk + "5");
        Mark(image, 3072 + 63, disk + "6");
        File.WriteAllBytes(path, image);
    }

    /// <summary>A GUID partition table with two partitions, the second entry unused.</summary>
    public static void WriteGuidTable(string path, string disk)
    {
        byte[] image = new byte[SizeBytes];
        WriteEntry(image, 0, 0, 0xee, 1, BlockCount - 1);
        Span<byte> entries = image.AsSpan(2 * BlockSize, EntriesLength);
        WritePartition(entries, 0, 64, 64 + 1024 - 1);
        WritePartition(entries, 2, 5000, 5000 + 200 - 1);
        entries.CopyTo(image.AsSpan((BlockCount - 33) * BlockSize));
        WriteHeader(image, 1, BlockCount - 1, 2);
        WriteHeader(image, BlockCount - 1, 1, BlockCount - 33);
        Mark(image, 64, disk + "1");
        Mark(image, 5000, disk + "3");
        File.WriteAllBytes(path, image);
    }

    private static void Mark(byte[] image, int block, string name) => Encoding.ASCII.GetBytes(name).CopyTo(image, block * BlockSize);

    private static void WriteEntry(byte[] image, int block, int index, byte type, uint start, uint count)
    {
        Span<byte> sector = image.AsSpan(block * BlockSize, BlockSize);
        Span<byte> entry = sector.Slice(446 + (index * 16), 16);
        entry[4] = type;
        BinaryPrimitives.WriteUInt32LittleEndian(entry[8..], start);
        BinaryPrimitives.WriteUInt32LittleEndian(entry[12..], count);
        sector[510] = 0x55;
        sector[511] = 0xaa;
    }

    // UEFI specification 2.10, section 5.3.3. The type is that of Linux's file systems.
    private static void WritePartition(Span<byte> entries, int index, ulong first, ulong last)
    {
        Span<byte> entry = entries.Slice(index * 128, 128);
        new Guid("0fc63daf-8483-4772-8e79-3d69d8477de4").TryWriteBytes(entry);
        new Guid(index + 1, 0, 0, [1, 2, 3, 4, 5, 6, 7, 8]).TryWriteBytes(entry[16..]);
        BinaryPrimitives.WriteUInt64LittleEndian(entry[32..], first);
        BinaryPrimitives.WriteUInt64LittleEndian(entry[40..], last);
    }

    // Section 5.3.2.
    private static void WriteHeader(byte[] image, int block, int other, int entries)
    {
        Span<byte> header = image.AsSpan(block * BlockSize, 92);
        "EFI PART"u8.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], 0x1_0000);
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], header.Length);
        BinaryPrimitives.WriteInt64LittleEndian(header[24..], block);
        BinaryPrimitives.WriteInt64LittleEndian(header[32..], other);
        BinaryPrimitives.WriteInt64LittleEndian(header[40..], 34);
        BinaryPrimitives.WriteInt64LittleEndian(header[48..], BlockCount - 34);
        BinaryPrimitives.WriteInt64LittleEndian(header[72..], entries);
        BinaryPrimitives.WriteInt32LittleEndian(header[80..], 128);
        BinaryPrimitives.WriteInt32LittleEndian(header[84..], 128);
        BinaryPrimitives.WriteUInt32LittleEndian(header[88..], ChecksumOf(image.AsSpan(entries * BlockSize, EntriesLength)));
        BinaryPrimitives.WriteUInt32LittleEndian(header[16..], ChecksumOf(header));
    }

    // CRC-32 (section 5.2), with a table of the 256 remainders.
    private static uint ChecksumOf(ReadOnlySpan<byte> bytes)
    {
        Span<uint> remainders = stackalloc uint[256];
        for (uint value = 0; value < 256; value++)
        {
            uint remainder = value;
            for (int bit = 0; bit < 8; bit++)
            {
                remainder = (remainder & 1) != 0 ? (remainder >> 1) ^ 0xedb8_8320 : remainder >> 1;
            }
            remainders[(int)value] = remainder;
        }
        uint checksum = uint.MaxValue;
        foreach (byte value in bytes)
        {
            checksum = remainders[(int)((checksum ^ value) & 0xff)] ^ (checksum >> 8);
        }
        return ~checksum;
    }
}
