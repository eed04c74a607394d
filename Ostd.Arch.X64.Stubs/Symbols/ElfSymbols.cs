// SPDX-License-Identifier: MPL-2.0

using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Text;

namespace Ostd.Arch.X64.Stubs.Symbols;

/// <summary>One name of the linked image.</summary>
internal readonly record struct ImageSymbol(ulong Address, string Name);

/// <summary>Reads the symbol table of an ELF64 image (gABI chapter 4).</summary>
internal static class ElfSymbols
{
    private const uint SHT_SYMTAB = 2;
    private const int SymbolSize = 24;

    public static List<ImageSymbol> Read(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        ReadOnlySpan<byte> bytes = file;
        int sectionTable = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes[40..]);
        int entrySize = BinaryPrimitives.ReadUInt16LittleEndian(bytes[58..]);
        int count = BinaryPrimitives.ReadUInt16LittleEndian(bytes[60..]);
        var result = new List<ImageSymbol>();
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> section = bytes.Slice(sectionTable + i * entrySize, entrySize);
            if (BinaryPrimitives.ReadUInt32LittleEndian(section[4..]) != SHT_SYMTAB)
            {
                continue;
            }

            int offset = (int)BinaryPrimitives.ReadUInt64LittleEndian(section[24..]);
            int size = (int)BinaryPrimitives.ReadUInt64LittleEndian(section[32..]);
            int link = (int)BinaryPrimitives.ReadUInt32LittleEndian(section[40..]);
            int strings = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes[(sectionTable + link * entrySize + 24)..]);
            for (int at = offset; at < offset + size; at += SymbolSize)
            {
                int name = strings + (int)BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);
                int end = name + bytes[name..].IndexOf((byte)0);
                result.Add(new ImageSymbol(BinaryPrimitives.ReadUInt64LittleEndian(bytes[(at + 8)..]), Encoding.UTF8.GetString(bytes[name..end])));
            }
        }

        return result;
    }
}
