// SPDX-License-Identifier: MPL-2.0

using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;

namespace Ostd.Arch.X64.Stubs.Symbols;

/// <summary>Makes the table by which the kernel finds the source line of an address.</summary>
/// <remarks>
/// Layout, all little-endian, places counted from the table's start: number of groups, number of files (4 bytes each); for each group of 64 rows the low 4 bytes of its first row's address, then for each the
/// place of its rows, 4 bytes; for each file the place of its name, 4 bytes; the names, a length byte before each; the rows. A row holds until the next. A group's first row is its file (0 for none) and
/// line; each further row is the distance from the one before in bytes, then the distance in lines, zigzag-coded, times two, plus one if the file changes, which then follows. All these are numbers with
/// seven bits to a byte, as DWARF's ULEB128. A last distance beyond all addresses ends the table. Ostd.Runtime reads it (Image/LineTable.cs).
/// </remarks>
internal static class LineTableBuilder
{
    private const int GroupSize = 64;
    private const int LongestName = 90;
    private const string SourceRoot = "/_/";

    /// <summary>Lays the table out.</summary>
    public static byte[] Build(IEnumerable<SourceLine> lines)
    {
        List<SourceLine> rows = Normalize(lines);
        List<string> files = [.. rows.Select(row => row.File).Where(file => file.Length > 0).Distinct().Order(StringComparer.Ordinal)];
        Dictionary<string, int> indices = files.Select((file, index) => (file, index)).ToDictionary(pair => pair.file, pair => pair.index + 1, StringComparer.Ordinal);
        indices[""] = 0;

        var data = new List<byte>();
        var groups = new List<(ulong Address, int Place)>();
        for (int i = 0; i < rows.Count; i++)
        {
            int file = indices[rows[i].File];
            if (i % GroupSize == 0)
            {
                groups.Add((rows[i].Address, data.Count));
                WriteNumber(data, (ulong)file);
                WriteNumber(data, (ulong)rows[i].Line);
                continue;
            }

            int distance = rows[i].Line - rows[i - 1].Line;
            bool changesFile = rows[i].File != rows[i - 1].File;
            WriteNumber(data, rows[i].Address - rows[i - 1].Address);
            WriteNumber(data, ((ulong)(uint)((distance << 1) ^ (distance >> 31)) << 1) | (changesFile ? 1u : 0u));
            if (changesFile)
            {
                WriteNumber(data, (ulong)file);
            }
        }

        WriteNumber(data, uint.MaxValue); // ends the last group

        var names = new List<byte>();
        int namesStart = 8 + groups.Count * 8 + files.Count * 4;
        using var table = new MemoryStream();
        WriteInt32(table, groups.Count);
        WriteInt32(table, files.Count);
        groups.ForEach(group => WriteInt32(table, unchecked((int)group.Address)));
        int rowsStart = namesStart + files.Sum(file => 1 + Encoding.ASCII.GetByteCount(file));
        groups.ForEach(group => WriteInt32(table, rowsStart + group.Place));
        foreach (string file in files)
        {
            WriteInt32(table, namesStart + names.Count);
            names.Add((byte)file.Length);
            names.AddRange(Encoding.ASCII.GetBytes(file));
        }

        table.Write([.. names]);
        table.Write([.. data]);
        return table.ToArray();
    }

    // By address; of several rows at one address the last holds; a row that repeats the one before says nothing.
    private static List<SourceLine> Normalize(IEnumerable<SourceLine> lines)
    {
        var result = new List<SourceLine>();
        foreach (SourceLine line in lines.Select(line => line with { File = Shorten(line.File) }).OrderBy(line => line.Address).ThenBy(line => line.File.Length > 0))
        {
            if (result.Count > 0 && result[^1].Address == line.Address)
            {
                result.RemoveAt(result.Count - 1);
            }

            if (result.Count == 0 || result[^1].File != line.File || result[^1].Line != line.Line)
            {
                result.Add(line);
            }
        }

        return result;
    }

    // Sources are mapped to one root, whatever folder the build ran in; generated ones lie deep in folders that say nothing.
    private static string Shorten(string file)
    {
        string name = file.StartsWith(SourceRoot, StringComparison.Ordinal) ? file[SourceRoot.Length..] : file;
        int generated = name.IndexOf("/obj/", StringComparison.Ordinal);
        if (generated >= 0)
        {
            name = name[..(generated + 5)] + Path.GetFileName(name);
        }

        return name.Length <= LongestName ? name : name[^LongestName..];
    }

    private static void WriteInt32(Stream stream, int value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        stream.Write(bytes);
    }

    private static void WriteNumber(List<byte> data, ulong value)
    {
        while (value >= 0x80)
        {
            data.Add((byte)(value | 0x80));
            value >>= 7;
        }

        data.Add((byte)value);
    }
}
