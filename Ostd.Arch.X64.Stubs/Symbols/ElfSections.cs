// SPDX-License-Identifier: MPL-2.0

using System;
using System.Buffers.Binary;
using System.Text;

namespace Ostd.Arch.X64.Stubs.Symbols;

/// <summary>Finds the sections of an ELF64 image by name (gABI chapter 4).</summary>
internal static class ElfSections
{
    /// <summary>A section's contents; empty when there is none of the name.</summary>
    public static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> file, string name)
    {
        int table = (int)BinaryPrimitives.ReadUInt64LittleEndian(file[40..]);
        int entrySize = BinaryPrimitives.ReadUInt16LittleEndian(file[58..]);
        int count = BinaryPrimitives.ReadUInt16LittleEndian(file[60..]);
        int namesIndex = BinaryPrimitives.ReadUInt16LittleEndian(file[62..]);
        ReadOnlySpan<byte> names = Contents(file, file.Slice(table + namesIndex * entrySize, entrySize));
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> header = file.Slice(table + i * entrySize, entrySize);
            ReadOnlySpan<byte> own = names[(int)BinaryPrimitives.ReadUInt32LittleEndian(header)..];
            if (Encoding.UTF8.GetString(own[..own.IndexOf((byte)0)]) == name)
            {
                return Contents(file, header);
            }
        }

        return default;
    }

    private static ReadOnlySpan<byte> Contents(ReadOnlySpan<byte> file, ReadOnlySpan<byte> header) =>
        file.Slice((int)BinaryPrimitives.ReadUInt64LittleEndian(header[24..]), (int)BinaryPrimitives.ReadUInt64LittleEndian(header[32..]));
}
