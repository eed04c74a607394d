// SPDX-License-Identifier: MPL-2.0

using System;
using System.Buffers.Binary;
using System.Text;

namespace Ostd.Arch.X64.Stubs.Assembly;

/// <summary>Writes data into a section of a <see cref="StubObject"/>.</summary>
public sealed class DataBlock
{
    private readonly StubObject _object;
    private readonly ObjectSection _section;

    internal DataBlock(StubObject o, ObjectSection section)
    {
        _object = o;
        _section = section;
    }

    /// <summary>Bytes written to the section so far; differences of it are sizes.</summary>
    public int Position => (int)_section.Size;

    /// <summary>Defines a global symbol here.</summary>
    /// <param name="name">The symbol.</param>
    /// <returns>This block.</returns>
    public DataBlock Export(string name)
    {
        _object.DefineSymbol(name, _section, _section.Size, 0, SymbolType.Object);
        return this;
    }

    /// <summary>Pads with zeros to a multiple of <paramref name="alignment"/> bytes.</summary>
    /// <param name="alignment">A power of two.</param>
    /// <returns>This block.</returns>
    public DataBlock Align(int alignment)
    {
        _section.Align(alignment);
        return this;
    }

    /// <summary>Appends bytes.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <returns>This block.</returns>
    public DataBlock Bytes(params ReadOnlySpan<byte> bytes)
    {
        _section.Write(bytes);
        return this;
    }

    /// <summary>Appends a 16-bit value.</summary>
    /// <param name="value">The value.</param>
    /// <returns>This block.</returns>
    public DataBlock Int16(int value)
    {
        Span<byte> bytes = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, unchecked((ushort)value));
        return Bytes(bytes);
    }

    /// <summary>Appends a 32-bit value.</summary>
    /// <param name="value">The value.</param>
    /// <returns>This block.</returns>
    public DataBlock Int32(long value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, unchecked((uint)value));
        return Bytes(bytes);
    }

    /// <summary>Appends a 64-bit value.</summary>
    /// <param name="value">The value.</param>
    /// <returns>This block.</returns>
    public DataBlock Int64(ulong value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return Bytes(bytes);
    }

    /// <summary>Appends the 64-bit address of a symbol.</summary>
    /// <param name="symbol">The symbol, here or in another object.</param>
    /// <param name="addend">Added to the address.</param>
    /// <returns>This block.</returns>
    public DataBlock Address64(string symbol, long addend = 0)
    {
        _section.Relocations.Add(new ObjectRelocation(_section.Size, symbol, RelocationType.Absolute64, addend));
        return Int64(0);
    }

    /// <summary>Appends the low 32 bits of a symbol's address, which must fit.</summary>
    /// <param name="symbol">The symbol, here or in another object.</param>
    /// <param name="addend">Added to the address.</param>
    /// <returns>This block.</returns>
    public DataBlock Address32(string symbol, long addend = 0)
    {
        _section.Relocations.Add(new ObjectRelocation(_section.Size, symbol, RelocationType.Absolute32, addend));
        return Int32(0);
    }

    /// <summary>Appends a symbol's distance from here as 32 bits.</summary>
    /// <param name="symbol">The symbol, here or in another object.</param>
    /// <param name="addend">Added to the distance.</param>
    /// <returns>This block.</returns>
    public DataBlock Relative32(string symbol, long addend = 0)
    {
        _section.Relocations.Add(new ObjectRelocation(_section.Size, symbol, RelocationType.PcRelative32, addend));
        return Int32(0);
    }

    /// <summary>Appends a zero-terminated ASCII string.</summary>
    /// <param name="text">The text.</param>
    /// <returns>This block.</returns>
    public DataBlock Ascii(string text)
    {
        Bytes(Encoding.ASCII.GetBytes(text));
        return Bytes(0);
    }
}
