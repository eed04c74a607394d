// SPDX-License-Identifier: MPL-2.0

using System.Linq;

namespace Asterion.Compiler.Metadata;

/// <summary>What a type is to code generation.</summary>
internal enum TypeKind
{
    Void,
    Boolean,
    Char,
    SByte,
    Byte,
    Int16,
    UInt16,
    Int32,
    UInt32,
    Int64,
    UInt64,
    IntPtr,
    UIntPtr,
    Single,
    Double,
    Struct,
    Enum,
    Class,
    Interface,
    Array,
    ByRef,
    Pointer,
    FunctionPointer,
    Parameter,
}

/// <summary>A type. There is one object for each type, so references compare.</summary>
internal abstract class TypeDesc(TypeSystem system)
{
    public TypeSystem System { get; } = system;

    public abstract TypeKind Kind { get; }

    /// <summary>Name for people, with namespace and arguments; unique within an assembly's name space.</summary>
    public abstract string Name { get; }

    /// <summary>Whether the type is open: names a parameter of a generic type or method.</summary>
    public virtual bool HasParameters => false;

    /// <summary>Depth of nesting of type arguments; guards against instantiations without end.</summary>
    public virtual int Depth => 0;

    /// <summary>Replaces parameters by arguments.</summary>
    public virtual TypeDesc Substitute(TypeDesc[] typeArguments, TypeDesc[] methodArguments) => this;

    public bool IsValueType => Kind is >= TypeKind.Boolean and <= TypeKind.Enum;

    public bool IsReference => Kind is TypeKind.Class or TypeKind.Interface or TypeKind.Array;

    public bool IsInterface => Kind == TypeKind.Interface;

    /// <summary>A pointer or native integer to the machine.</summary>
    public bool IsUnmanagedPointer => Kind is TypeKind.Pointer or TypeKind.FunctionPointer;

    /// <summary>An enum's underlying type; any other type itself.</summary>
    public virtual TypeDesc UnderlyingType => this;

    /// <summary>The defined type that gives an array its members; any other type itself.</summary>
    public virtual DefType? ClosestDefType => null;

    public sealed override string ToString() => Name;
}

/// <summary>An array: a vector (<c>T[]</c>) or one of several dimensions.</summary>
internal sealed class ArrayType(TypeSystem system, TypeDesc element, int rank, bool isVector) : TypeDesc(system)
{
    public TypeDesc Element { get; } = element;

    public int Rank { get; } = rank;

    /// <summary>One dimension, from zero.</summary>
    public bool IsVector { get; } = isVector;

    public override TypeKind Kind => TypeKind.Array;

    public override string Name => IsVector ? Element.Name + "[]" : $"{Element.Name}[{(Rank == 1 ? "*" : new string(',', Rank - 1))}]";

    public override bool HasParameters => Element.HasParameters;

    public override int Depth => Element.Depth + 1;

    // CoreLib's Array<T> implements the generic interfaces of vectors.
    public override DefType ClosestDefType => IsVector && !Element.IsUnmanagedPointer
        ? System.CoreType("System", "Array`1").Instantiate(Element)
        : System.CoreType("System", "Array");

    public override TypeDesc Substitute(TypeDesc[] typeArguments, TypeDesc[] methodArguments) =>
        HasParameters ? System.GetArray(Element.Substitute(typeArguments, methodArguments), Rank, IsVector) : this;
}

internal sealed class ByRefType(TypeSystem system, TypeDesc target) : TypeDesc(system)
{
    public TypeDesc Target { get; } = target;

    public override TypeKind Kind => TypeKind.ByRef;

    public override string Name => Target.Name + "&";

    public override bool HasParameters => Target.HasParameters;

    public override int Depth => Target.Depth;

    public override TypeDesc Substitute(TypeDesc[] typeArguments, TypeDesc[] methodArguments) =>
        HasParameters ? System.GetByRef(Target.Substitute(typeArguments, methodArguments)) : this;
}

internal sealed class PointerType(TypeSystem system, TypeDesc target) : TypeDesc(system)
{
    public TypeDesc Target { get; } = target;

    public override TypeKind Kind => TypeKind.Pointer;

    public override string Name => Target.Name + "*";

    public override bool HasParameters => Target.HasParameters;

    public override int Depth => Target.Depth;

    public override TypeDesc Substitute(TypeDesc[] typeArguments, TypeDesc[] methodArguments) =>
        HasParameters ? System.GetPointer(Target.Substitute(typeArguments, methodArguments)) : this;
}

/// <summary>A function pointer. All are alike to the machine; the signature matters at the call only.</summary>
internal sealed class FunctionPointerType(TypeSystem system, MethodSig signature) : TypeDesc(system)
{
    public MethodSig Signature { get; } = signature;

    public override TypeKind Kind => TypeKind.FunctionPointer;

    public override string Name => $"delegate*<{string.Join(", ", Signature.Parameters.Append(Signature.Return).Select(t => t.Name))}>";

    public override bool HasParameters => Signature.HasParameters;

    public override TypeDesc Substitute(TypeDesc[] typeArguments, TypeDesc[] methodArguments) =>
        HasParameters ? System.GetFunctionPointer(Signature.Substitute(typeArguments, methodArguments)) : this;
}

/// <summary>A parameter of a generic type (<c>!0</c>) or method (<c>!!0</c>).</summary>
internal sealed class ParameterType(TypeSystem system, int index, bool isOfMethod) : TypeDesc(system)
{
    public int Index { get; } = index;

    public bool IsOfMethod { get; } = isOfMethod;

    public override TypeKind Kind => TypeKind.Parameter;

    public override string Name => (IsOfMethod ? "!!" : "!") + Index;

    public override bool HasParameters => true;

    public override TypeDesc Substitute(TypeDesc[] typeArguments, TypeDesc[] methodArguments)
    {
        TypeDesc[] arguments = IsOfMethod ? methodArguments : typeArguments;
        return Index < arguments.Length ? arguments[Index] : this;
    }
}
