// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;

namespace Ostd.Arch.X64.Stubs.Assembly;

/// <summary>Writes a <see cref="StubObject"/> as an ELF64 relocatable file (System V ABI, gABI chapter 4; x86-64 psABI, chapter 4).</summary>
internal static class ElfObjectWriter
{
    private const int HeaderSize = 64;
    private const int SectionHeaderSize = 64;
    private const int SymbolSize = 24;
    private const int RelocationSize = 24;

    private const uint SHT_PROGBITS = 1;
    private const uint SHT_SYMTAB = 2;
    private const uint SHT_STRTAB = 3;
    private const uint SHT_RELA = 4;
    private const uint SHT_NOTE = 7;
    private const uint SHT_NOBITS = 8;
    private const ulong SHF_WRITE = 1;
    private const ulong SHF_ALLOC = 2;
    private const ulong SHF_EXECINSTR = 4;
    private const ulong SHF_INFO_LINK = 0x40;

    private sealed record Header(string Name, uint Type, ulong Flags, byte[] Bytes, ulong Size, uint Link, uint Info, ulong Alignment, ulong EntrySize);

    public static void Write(StubObject o, string path)
    {
        var strings = new StringTable();
        List<string> names = [.. o.Symbols.Select(s => s.Name)];
        HashSet<string> defined = [.. names];
        foreach (ObjectRelocation relocation in o.Sections.SelectMany(s => s.Relocations))
        {
            if (defined.Add(relocation.Symbol))
            {
                names.Add(relocation.Symbol);
            }
        }

        Dictionary<string, int> symbolIndex = [];
        byte[] symbols = WriteSymbols(o, names, strings, symbolIndex);

        // Section numbers: 0 is the null section, then the sections themselves, their relocations, the symbol table and the strings.
        List<ObjectSection> withRelocations = [.. o.Sections.Where(s => s.Relocations.Count > 0)];
        uint symtab = (uint)(1 + o.Sections.Count + withRelocations.Count);
        List<Header> headers = [new Header("", 0, 0, [], 0, 0, 0, 0, 0)];
        foreach (ObjectSection section in o.Sections)
        {
            byte[] bytes = section.Kind == SectionKind.Bss ? [] : section.Contents;
            headers.Add(new Header(section.Name, TypeOf(section.Kind), FlagsOf(section.Kind), bytes, section.Size, 0, 0, (ulong)section.Alignment, 0));
        }

        foreach (ObjectSection section in withRelocations)
        {
            byte[] bytes = WriteRelocations(section, symbolIndex);
            uint target = (uint)(1 + o.Sections.ToList().IndexOf(section));
            headers.Add(new Header(".rela" + section.Name, SHT_RELA, SHF_INFO_LINK, bytes, (ulong)bytes.Length, symtab, target, 8, RelocationSize));
        }

        headers.Add(new Header(".symtab", SHT_SYMTAB, 0, symbols, (ulong)symbols.Length, symtab + 1, 1, 8, SymbolSize));
        headers.Add(new Header(".strtab", SHT_STRTAB, 0, strings.Bytes, (ulong)strings.Bytes.Length, 0, 0, 1, 0));
        WriteFile(path, o.Machine, headers);
    }

    private static byte[] WriteSymbols(StubObject o, List<string> names, StringTable strings, Dictionary<string, int> symbolIndex)
    {
        Dictionary<string, ObjectSymbol> defined = o.Symbols.ToDictionary(s => s.Name);
        List<ObjectSection> sections = [.. o.Sections];
        var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(new byte[SymbolSize]);
        foreach (string name in names)
        {
            symbolIndex.Add(name, symbolIndex.Count + 1);
            bool isDefined = defined.TryGetValue(name, out ObjectSymbol? symbol);
            const int globalBinding = 1 << 4;
            writer.Write(strings.Add(name));
            writer.Write((byte)(globalBinding | (isDefined ? (int)symbol!.Type : 0)));
            writer.Write((byte)0);
            writer.Write((ushort)(isDefined ? 1 + sections.IndexOf(symbol!.Section) : 0));
            writer.Write(isDefined ? symbol!.Value : 0);
            writer.Write(isDefined ? symbol!.Size : 0);
        }

        return stream.ToArray();
    }

