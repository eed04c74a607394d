// SPDX-License-Identifier: MPL-2.0

using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using Asterion.Compiler.Emit;
using Asterion.Compiler.Import;
using Asterion.Compiler.Layout;
using Asterion.Compiler.Metadata;

namespace Asterion.Compiler.Preinit;

/// <summary>The class constructor cannot be evaluated at compile time; it will run lazily.</summary>
internal sealed class PreinitException(string reason) : Exception(reason);

/// <summary>A value while a class constructor is evaluated.</summary>
internal abstract record PreValue;

/// <summary>An integer; 32-bit ones are kept sign-extended.</summary>
internal sealed record IntegerValue(StackKind Kind, long Bits) : PreValue;

internal sealed record FloatValue(StackKind Kind, double Number) : PreValue;

/// <summary>A reference to an object; null: none.</summary>
internal sealed record ReferenceValue(PreObject? Target) : PreValue;

/// <summary>A structure: memory of its own, which nobody changes.</summary>
internal sealed record StructValue(TypeDesc Type, PreMemory Memory) : PreValue;

/// <summary>A <c>ref</c>: a place in an object, a static field or a variable.</summary>
internal sealed record AddressValue(PreMemory Memory, int Offset) : PreValue;

internal sealed record FunctionValue(MethodDesc Method) : PreValue;

/// <summary>The address of something that the compiler writes when it is asked for it.</summary>
internal sealed record SymbolValue(Func<string> Symbol) : PreValue;

internal sealed record TokenValue(object Member) : PreValue;

/// <summary>An object made at compile time, or a string literal.</summary>
internal sealed class PreObject(TypeDesc type, int size)
{
    public TypeDesc Type { get; } = type;

    /// <summary>Content from the method table pointer on.</summary>
    public PreMemory Memory { get; } = new(size);

    /// <summary>The text of a literal; such an object has no memory here.</summary>
    public string? Literal { get; init; }

    /// <summary>Of the object of a <c>typeof</c>: the type. Such an object has no memory here.</summary>
    public TypeDesc? NamedType { get; init; }

    /// <summary>Whether it belongs to another type's constructor, whose run-time changes are not known here: it may be referred to but not looked into.</summary>
    public bool IsForeign { get; set; }
}

/// <summary>Bytes, with references and code addresses by their place.</summary>
internal sealed class PreMemory(int size)
{
    private readonly byte[] _bytes = new byte[size];

    public SortedDictionary<int, object> Links { get; } = [];

    public int Size => _bytes.Length;

    public ReadOnlySpan<byte> Bytes => _bytes;

    public Span<byte> Writable(int offset, int length) => _bytes.AsSpan(offset, length);

    public PreMemory Copy(int offset, int length)
    {
        var copy = new PreMemory(length);
        _bytes.AsSpan(offset, length).CopyTo(copy._bytes);
        foreach ((int at, object link) in Links)
        {
            if (at >= offset && at < offset + length)
            {
                copy.Links.Add(at - offset, link);
            }
        }

        return copy;
    }

    public void Clear(int offset, int length)
    {
        _bytes.AsSpan(offset, length).Clear();
        for (int at = offset; at < offset + length; at++)
        {
            Links.Remove(at);
        }
    }

    public PreValue Load(TypeDesc type, int offset, FieldLayout layout)
    {
        if (type.IsReference)
        {
            return new ReferenceValue(Links.TryGetValue(offset, out object? link) ? (PreObject)link : null);
        }

        if (type.Kind == TypeKind.Struct)
        {
            return new StructValue(type, Copy(offset, layout.SizeOf(type)));
        }

        if (Links.ContainsKey(offset) || type.Kind is TypeKind.ByRef)
        {
            throw new PreinitException("an address is read as a number");
        }

        ReadOnlySpan<byte> bytes = _bytes.AsSpan(offset);
        return type.UnderlyingType.Kind switch
        {
            TypeKind.Boolean or TypeKind.Byte => new IntegerValue(StackKind.Int32, bytes[0]),
            TypeKind.SByte => new IntegerValue(StackKind.Int32, (sbyte)bytes[0]),
            TypeKind.Char or TypeKind.UInt16 => new IntegerValue(StackKind.Int32, BinaryPrimitives.ReadUInt16LittleEndian(bytes)),
            TypeKind.Int16 => new IntegerValue(StackKind.Int32, BinaryPrimitives.ReadInt16LittleEndian(bytes)),
            TypeKind.Int32 or TypeKind.UInt32 => new IntegerValue(StackKind.Int32, BinaryPrimitives.ReadInt32LittleEndian(bytes)),
            TypeKind.Single => new FloatValue(StackKind.Single, BinaryPrimitives.ReadSingleLittleEndian(bytes)),
            TypeKind.Double => new FloatValue(StackKind.Double, BinaryPrimitives.ReadDoubleLittleEndian(bytes)),
            _ => new IntegerValue(IrTypes.Stack(type), BinaryPrimitives.ReadInt64LittleEndian(bytes)),
        };
    }

    public void Store(TypeDesc type, int offset, PreValue value, FieldLayout layout)
    {
        int size = layout.SizeOf(type);
        switch (value)
        {
            case ReferenceValue reference when type.IsReference:
                Clear(offset, size);
                if (reference.Target is not null)
                {
                    Links.Add(offset, reference.Target);
                }

                break;
            case StructValue structure when layout.SizeOf(structure.Type) == size:
                Clear(offset, size);
                structure.Memory.Bytes.CopyTo(Writable(offset, size));
                foreach ((int at, object link) in structure.Memory.Links)
                {
                    Links.Add(offset + at, link);
                }

                break;
            case IntegerValue integer when !type.IsReference && type.Kind is not (TypeKind.Struct or TypeKind.Single or TypeKind.Double or TypeKind.ByRef):
                Clear(offset, size);
                Span<byte> bytes = stackalloc byte[8];
                BinaryPrimitives.WriteInt64LittleEndian(bytes, integer.Bits);
                bytes[..size].CopyTo(Writable(offset, size));
                break;
            case FloatValue number when type.Kind == TypeKind.Single:
                BinaryPrimitives.WriteSingleLittleEndian(Writable(offset, size), (float)number.Number);
                break;
            case FloatValue number when type.Kind == TypeKind.Double:
                BinaryPrimitives.WriteDoubleLittleEndian(Writable(offset, size), number.Number);
                break;
            case FunctionValue or SymbolValue when size == FieldLayout.PointerSize && !type.IsReference:
                Clear(offset, size);
                Links.Add(offset, value);
                break;
            default:
                throw new PreinitException($"{value.GetType().Name} stored as {type}");
        }
    }
}
