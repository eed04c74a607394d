// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

namespace Asterion.Osdk.Audit;

/// <summary>
/// The stubs that may hold sensitive instructions, and of which kinds: <c>symbol[/bits]: kind kind ...</c>, one a line. A
/// symbol that ends in <c>*</c> stands for all that begin so; code in 16- or 32-bit mode says so.
/// </summary>
internal sealed class StubList
{
    private readonly Dictionary<string, string[]> _kinds = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _bits = new(StringComparer.Ordinal);

    /// <summary>All entries.</summary>
    public IReadOnlyDictionary<string, string[]> Entries => _kinds;

    /// <summary>Reads the list of an architecture.</summary>
    public static StubList Read(string path)
    {
        var list = new StubList();
        foreach ((int index, string line) in File.ReadLines(path).Index())
        {
            string text = line.Split('#')[0].Trim();
            if (text.Length == 0)
            {
                continue;
            }
            string[] parts = text.Split(':');
            string[] name = parts[0].Split('/');
            int bits = 64;
            if (parts.Length != 2 || name.Length > 2 || (name.Length == 2 && !int.TryParse(name[1], CultureInfo.InvariantCulture, out bits)) || bits is not (16 or 32 or 64))
            {
                throw new OsdkException($"{path}:{index + 1}: expected \"symbol[/16|/32]: kind kind ...\"");
            }
            if (!list._kinds.TryAdd(name[0], parts[1].Split(' ', StringSplitOptions.RemoveEmptyEntries)))
            {
                throw new OsdkException($"{path}:{index + 1}: {name[0]} is listed twice");
            }
            list._bits[name[0]] = bits;
        }
        return list;
    }

    /// <summary>Whether the stub may hold the instruction.</summary>
    public bool Allows(SensitiveInstruction instruction) => EntryOf(instruction) is { } entry && _kinds[entry].Contains(instruction.Kind);

    /// <summary>The entry that speaks of the instruction's symbol, or null.</summary>
    public string? EntryOf(SensitiveInstruction instruction) => instruction.Symbols.Select(EntryOf).FirstOrDefault(entry => entry is not null);

    /// <summary>The mode that code of these names runs in.</summary>
    public int BitsOf(IReadOnlyList<string> names) => names.Select(n => EntryOf(n) is { } entry ? _bits[entry] : 64).DefaultIfEmpty(64).Min();

    private string? EntryOf(string symbol) => _kinds.ContainsKey(symbol) ? symbol
        : _kinds.Keys.FirstOrDefault(k => k.EndsWith('*') && symbol.StartsWith(k[..^1], StringComparison.Ordinal));
}
