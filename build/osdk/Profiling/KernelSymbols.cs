// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Asterion.Osdk.Audit;

namespace Asterion.Osdk.Profiling;

/// <summary>Names of the kernel's methods and stubs, by address.</summary>
internal sealed class KernelSymbols
{
    private readonly ExecutableImage _image;
    private readonly string[] _assemblies;
    private readonly Dictionary<ulong, string> _names = [];

    /// <summary>Reads the symbols beside a kernel.</summary>
    public KernelSymbols(string kernel)
    {
        _image = ExecutableImage.Read(Path.ChangeExtension(kernel, ".debug.elf"));
        Start = _image.Code.Min(range => range.Address);
        End = _image.Code.Max(range => range.Address + (ulong)range.Bytes.Length);
        // The compiler puts an assembly's name, with its dots as underscores, before that of the type. The longest match decides.
        _assemblies =
        [
            .. Directory.GetDirectories(Repository.Root).Concat(Directory.GetDirectories(Repository.File("tests"))).Select(folder => Path.GetFileName(folder).Replace('.', '_'))
                .Append("Ostd_Arch").OrderByDescending(name => name.Length),
        ];
    }

    /// <summary>First address of code.</summary>
    public ulong Start { get; }

    /// <summary>Behind the last address of code.</summary>
    public ulong End { get; }

    /// <summary>The name of what stands at an address.</summary>
    public string NameOf(ulong address)
    {
        if (!_names.TryGetValue(address, out string? name))
        {
            // Folded methods have several names, of which none is better than another; the first of the sorted ones is at least always the same.
            name = _image.NamesOf(address).Order(StringComparer.Ordinal).FirstOrDefault() is { } symbol ? Shorten(symbol) : "[unknown]";
            _names.Add(address, name);
        }
        return name;
    }

    // "Kernel_Fs_Kernel_Fs_Files_OpenFile__Read" is Kernel.Fs's Files.OpenFile.Read.
    private string Shorten(string symbol)
    {
        foreach (string assembly in _assemblies)
        {
            if (symbol.StartsWith(assembly + "_", StringComparison.Ordinal))
            {
                string rest = symbol[(assembly.Length + 1)..];
                rest = rest.StartsWith(assembly + "_", StringComparison.Ordinal) ? rest[(assembly.Length + 1)..] : rest;
                return assembly.Replace('_', '.') + ":" + rest.Replace("__", ".", StringComparison.Ordinal);
            }
        }
        return symbol.StartsWith("S_P_CoreLib_", StringComparison.Ordinal) ? "CoreLib:" + symbol["S_P_CoreLib_".Length..].Replace("__", ".", StringComparison.Ordinal) : symbol;
    }
}
