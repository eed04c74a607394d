// SPDX-License-Identifier: MPL-2.0

using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Text;

namespace Ostd.Arch.X64.Stubs.Symbols;

/// <summary>From an address on, code belongs to this line; to none when the file is empty.</summary>
internal readonly record struct SourceLine(ulong Address, string File, int Line);

/// <summary>Reads the line number programs of <c>.debug_line</c> (DWARF 4, section 6.2), which is the version that ilc writes.</summary>
internal static class DwarfLines
{
    private const int SupportedVersion = 4;

    /// <summary>All rows of all programs, in the order of the section.</summary>
    public static List<SourceLine> Read(ReadOnlySpan<byte> section)
    {
        var rows = new List<SourceLine>();
        while (section.Length > 4)
        {
            int length = (int)BinaryPrimitives.ReadUInt32LittleEndian(section);
            ReadUnit(section.Slice(4, length), rows);
            section = section[(4 + length)..];
        }

        return rows;
    }

    private static void ReadUnit(ReadOnlySpan<byte> unit, List<SourceLine> rows)
    {
        var reader = new Reader(unit);
        int version = reader.UInt16();
        if (version != SupportedVersion)
        {
            throw new InvalidDataException($".debug_line has version {version}");
        }

        int programStart = (int)reader.UInt32() + reader.Position;
        int instructionLength = reader.Byte();
        reader.Byte(); // operations per instruction: 1, as there is no VLIW
        reader.Byte(); // default_is_stmt
        int lineBase = (sbyte)reader.Byte();
        int lineRange = reader.Byte();
        int opcodeBase = reader.Byte();
        byte[] operandCounts = new byte[opcodeBase];
        for (int i = 1; i < opcodeBase; i++)
        {
            operandCounts[i] = reader.Byte();
        }

        List<string> files = ReadFiles(ref reader);
        reader.Position = programStart;
        ulong address = 0;
        int file = 1;
        int line = 1;
        while (reader.Position < unit.Length)
        {
            int opcode = reader.Byte();
            if (opcode >= opcodeBase)
            {
                address += (ulong)((opcode - opcodeBase) / lineRange * instructionLength);
                line += lineBase + (opcode - opcodeBase) % lineRange;
                rows.Add(new SourceLine(address, files[file], line));
                continue;
            }

            switch (opcode)
            {
                case 0:
                    int length = (int)reader.Unsigned();
                    int next = reader.Position + length;
                    switch (reader.Byte())
                    {
                        case 1: // DW_LNE_end_sequence
                            rows.Add(new SourceLine(address, "", 0));
                            (address, file, line) = (0, 1, 1);
                            break;
                        case 2: // DW_LNE_set_address
                            address = reader.UInt64();
                            break;
                        default:
                            break; // without an effect on address, file and line
                    }

                    reader.Position = next;
                    break;
                case 1: // DW_LNS_copy
                    rows.Add(new SourceLine(address, files[file], line));
                    break;
                case 2: // DW_LNS_advance_pc
                    address += reader.Unsigned() * (ulong)instructionLength;
                    break;
                case 3: // DW_LNS_advance_line
                    line += (int)reader.Signed();
                    break;
                case 4: // DW_LNS_set_file
                    file = (int)reader.Unsigned();
                    break;
                case 8: // DW_LNS_const_add_pc
                    address += (ulong)((255 - opcodeBase) / lineRange * instructionLength);
                    break;
                case 9: // DW_LNS_fixed_advance_pc
                    address += (ulong)reader.UInt16();
                    break;
                default:
                    for (int i = 0; i < operandCounts[opcode]; i++)
                    {
                        reader.Unsigned();
                    }

                    break;
            }
        }
    }

    // Files count from 1; their folders too, where 0 is the folder of the compilation.
    private static List<string> ReadFiles(ref Reader reader)
    {
        var folders = new List<string> { "" };
        while (reader.String() is { Length: > 0 } folder)
        {
            folders.Add(folder + "/");
        }

        var files = new List<string> { "" };
        while (reader.String() is { Length: > 0 } name)
        {
            files.Add(folders[(int)reader.Unsigned()] + name);
            reader.Unsigned(); // time of the last change
            reader.Unsigned(); // size
        }

        return files;
    }

    private ref struct Reader(ReadOnlySpan<byte> bytes)
    {
        private readonly ReadOnlySpan<byte> _bytes = bytes;

        public int Position;

        public byte Byte() => _bytes[Position++];

        public int UInt16()
        {
            Position += 2;
            return BinaryPrimitives.ReadUInt16LittleEndian(_bytes[(Position - 2)..]);
        }

        public uint UInt32()
        {
            Position += 4;
            return BinaryPrimitives.ReadUInt32LittleEndian(_bytes[(Position - 4)..]);
        }

        public ulong UInt64()
        {
            Position += 8;
            return BinaryPrimitives.ReadUInt64LittleEndian(_bytes[(Position - 8)..]);
        }

        public string String()
        {
            int length = _bytes[Position..].IndexOf((byte)0);
            string text = Encoding.UTF8.GetString(_bytes.Slice(Position, length));
            Position += length + 1;
            return text;
        }

        public ulong Unsigned()
        {
            ulong value = 0;
            int shift = 0;
            byte current;
            do
            {
                current = Byte();
                value |= (ulong)(current & 0x7f) << shift;
                shift += 7;
            }
            while ((current & 0x80) != 0);
            return value;
        }

        public long Signed()
        {
            long value = 0;
            int shift = 0;
            byte current;
            do
            {
                current = Byte();
                value |= (long)(current & 0x7f) << shift;
                shift += 7;
            }
            while ((current & 0x80) != 0);
            return shift < 64 && (current & 0x40) != 0 ? value | (-1L << shift) : value;
        }
    }
}
