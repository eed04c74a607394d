// SPDX-License-Identifier: MPL-2.0

using Asterion.Compiler.Metadata;

namespace Asterion.Compiler.Import;

/// <summary>The types of IL's evaluation stack (ECMA-335, III.1.5). Unmanaged pointers are native integers.</summary>
internal enum StackKind
{
    Int32,
    Int64,
    Native,
    Single,
    Double,
    Object,
    ByRef,
    Struct,
}

/// <summary>
/// A value on the evaluation stack and what is known of it. A structure's operand is the address of a copy that nobody changes.
/// </summary>
internal sealed record StackValue(StackKind Kind, string Operand)
{
    /// <summary>Static type of an object, type of a structure.</summary>
    public TypeDesc? Type { get; init; }

    /// <summary>Value, where it is known at compile time; of integers only.</summary>
    public long? Constant { get; init; }

    public bool IsNonNull { get; init; }

    /// <summary>Type of the object is exactly the static one.</summary>
    public bool IsExact { get; init; }

    /// <summary>A <c>ref</c> into this frame: needs no write barrier.</summary>
    public bool IsOnStack { get; init; }

    /// <summary>What the target of an address is aligned to, where it is less than its type; 0: as its type.</summary>
    public int Alignment { get; init; }

    /// <summary>What <c>ldtoken</c> or <c>ldftn</c> loaded.</summary>
    public object? Token { get; init; }

    /// <summary>The type of a <c>typeof</c>; the object is made when somebody asks for more than a comparison.</summary>
    public TypeDesc? TypeOf { get; init; }

    public string IrType => Kind switch
    {
        StackKind.Int32 => "i32",
        StackKind.Int64 or StackKind.Native => "i64",
        StackKind.Single => "float",
        StackKind.Double => "double",
        _ => "ptr",
    };

    public bool IsInteger => Kind is StackKind.Int32 or StackKind.Int64 or StackKind.Native;

    public bool IsFloat => Kind is StackKind.Single or StackKind.Double;

    public override string ToString() => $"{IrType} {Operand}";
}