    private static byte[] WriteRelocations(ObjectSection section, Dictionary<string, int> symbolIndex)
    {
        var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        foreach (ObjectRelocation relocation in section.Relocations)
        {
            writer.Write(relocation.Offset);
            writer.Write(((ulong)symbolIndex[relocation.Symbol] << 32) | (uint)relocation.Type);
            writer.Write(relocation.Addend);
        }

        return stream.ToArray();
    }

    private static void WriteFile(string path, ElfMachine machine, List<Header> headers)
    {
        var sectionNames = new StringTable();
        List<uint> nameOffsets = [.. headers.Select(h => sectionNames.Add(h.Name))];
        nameOffsets.Add(sectionNames.Add(".shstrtab"));
        headers.Add(new Header(".shstrtab", SHT_STRTAB, 0, sectionNames.Bytes, (ulong)sectionNames.Bytes.Length, 0, 0, 1, 0));

        var body = new MemoryStream();
        List<ulong> offsets = [];
        foreach (Header header in headers)
        {
            ulong alignment = Math.Max(header.Alignment, 1);
            while ((HeaderSize + (ulong)body.Length) % alignment != 0)
            {
                body.WriteByte(0);
            }

            offsets.Add(HeaderSize + (ulong)body.Length);
            body.Write(header.Bytes);
        }

        while (body.Length % 8 != 0)
        {
            body.WriteByte(0);
        }

        using var writer = new BinaryWriter(File.Create(path));
        writer.Write([0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        writer.Write((ushort)1); // ET_REL
        writer.Write((ushort)machine);
        writer.Write(1u);
        writer.Write(0ul); // e_entry
        writer.Write(0ul); // e_phoff
        writer.Write(HeaderSize + (ulong)body.Length);
        writer.Write(0u); // e_flags
        writer.Write((ushort)HeaderSize);
        writer.Write((ushort)0);
        writer.Write((ushort)0);
        writer.Write((ushort)SectionHeaderSize);
        writer.Write((ushort)headers.Count);
        writer.Write((ushort)(headers.Count - 1));
        writer.Write(body.ToArray());
        for (int i = 0; i < headers.Count; i++)
        {
            Header header = headers[i];
            writer.Write(nameOffsets[i]);
            writer.Write(header.Type);
            writer.Write(header.Flags);
            writer.Write(0ul);
            writer.Write(i == 0 ? 0 : offsets[i]);
            writer.Write(header.Size);
            writer.Write(header.Link);
            writer.Write(header.Info);
            writer.Write(header.Alignment);
            writer.Write(header.EntrySize);
        }
    }

    private static uint TypeOf(SectionKind kind) => kind switch
    {
        SectionKind.Bss => SHT_NOBITS,
        SectionKind.Note => SHT_NOTE,
        _ => SHT_PROGBITS,
    };

    private static ulong FlagsOf(SectionKind kind) => kind switch
    {
        SectionKind.Code => SHF_ALLOC | SHF_EXECINSTR,
        SectionKind.Data or SectionKind.Bss => SHF_ALLOC | SHF_WRITE,
        SectionKind.Debug => 0,
        _ => SHF_ALLOC,
    };

    private sealed class StringTable
    {
        private readonly List<byte> _bytes = [];

        public StringTable() => _bytes.Add(0);

        public byte[] Bytes => _bytes.ToArray();

        public uint Add(string text)
        {
            if (text.Length == 0)
            {
                return 0;
            }

            uint offset = (uint)_bytes.Count;
            _bytes.AddRange(Encoding.UTF8.GetBytes(text));
            _bytes.Add(0);
            return offset;
        }
    }
}
