// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;
using Ostd.Arch.X64.Stubs.Assembly;

namespace Ostd.Arch.X64.Stubs.Symbols;

/// <summary>
/// Makes the table by which the kernel names addresses in a backtrace and the type of an unhandled exception: methods, stubs and method tables.
/// </summary>
/// <remarks>
/// Layout, all little-endian: count, number of groups, and the place of the table of lines (LineTableBuilder), counted from here (4 bytes each); the symbols' addresses, ascending, their low 4 bytes; for each group of 16 symbols the
/// place of its names, 4 bytes; the names. A name is the number of bytes it shares with the one before (0 in a group's first), the number of further bytes, and
/// these. Ostd.Runtime reads it (Image/SymbolTable.cs). The section stands behind all code and data, so its size moves none of the addresses in it.
/// </remarks>
internal static partial class SymbolTableBuilder
{
    private const int GroupSize = 16;
    private const int LongestName = 120;
    private const string TypePrefix = "_ZTV";

    public static void Build(List<ImageSymbol> symbols, byte[] lines, StubObject o)
    {
        ulong textStart = symbols.Single(s => s.Name == "__text_start").Address;
        ulong textEnd = symbols.Single(s => s.Name == "__text_end").Address;
        // Assemblers' own labels and marks (".L...", "$x") name no function.
        List<ImageSymbol> chosen = [.. symbols
            .Where(s => s.Name.Length > 0 && !s.Name.StartsWith(".L", StringComparison.Ordinal) && s.Name[0] != '$' && (s.Name.StartsWith(TypePrefix, StringComparison.Ordinal) || (s.Address >= textStart && s.Address < textEnd)))
            .Select(s => s with { Name = Shorten(s.Name) })
            .OrderBy(s => s.Address)
            .ThenBy(s => s.Name.Length)
            .DistinctBy(s => s.Address)];

        // Sections end where no symbol does: the last address closes the table.
        var names = new List<byte>();
        var groups = new List<int>();
        byte[] previous = [];
        for (int i = 0; i < chosen.Count; i++)
        {
            byte[] name = Encoding.ASCII.GetBytes(chosen[i].Name);
            int shared = 0;
            if (i % GroupSize == 0)
            {
                groups.Add(names.Count);
            }
            else
            {
                shared = previous.AsSpan().CommonPrefixLength(name);
            }

            names.Add((byte)shared);
            names.Add((byte)(name.Length - shared));
            names.AddRange(name.AsSpan(shared));
            previous = name;
        }

        DataBlock table = o.Data(".kernel_symbols.rodata", 16).Export("kernel_symbol_table");
        const int headerSize = 12;
        int linesPlace = (headerSize + chosen.Count * 4 + groups.Count * 4 + names.Count + 3) & ~3;
        table.Int32(chosen.Count).Int32(groups.Count).Int32(linesPlace);
        foreach (ImageSymbol symbol in chosen)
        {
            table.Int32(unchecked((uint)symbol.Address));
        }

        foreach (int group in groups)
        {
            table.Int32(group);
        }

        table.Bytes([.. names]).Align(4).Bytes(lines);
    }

    // The mangled names begin with the assembly, whose name most namespaces repeat (Ostd.Core's are Ostd.Something); generic ones grow without bound.
    private static string Shorten(string name)
    {
        if (name.StartsWith(TypePrefix, StringComparison.Ordinal))
        {
            name = "type " + name[TypePrefix.Length..].TrimStart('0', '1', '2', '3', '4', '5', '6', '7', '8', '9');
        }

        name = RepeatedAssembly().Replace(name, "$1$2");
        name = name.Replace("S_P_CoreLib_", "", StringComparison.Ordinal).Replace("<", "[", StringComparison.Ordinal).Replace(">", "]", StringComparison.Ordinal);
        return name.Length <= LongestName ? name : name[..LongestName];
    }

    [GeneratedRegex(@"^(type )?((?:[A-Za-z0-9]+_)+)\2(?=[A-Z_])|^(type )?Ostd_(?:Core|Arch)_(?=Ostd_)")]
    private static partial Regex RepeatedAssembly();
}
