// SPDX-License-Identifier: MPL-2.0

using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;

namespace Asterion.Osdk.Audit;

/// <summary>Bytes of the image that the CPU may execute.</summary>
internal sealed record CodeRange(string Section, ulong Address, ReadOnlyMemory<byte> Bytes);

/// <summary>A loadable segment: <c>R</c>, <c>W</c>, <c>E</c>.</summary>
internal sealed record Segment(ulong Address, ulong Length, bool IsWritable, bool IsExecutable);

/// <summary>A linked ELF64 image (gABI, chapters 4 and 5), as far as the audit wants to know it.</summary>
internal sealed class ExecutableImage
{
    private const uint LoadSegment = 1;
    private const uint SymbolTable = 2;
    private const ulong ExecutableSection = 4;

    private readonly ulong[] _addresses;
    private readonly string[] _names;

    private ExecutableImage(IReadOnlyList<CodeRange> code, IReadOnlyList<Segment> segments, IEnumerable<(ulong Address, string Name)> symbols)
    {
        Code = code;
        Segments = segments;
        (ulong Address, string Name)[] sorted = [.. symbols.OrderBy(s => s.Address)];
        _addresses = [.. sorted.Select(s => s.Address)];
        _names = [.. sorted.Select(s => s.Name)];
    }

    /// <summary>The executable sections.</summary>
    public IReadOnlyList<CodeRange> Code { get; }

    /// <summary>What the loader maps.</summary>
    public IReadOnlyList<Segment> Segments { get; }

    /// <summary>Reads an image that still has its symbols.</summary>
    public static ExecutableImage Read(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        try
        {
            return Parse(file);
        }
        catch (ArgumentOutOfRangeException)
        {
            throw new OsdkException($"{path} is not a whole ELF64 file");
        }
    }

    /// <summary>Addresses at which something begins, in the range: where disassembly starts anew.</summary>
    public IEnumerable<ulong> SymbolsIn(ulong start, ulong end)
    {
        int index = Array.BinarySearch(_addresses, start);
        for (index = index < 0 ? ~index : index; index < _addresses.Length && _addresses[index] < end; index++)
        {
            if (index == 0 || _addresses[index] != _addresses[index - 1])
            {
                yield return _addresses[index];
            }
        }
    }

    /// <summary>All names of the symbol that an address belongs to; folded methods have several.</summary>
    public IReadOnlyList<string> NamesOf(ulong address)
    {
        int last = Array.BinarySearch(_addresses, address);
        last = last < 0 ? ~last - 1 : last;
        if (last < 0)
        {
            return [];
        }
        ulong start = _addresses[last];
        int first = last;
        while (first > 0 && _addresses[first - 1] == start)
        {
            first--;
        }
        while (last + 1 < _addresses.Length && _addresses[last + 1] == start)
        {
            last++;
        }
        return _names[first..(last + 1)];
    }

    private static ExecutableImage Parse(ReadOnlyMemory<byte> file)
    {
        ReadOnlySpan<byte> bytes = file.Span;
        var segments = new List<Segment>();
        for (int i = 0; i < Half(bytes, 56); i++)
        {
            ReadOnlySpan<byte> header = bytes.Slice((int)Long(bytes, 32) + i * Half(bytes, 54), Half(bytes, 54));
            uint flags = Word(header, 4);
            if (Word(header, 0) == LoadSegment)
            {
                segments.Add(new Segment(Long(header, 16), Long(header, 40), (flags & 2) != 0, (flags & 1) != 0));
            }
        }
        int count = Half(bytes, 60);
        ReadOnlyMemory<byte> Section(int index) => file.Slice((int)Long(file.Span, 40) + index * Half(file.Span, 58), Half(file.Span, 58));
        ReadOnlyMemory<byte> Content(ReadOnlySpan<byte> header) => file.Slice((int)Long(header, 24), (int)Long(header, 32));
        ReadOnlyMemory<byte> sectionNames = Content(Section(Half(bytes, 62)).Span);
        var code = new List<CodeRange>();
        var symbols = new List<(ulong, string)>();
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> header = Section(i).Span;
            if ((Long(header, 8) & ExecutableSection) != 0)
            {
                code.Add(new CodeRange(Text(sectionNames.Span, Word(header, 0)), Long(header, 16), Content(header)));
            }
            else if (Word(header, 4) == SymbolTable)
            {
                ReadOnlySpan<byte> names = Content(Section((int)Word(header, 40)).Span).Span;
                ReadOnlySpan<byte> table = Content(header).Span;
                for (int at = 0; at + 24 <= table.Length; at += 24)
                {
                    // Symbols of sections and files have no name of their own.
                    if (Word(table, at) != 0 && (table[at + 4] & 15) is not (3 or 4))
                    {
                        symbols.Add((Long(table, at + 8), Text(names, Word(table, at))));
                    }
                }
            }
        }
        return new ExecutableImage(code, segments, symbols);
    }

    private static ushort Half(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static uint Word(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static ulong Long(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);

    private static string Text(ReadOnlySpan<byte> table, uint at)
    {
        ReadOnlySpan<byte> rest = table[(int)at..];
        return Encoding.UTF8.GetString(rest[..rest.IndexOf((byte)0)]);
    }
}
