// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using Asterion.Compiler.Metadata;

namespace Asterion.Compiler.Layout;

/// <summary>Where a type's instance fields stand. Sizes and offsets are in bytes; a class's offsets count from its method table pointer.</summary>
internal sealed class TypeLayout
{
    /// <summary>Of a structure: its size. Of a class: with the method table pointer, before rounding.</summary>
    public required int Size { get; init; }

    public required int Alignment { get; init; }

    public required Dictionary<FieldDef, int> Offsets { get; init; }

    /// <summary>Offsets of all references, ascending.</summary>
    public required int[] References { get; init; }

    /// <summary>Whether a field is a <c>ref</c>, itself or in a structure.</summary>
    public required bool HasByRefs { get; init; }
}

/// <summary>Computes layouts: explicit and sequential as declared (ECMA-335, II.10.1.2), automatic with the largest fields first.</summary>
internal sealed class FieldLayout
{
    public const int PointerSize = 8;

    private readonly Dictionary<DefType, TypeLayout> _layouts = [];
    private readonly HashSet<DefType> _inProgress = [];

    /// <summary>Size of a variable of this type.</summary>
    public int SizeOf(TypeDesc type) => type.Kind switch
    {
        TypeKind.Void => 0,
        TypeKind.Boolean or TypeKind.SByte or TypeKind.Byte => 1,
        TypeKind.Char or TypeKind.Int16 or TypeKind.UInt16 => 2,
        TypeKind.Int32 or TypeKind.UInt32 or TypeKind.Single => 4,
        TypeKind.Int64 or TypeKind.UInt64 or TypeKind.Double => 8,
        TypeKind.Enum => SizeOf(type.UnderlyingType),
        TypeKind.Struct => Get((DefType)type).Size,
        _ => PointerSize,
    };

    public int AlignmentOf(TypeDesc type) => type.Kind == TypeKind.Struct ? Get((DefType)type).Alignment : Math.Max(1, SizeOf(type));

    public bool HasReferences(TypeDesc type) => type.IsReference || (type.Kind == TypeKind.Struct && Get((DefType)type).References.Length > 0);

    public bool HasReferencesOrByRefs(TypeDesc type) =>
        type.IsReference || type.Kind == TypeKind.ByRef || (type.Kind == TypeKind.Struct && Get((DefType)type) is { } l && (l.References.Length > 0 || l.HasByRefs));

    /// <summary>Offset of an instance field.</summary>
    public int OffsetOf(FieldDesc field) => Get(field.Owner).Offsets[field.Definition];

    /// <summary>Size of an object of a class, or of a boxed structure, with header and method table pointer, as the allocator takes it.</summary>
    public int BaseSize(DefType type)
    {
        int content = type.IsValueType ? PointerSize + SizeOf(type) : Get(type).Size;
        return Math.Max(24, Align(content, PointerSize) + PointerSize);
    }

    public TypeLayout Get(DefType type)
    {
        if (_layouts.TryGetValue(type, out TypeLayout? layout))
        {
            return layout;
        }

        if (!_inProgress.Add(type))
        {
            throw new CompilationException($"{type} contains itself");
        }

        layout = type.IsValueType && type.Kind != TypeKind.Struct ? Primitive(type) : Compute(type);
        _inProgress.Remove(type);
        _layouts.Add(type, layout);
        return layout;
    }

    public static int Align(int value, int alignment) => (value + alignment - 1) / alignment * alignment;

    private TypeLayout Primitive(DefType type)
    {
        FieldDef? value = type.Definition.Fields.FirstOrDefault(f => !f.IsStatic);
        return new TypeLayout
        {
            Size = SizeOf(type),
            Alignment = Math.Max(1, SizeOf(type)),
            Offsets = value is null ? [] : new() { [value] = 0 },
            References = [],
            HasByRefs = false,
        };
    }

    private TypeLayout Compute(DefType type)
    {
        TypeDef definition = type.Definition;
        TypeLayout? inherited = !type.IsValueType && type.Base is not null ? Get(type.Base) : null;
        int start = type.IsValueType ? 0 : inherited?.Size ?? 0;
        FieldDesc[] fields = [.. type.Fields.Where(f => !f.IsStatic)];
        bool isExplicit = (definition.Attributes & TypeAttributes.LayoutMask) == TypeAttributes.ExplicitLayout;
        bool isAuto = (definition.Attributes & TypeAttributes.LayoutMask) == TypeAttributes.AutoLayout;
        int pack = definition.Layout.PackingSize is 0 ? PointerSize : definition.Layout.PackingSize;

        var offsets = new Dictionary<FieldDef, int>();
        int size = start;
        int alignment = 1;
        IEnumerable<FieldDesc> order = isAuto ? fields.OrderByDescending(f => Math.Min(PointerSize, SizeOf(f.Type))) : fields;
        foreach (FieldDesc field in order)
        {
            int fieldAlignment = Math.Min(AlignmentOf(field.Type), isAuto ? PointerSize : pack);
            alignment = Math.Max(alignment, fieldAlignment);
            int offset = isExplicit ? start + field.Definition.ExplicitOffset : Align(size, fieldAlignment);
            offsets.Add(field.Definition, offset);
            size = Math.Max(size, offset + SizeOf(field.Type));
        }

        int repeat = 1;
        if (type.IsValueType)
        {
            size = Math.Max(Align(size, alignment), definition.Layout.Size);
            if (definition.GetAttribute("System.Runtime.CompilerServices.InlineArrayAttribute") is { } inline)
            {
                repeat = (int)inline.FixedArguments[0].Value!;
            }

            size = Math.Max(1, size);
        }
        else if (!isAuto && definition.Layout.Size > 0)
        {
            size = Math.Max(size, start + definition.Layout.Size);
        }

        var references = new SortedSet<int>(inherited?.References ?? []);
        foreach (FieldDesc field in fields)
        {
            foreach (int reference in ReferencesIn(field.Type))
            {
                if ((offsets[field.Definition] + reference) % PointerSize != 0)
                {
                    throw new CompilationException($"{field} is a reference that is not aligned");
                }

                for (int i = 0; i < repeat; i++)
                {
                    references.Add(offsets[field.Definition] + reference + (i * size));
                }
            }
        }

        if (isExplicit)
        {
            CheckOverlaps(type, fields, offsets, references);
        }

        return new TypeLayout
        {
            Size = size * repeat,
            Alignment = alignment,
            Offsets = offsets,
            References = [.. references],
            HasByRefs = fields.Any(f => f.Type.Kind == TypeKind.ByRef || (f.Type.Kind == TypeKind.Struct && Get((DefType)f.Type).HasByRefs)),
        };
    }

    private int[] ReferencesIn(TypeDesc type) => type.IsReference ? [0] : type.Kind == TypeKind.Struct ? Get((DefType)type).References : [];

    // A number over a reference would let a program make references up (ECMA-335, II.22.8).
    private void CheckOverlaps(DefType type, FieldDesc[] fields, Dictionary<FieldDef, int> offsets, SortedSet<int> references)
    {
        foreach (FieldDesc field in fields)
        {
            int offset = offsets[field.Definition];
            int[] own = ReferencesIn(field.Type);
            foreach (int reference in references)
            {
                if (reference + PointerSize > offset && reference < offset + SizeOf(field.Type) && !own.Contains(reference - offset))
                {
                    throw new CompilationException($"{field} overlaps a reference in {type}");
                }
            }
        }
    }
}
