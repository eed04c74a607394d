// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using Asterion.Compiler.Analysis;
using Asterion.Compiler.Layout;
using Asterion.Compiler.Metadata;

namespace Asterion.Compiler.Emit;

/// <summary>
/// Writes method tables as NativeAOT lays them out (CoreLib's Internal.Runtime.MethodTable, in its form without relative pointers), with the collector's words below and the
/// dispatch map and further parts behind. CoreLib's casts and interface dispatch run on them unchanged.
/// </summary>
internal static class MethodTableEmitter
{
    public const int RelatedTypeOffset = 8;
    public const int VtableOffset = 24;

    private const int StringComponentSize = 2;
    private const int StringBaseSize = 22;
    private const int VectorBaseSize = 24;

    // Bits of the first word: EETypeFlags of CoreLib.
    private const uint ByRefLike = 0x10;
    private const int PaddingShift = 5;
    private const int NullableOffsetShift = 8;
    private const uint FunctionPointerKind = 0x10000;
    private const uint ParameterizedKind = 0x20000;
    private const uint GenericDefinitionKind = 0x30000;
    private const uint HasDispatchMap = 0x40000;
    private const uint HasSealedSlots = 0x400000;
    private const uint HasVariance = 0x800000;
    private const uint HasReferences = 0x1000000;
    private const uint IsGeneric = 0x2000000;
    private const int ElementTypeShift = 26;
    private const uint HasComponentSize = 0x80000000;

    // EETypeElementType.
    private const uint StructElement = 0x10;
    private const uint NullableElement = 0x12;
    private const uint ClassElement = 0x14;
    private const uint InterfaceElement = 0x15;
    private const uint SystemArrayElement = 0x16;
    private const uint ArrayElement = 0x17;
    private const uint VectorElement = 0x18;
    private const uint ByRefElement = 0x19;
    private const uint PointerElement = 0x1a;
    private const uint FunctionPointerElement = 0x1b;

    /// <summary>Asks for everything that a type's table will name.</summary>
    public static void NoteNeeds(Compilation compilation, TypeDesc type)
    {
        _ = Related(compilation, type);
        foreach (DefType implemented in InterfacesOf(type))
        {
            compilation.NecessaryType(implemented);
        }

        if (type is DefType { Arguments.Length: > 0 } generic)
        {
            compilation.Data.GenericDefinition(generic.Definition);
            foreach (TypeDesc argument in generic.Arguments)
            {
                compilation.NecessaryType(argument);
            }
        }
    }

    public static string Emit(Compilation compilation, TypeDesc type, string symbol)
    {
        bool isConstructed = compilation.IsConstructed(type);
        DefType? members = type.ClosestDefType;
        DefType[] interfaces = InterfacesOf(type);
        VirtualSlot[] slots = isConstructed && members is { IsInterface: false } ? [.. compilation.Virtuals.TableSlots(members)] : [];
        List<(int Interface, int Slot, string Target)> map = isConstructed ? DispatchMap(compilation, type, interfaces) : [];
        var generic = type is DefType { Arguments.Length: > 0 } instance ? instance : null;

        long[] description = isConstructed || type is not ArrayType { Element: DefType { Kind: TypeKind.Struct } } ? GcWords(compilation, type) : [];
        int start = description.Length * 8;
        int words = slots.Length + interfaces.Length + 2 + (map.Count > 0 ? 2 : 0) + (generic is null ? 0 : 2);
        var data = new DataBuilder(start + VtableOffset + (8 * words));
        for (int i = 0; i < description.Length; i++)
        {
            data.Int64(8 * i, description[i]);
        }

        uint flags = Flags(compilation, type) | (description.Length > 0 ? HasReferences : 0) | (map.Count > 0 ? HasDispatchMap | HasSealedSlots : 0);
        data.Int32(start, unchecked((int)flags));
        data.Int32(start + 4, BaseSize(compilation, type));
        data.Address(start + RelatedTypeOffset, Related(compilation, type));
        data.Int16(start + 16, slots.Length);
        data.Int16(start + 18, interfaces.Length);
        data.Int32(start + 20, Hash(type.Name));
        int at = start + VtableOffset;
        foreach (VirtualSlot slot in slots)
        {
            // What nobody calls has no address; no call reads it.
            bool isCalled = compilation.IsUsedSlot(slot.Declaration) && !slot.Implementation.Definition.IsAbstract
                && (type is ArrayType || members is { Definition.IsAbstract: false });
            data.Address(at, isCalled ? compilation.TableEntry(type, slot.Implementation) : null);
            at += 8;
        }

        foreach (DefType implemented in interfaces)
        {
            data.Address(at, compilation.NecessaryType(implemented));
            at += 8;
        }

        data.Address(at, null); // the type manager: there is one module
        data.Address(at + 8, compilation.Data.WritableWord(type));
        at += 16;
        string text = "";
        if (map.Count > 0)
        {
            (string mapSymbol, string slotsSymbol, text) = EmitMap(symbol, map, slots.Length);
            data.Address(at, mapSymbol);
            data.Address(at + 8, slotsSymbol);
            at += 16;
        }

        if (generic is not null)
        {
            data.Address(at, compilation.Data.GenericDefinition(generic.Definition));
            data.Address(at + 8, compilation.Data.GenericArguments(generic));
        }

        string body = symbol.Insert(2, "data of ");
        return $"{text}{body} = internal constant {data}, align 8\n{symbol} = internal alias i8, getelementptr (i8, ptr {body}, i64 {start})\n";
    }

