// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;

namespace Ostd.Arch.X64.Stubs.Assembly;

/// <summary>What the linker is to do with a section.</summary>
internal enum SectionKind
{
    Code,
    ReadOnlyData,
    Data,
    Bss,
    Note,

    /// <summary>For debuggers alone: not loaded.</summary>
    Debug,
}

internal static class SectionKinds
{
    public static SectionKind Classify(string section)
    {
        if (section.StartsWith(".note", StringComparison.Ordinal))
        {
            return SectionKind.Note;
        }

        if (section.StartsWith(".debug", StringComparison.Ordinal))
        {
            return SectionKind.Debug;
        }

        if (section.EndsWith("rodata", StringComparison.Ordinal) || section is ".multiboot2" or ".eh_frame")
        {
            return SectionKind.ReadOnlyData;
        }

        return section.Contains(".bss", StringComparison.Ordinal) ? SectionKind.Bss : SectionKind.Data;
    }
}

/// <summary>ELF symbol types (System V ABI, gABI chapter 4, "Symbol Table").</summary>
internal enum SymbolType
{
    NoType = 0,
    Object = 1,
    Function = 2,
}

/// <summary>x86-64 relocation types (x86-64 psABI, section 4.4.1).</summary>
internal enum RelocationType
{
    Absolute64 = 1,
    PcRelative32 = 2,
    Plt32 = 4,
    Absolute32 = 10,
    Absolute32Signed = 11,
}

internal readonly record struct SymbolToken(string Name, bool IsPhysical);

internal readonly record struct ObjectRelocation(ulong Offset, string Symbol, RelocationType Type, long Addend);

internal sealed record ObjectSymbol(string Name, ObjectSection Section, ulong Value, ulong Size, SymbolType Type);

/// <summary>One section under construction.</summary>
internal sealed class ObjectSection(string name, SectionKind kind)
{
    private readonly List<byte> _bytes = [];
    private ulong _reserved;

    public string Name { get; } = name;

    public SectionKind Kind { get; } = kind;

    public int Alignment { get; private set; } = 1;

    public List<ObjectRelocation> Relocations { get; } = [];

    public ulong Size => Kind == SectionKind.Bss ? _reserved : (ulong)_bytes.Count;

    public byte[] Contents => _bytes.ToArray();

    public void Align(int alignment)
    {
        Alignment = Math.Max(Alignment, alignment);
        ulong rest = Size % (ulong)alignment;
        if (rest == 0)
        {
            return;
        }

        ulong padding = (ulong)alignment - rest;
        if (Kind == SectionKind.Bss)
        {
            _reserved += padding;
            return;
        }

        // int3 between functions, so that a stray jump stops there.
        byte filler = Kind == SectionKind.Code ? (byte)0xcc : (byte)0;
        for (ulong i = 0; i < padding; i++)
        {
            _bytes.Add(filler);
        }
    }

    public void Write(ReadOnlySpan<byte> bytes) => _bytes.AddRange(bytes);

    public void Reserve(ulong sizeBytes) => _reserved += sizeBytes;
}
