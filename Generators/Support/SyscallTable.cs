// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;

namespace Asterion.Generators.Support;

/// <summary>The system call numbers of an architecture, read from the embedded tables.</summary>
internal sealed class SyscallTable
{
    private static readonly Lazy<SyscallTable> s_x64 = new(() => Load("syscalls-x86_64.txt", "x64"));
    private static readonly Lazy<SyscallTable> s_riscv64 = new(() => Load("syscalls-generic.txt", "riscv64"));
    private static readonly Lazy<SyscallTable> s_loongarch64 = new(() => Load("syscalls-generic.txt", "loongarch64"));

    private readonly Dictionary<string, int> _numbers = [];
    private readonly List<(int Number, string Name)> _entries = [];

    /// <summary>Number and name, by number.</summary>
    public IReadOnlyList<(int Number, string Name)> Entries => _entries;

    public static SyscallTable For(string architecture) => architecture switch
    {
        "riscv64" => s_riscv64.Value,
        "loongarch64" => s_loongarch64.Value,
        _ => s_x64.Value,
    };

    /// <summary>Whether any architecture has a system call of this name.</summary>
    public static bool IsKnown(string name)
        => s_x64.Value._numbers.ContainsKey(name) || s_riscv64.Value._numbers.ContainsKey(name) || s_loongarch64.Value._numbers.ContainsKey(name);

    public bool TryGetNumber(string name, out int number) => _numbers.TryGetValue(name, out number);

    private static SyscallTable Load(string resource, string architecture)
    {
        var table = new SyscallTable();
        using var stream = typeof(SyscallTable).Assembly.GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"The table {resource} is not embedded.");
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length == 0 || line[0] == '#')
                continue;
            var columns = line.Split(' ');
            if (columns.Length > 2 && columns[2] != architecture)
                continue;
            var number = int.Parse(columns[0], CultureInfo.InvariantCulture);
            table._numbers.Add(columns[1], number);
            table._entries.Add((number, columns[1]));
        }

        table._entries.Sort((left, right) => left.Number.CompareTo(right.Number));
        return table;
    }
}