    public static uint ElementType(TypeDesc type) => type switch
    {
        DefType { IsNullable: true } => NullableElement,
        DefType { Kind: TypeKind.Struct } => StructElement,
        DefType { IsInterface: true } => InterfaceElement,
        DefType { Kind: TypeKind.Class, Definition.FullName: "System.Array" } => SystemArrayElement,
        DefType { Kind: TypeKind.Class } => ClassElement,
        ArrayType { IsVector: true } => VectorElement,
        ArrayType => ArrayElement,
        ByRefType => ByRefElement,
        PointerType => PointerElement,
        FunctionPointerType => FunctionPointerElement,
        _ => PrimitiveElement(type.UnderlyingType.Kind),
    };

    // The order is that of TypeKind, which begins with Void.
    private static uint PrimitiveElement(TypeKind kind) => (uint)kind + 1;

    private static uint Flags(Compilation compilation, TypeDesc type)
    {
        uint flags = ElementType(type) << ElementTypeShift;
        switch (type)
        {
            case ArrayType array:
                int size = compilation.Layout.SizeOf(array.Element);
                if (size > ushort.MaxValue)
                {
                    throw new CompilationException($"an array of elements of {size} bytes");
                }

                return flags | ParameterizedKind | HasComponentSize | (uint)size;
            case PointerType or ByRefType:
                return flags | ParameterizedKind;
            case FunctionPointerType:
                return flags | FunctionPointerKind;
            default:
                break;
        }

        var defined = (DefType)type;
        if (defined.IsString)
        {
            return flags | HasComponentSize | StringComponentSize;
        }

        if (defined.Arguments.Length > 0)
        {
            flags |= IsGeneric | (Variance.KindsOf(defined.Definition) is not null ? HasVariance : 0);
        }

        if (defined.IsValueType)
        {
            int padding = compilation.Layout.BaseSize(defined) - 16 - compilation.Layout.SizeOf(defined);
            flags |= (uint)padding << PaddingShift;
            flags |= defined.IsByRefLike ? ByRefLike : 0;
            if (defined.IsNullable)
            {
                flags |= (uint)global::System.Numerics.BitOperations.Log2((uint)compilation.Layout.OffsetOf(defined.GetField("value"))) << NullableOffsetShift;
            }
        }

        return flags;
    }

    private static int BaseSize(Compilation compilation, TypeDesc type) => type switch
    {
        ArrayType { IsVector: true } => VectorBaseSize,
        ArrayType array => VectorBaseSize + (8 * array.Rank),
        DefType { IsString: true } => StringBaseSize,
        DefType { IsInterface: true } => VectorBaseSize,
        DefType defined => compilation.Layout.BaseSize(defined),
        ByRefType => 1,
        FunctionPointerType => throw new CompilationException($"a method table of {type}"),
        _ => 0,
    };

