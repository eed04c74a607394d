// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;

namespace Ostd.Arch.X64.Stubs.Assembly;

/// <summary>
/// The relocatable object that the modules fill: sections, symbols and relocations.
/// </summary>
/// <remarks>
/// A symbol is referred to in code by a <em>token</em>: an address that no code has, which the encoder puts into the displacement or
/// immediate, and which <see cref="CodeBlock"/> then recognises and turns into a relocation. That makes every addressing form of Iced work
/// with symbols without a second notation.
/// </remarks>
public sealed class StubObject
{
    /// <summary>The address the kernel image is linked at, less its physical address (see the linker script).</summary>
    public const ulong KernelBase = 0xffff_ffff_8000_0000;

    private const ulong TokenBase = 0x4000_0000;
    private const ulong TokenStride = 0x1_0000;
    private const ulong TokenLimit = 0x6000_0000;

    private readonly List<SymbolToken> _tokens = [];
    private readonly Dictionary<SymbolToken, int> _tokenIndex = [];
    private readonly List<CodeBlock> _code = [];
    private readonly FrameDescriptions _frames = new();
    private readonly List<ObjectSection> _sections = [];
    private readonly Dictionary<string, ObjectSymbol> _symbols = new(StringComparer.Ordinal);

    /// <summary>Who makes the code that the object is linked with.</summary>
    public CodeGenerator CodeGenerator { get; init; }

    /// <summary>What the object's file says that it is for. Only one without code can be for another architecture than x86-64.</summary>
    internal ElfMachine Machine { get; init; } = ElfMachine.X64;

    /// <summary>Whether the kernel's own code uses XMM registers: ilc's does.</summary>
    public bool UsesVectors => CodeGenerator == CodeGenerator.Ilc;

    internal IReadOnlyList<ObjectSection> Sections => _sections;

    internal IReadOnlyCollection<ObjectSymbol> Symbols => _symbols.Values;

    /// <summary>Starts a block of code. Each block starts at a 16-byte boundary of its section.</summary>
    /// <param name="section">The section; an executable one.</param>
    /// <param name="bitness">32 for code that runs before long mode, else 64.</param>
    /// <param name="entryFrameSize"><see cref="CodeBlock.EntryFrameSize"/>.</param>
    /// <returns>The block, to be filled through <see cref="CodeBlock.Asm"/>.</returns>
    public CodeBlock Code(string section = ".text.stubs", int bitness = 64, int entryFrameSize = 8)
    {
        var block = new CodeBlock(this, section, bitness) { EntryFrameSize = entryFrameSize };
        _code.Add(block);
        return block;
    }

    /// <summary>Gives access to a section of data: <c>.rodata</c> is read-only, <c>.note*</c> a note, all others writable.</summary>
    /// <param name="section">The section's name.</param>
    /// <param name="alignment">The alignment of what is added next, in bytes.</param>
    /// <returns>The section's writer, standing at its end.</returns>
    public DataBlock Data(string section = ".data", int alignment = 8)
    {
        ObjectSection target = GetSection(section, SectionKinds.Classify(section));
        var block = new DataBlock(this, target);
        block.Align(alignment);
        return block;
    }

    /// <summary>Reserves zeroed memory under a global name.</summary>
    /// <param name="name">The symbol.</param>
    /// <param name="sizeBytes">The size.</param>
    /// <param name="alignment">The alignment in bytes, a power of two.</param>
    /// <param name="section">A section whose name begins with <c>.bss</c> or ends with it.</param>
    public void Bss(string name, int sizeBytes, int alignment = 16, string section = ".bss")
    {
        ObjectSection target = GetSection(section, SectionKind.Bss);
        target.Align(alignment);
        DefineSymbol(name, target, target.Size, (ulong)sizeBytes, SymbolType.Object);
        target.Reserve((ulong)sizeBytes);
    }

    /// <summary>Makes a token for a symbol of this object or another; see the remarks on the class.</summary>
    /// <param name="name">The symbol.</param>
    /// <param name="isPhysical">True for the physical address at which the symbol is loaded.</param>
    /// <returns>An address that stands for the symbol. Offsets of up to 32 KiB can be added to it.</returns>
    internal ulong Token(string name, bool isPhysical)
    {
        var key = new SymbolToken(name, isPhysical);
        if (!_tokenIndex.TryGetValue(key, out int index))
        {
            index = _tokens.Count;
            _tokens.Add(key);
            _tokenIndex.Add(key, index);
        }

        ulong token = TokenBase + (ulong)index * TokenStride + TokenStride / 2;
        return token < TokenLimit ? token : throw new InvalidOperationException("too many symbols in one stub object");
    }

    internal bool TryResolveToken(ulong value, out SymbolToken symbol, out long addend)
    {
        symbol = default;
        addend = 0;
        if (value < TokenBase || value >= TokenLimit)
        {
            return false;
        }

        ulong index = (value - TokenBase) / TokenStride;
        if (index >= (ulong)_tokens.Count)
        {
            return false;
        }

        symbol = _tokens[(int)index];
        addend = (long)(value - TokenBase - index * TokenStride) - (long)(TokenStride / 2);
        if (symbol.IsPhysical)
        {
            addend -= unchecked((long)KernelBase);
        }

        return true;
    }

    internal ObjectSection GetSection(string name, SectionKind kind)
    {
        foreach (ObjectSection section in _sections)
        {
            if (section.Name == name)
            {
                return section.Kind == kind ? section : throw new InvalidOperationException($"section {name} is used as {section.Kind} and as {kind}");
            }
        }

        var created = new ObjectSection(name, kind);
        _sections.Add(created);
        return created;
    }

    internal void DefineSymbol(string name, ObjectSection section, ulong value, ulong size, SymbolType type)
    {
        if (!_symbols.TryAdd(name, new ObjectSymbol(name, section, value, size, type)))
        {
            throw new InvalidOperationException($"the symbol {name} is defined twice");
        }
    }

    /// <summary>Encodes what has been assembled. Called once, when all modules are built.</summary>
    internal void Finish()
    {
        foreach (CodeBlock block in _code)
        {
            block.Encode(_frames);
        }

        if (_code.Count > 0)
        {
            _frames.Write(this);
        }
    }
}