    private static long[] GcWords(Compilation compilation, TypeDesc type) => type switch
    {
        DefType { IsInterface: true } or PointerType or ByRefType or FunctionPointerType => [],
        DefType { Kind: not (TypeKind.Class or TypeKind.Struct) } => [],
        _ => GcDescription.Of(type, compilation.Layout, BaseSize(compilation, type)),
    };

    private static string? Related(Compilation compilation, TypeDesc type) => type switch
    {
        ArrayType array => compilation.NecessaryType(array.Element),
        PointerType pointer => compilation.NecessaryType(pointer.Target),
        ByRefType reference => compilation.NecessaryType(reference.Target),
        DefType { Base: { } baseType } => compilation.NecessaryType(baseType),
        _ => null,
    };

    private static DefType[] InterfacesOf(TypeDesc type) => type.ClosestDefType?.Interfaces ?? [];

    // Every entry names the method that objects of just this type reach, so each type's map stands for itself.
    private static List<(int Interface, int Slot, string Target)> DispatchMap(Compilation compilation, TypeDesc type, DefType[] interfaces)
    {
        List<(int, int, string)> entries = [];
        if (type is DefType { IsInterface: true } or DefType { Definition.IsAbstract: true })
        {
            return entries;
        }

        for (int i = 0; i < interfaces.Length; i++)
        {
            foreach ((int slot, MethodDesc method) in compilation.ReachedMethods(type, interfaces[i]))
            {
                if (compilation.Virtuals.ResolveInterfaceMethod(type.ClosestDefType!, method) is { } target)
                {
                    entries.Add((i, slot, compilation.TableEntry(type, target)));
                }
            }
        }

        return entries;
    }

    private static (string Map, string Slots, string Text) EmitMap(string symbol, List<(int Interface, int Slot, string Target)> map, int vtableLength)
    {
        const int HeaderSize = 8;
        const int EntrySize = 6;
        var entries = new DataBuilder(HeaderSize + (EntrySize * map.Count));
        var slots = new DataBuilder(8 * map.Count);
        entries.Int16(0, map.Count);
        for (int i = 0; i < map.Count; i++)
        {
            entries.Int16(HeaderSize + (EntrySize * i), map[i].Interface);
            entries.Int16(HeaderSize + (EntrySize * i) + 2, map[i].Slot);
            entries.Int16(HeaderSize + (EntrySize * i) + 4, vtableLength + i);
            slots.Address(8 * i, map[i].Target);
        }

        string mapSymbol = symbol.Insert(2, "map of ");
        string slotsSymbol = symbol.Insert(2, "methods of ");
        return (mapSymbol, slotsSymbol, $"{mapSymbol} = internal constant {entries}, align 8\n{slotsSymbol} = internal constant {slots}, align 8\n");
    }

    /// <summary>The table of a generic type's definition: what its instances have in common, for casts with variance.</summary>
    public static string EmitDefinition(TypeDef definition, string symbol, string writableWord)
    {
        byte[]? variance = Variance.KindsOf(definition);
        bool isVariant = variance is not null;
        var data = new DataBuilder(VtableOffset + 16 + (isVariant ? 8 : 0));
        DefType open = definition.System.GetOpen(definition);
        data.Int32(0, unchecked((int)(GenericDefinitionKind | (ElementType(open) << ElementTypeShift) | (isVariant ? HasVariance : 0))));
        data.Int32(4, definition.GenericArity);
        data.Int32(20, Hash(definition.FullName));
        data.Address(VtableOffset + 8, writableWord);
        string text = "";
        if (variance is not null)
        {
            var kinds = new DataBuilder(variance.Length);
            variance.AsSpan().CopyTo(kinds.Bytes(0, variance.Length));

            string kindsSymbol = symbol.Insert(2, "variance of ");
            text = $"{kindsSymbol} = internal constant {kinds}, align 8\n";
            data.Address(VtableOffset + 16, kindsSymbol);
        }

        return $"{text}{symbol} = internal constant {data}, align 8\n";
    }

    /// <summary>A hash that depends on the name alone (FNV-1a).</summary>
    private static int Hash(string name)
    {
        uint hash = 2166136261;
        foreach (char c in name)
        {
            hash = unchecked((hash ^ c) * 16777619);
        }

        return unchecked((int)hash);
    }
}
