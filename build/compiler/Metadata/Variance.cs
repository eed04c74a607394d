// SPDX-License-Identifier: MPL-2.0

using System;
using System.Linq;
using System.Reflection;

namespace Asterion.Compiler.Metadata;

/// <summary>Which references convert to which types at run time, with variance (ECMA-335, I.8.7.1 and II.9.9): what CoreLib's casts answer, known at compile time.</summary>
internal static class Variance
{
    // CoreLib's number for the parameter of an enumerator of arrays, which converts as elements do (GenericVariance.ArrayCovariant).
    private const byte ArrayCovariant = 0x20;

    private const string ArrayEnumerator = "System.SZGenericArrayEnumerator`1";

    private static readonly string[] _arrayInterfaces = ["IEnumerable`1", "ICollection`1", "IList`1", "IReadOnlyCollection`1", "IReadOnlyList`1"];

    /// <summary>
    /// What a method table's definition says of the parameters of a generic type; null: nothing converts. Interfaces of arrays count as variant, whether they are or not: for arrays they are.
    /// </summary>
    public static byte[]? KindsOf(TypeDef definition)
    {
        if (definition.FullName == ArrayEnumerator)
        {
            return [ArrayCovariant];
        }

        GenericParameterAttributes[] kinds = definition.Variance;
        bool isOfArrays = definition.IsInterface && definition.Namespace == "System.Collections.Generic" && definition.Declaring is null && Array.IndexOf(_arrayInterfaces, definition.SimpleName) >= 0;
        return isOfArrays || Array.Exists(kinds, k => k != 0) ? Array.ConvertAll(kinds, k => (byte)k) : null;
    }

    /// <summary>The interface, among those that a type implements, of which a call of an interface's method reaches the methods: the very one, else the first that converts to it; null: none.</summary>
    public static DefType? ReachedInterface(DefType type, DefType called) =>
        Array.IndexOf(type.Interfaces, called) >= 0 ? called : type.Interfaces.FirstOrDefault(i => IsInstanceOf(i, called));

    /// <summary>Whether a call of a method of one interface may reach an object of a type by another interface of the same definition, which the type implements.</summary>
    public static bool Reaches(TypeDesc type, DefType implemented, DefType called) => IsInstanceOf(implemented, called)
        || (ElementOf(type) is { } element && implemented.Arguments is [{ } argument] && argument == element
            && implemented.Definition == called.Definition && AreElements(element, called.Arguments[0]));

    /// <summary>Whether a reference of one type is one of the other.</summary>
    public static bool IsAssignable(TypeDesc from, TypeDesc to)
    {
        if (from == to)
        {
            return true;
        }

        if (!from.IsReference || !to.IsReference)
        {
            return false;
        }

        if (to is ArrayType target)
        {
            return from is ArrayType source && source.Rank == target.Rank && source.IsVector == target.IsVector && AreElements(source.Element, target.Element);
        }

        var wanted = (DefType)to;
        DefType members = from.ClosestDefType!;
        if (wanted.IsObject || members.DerivesFrom(wanted) || IsInstanceOf(members, wanted))
        {
            return true;
        }

        // string[] is an IList<object>, because it is an object[].
        return wanted.IsInterface && members.Interfaces.Any(i => Reaches(from, i, wanted));
    }

    private static TypeDesc? ElementOf(TypeDesc type) => type switch
    {
        ArrayType { IsVector: true } vector => vector.Element,
        DefType { Definition.FullName: ArrayEnumerator } enumerator => enumerator.Arguments[0],
        _ => null,
    };

    // Integers of one size are elements of one kind, and enums are their underlying types.
    private static bool AreElements(TypeDesc from, TypeDesc to) =>
        from.IsValueType && to.IsValueType ? Reduced(from.UnderlyingType.Kind) == Reduced(to.UnderlyingType.Kind) && (from == to || from.UnderlyingType.Kind != TypeKind.Struct) : IsAssignable(from, to);

    private static TypeKind Reduced(TypeKind kind) => kind switch
    {
        TypeKind.Byte => TypeKind.SByte,
        TypeKind.UInt16 => TypeKind.Int16,
        TypeKind.UInt32 => TypeKind.Int32,
        TypeKind.UInt64 => TypeKind.Int64,
        TypeKind.UIntPtr => TypeKind.IntPtr,
        _ => kind,
    };

    /// <summary>Whether one instantiation of an interface or delegate converts to another one of the same definition.</summary>
    private static bool IsInstanceOf(DefType from, DefType to)
    {
        if (from == to)
        {
            return true;
        }

        if (from.Definition != to.Definition)
        {
            return false;
        }

        GenericParameterAttributes[] kinds = from.Definition.Variance;
        for (int i = 0; i < kinds.Length; i++)
        {
            bool fits = from.Arguments[i] == to.Arguments[i] || (kinds[i] switch
            {
                GenericParameterAttributes.Covariant => IsAssignable(from.Arguments[i], to.Arguments[i]),
                GenericParameterAttributes.Contravariant => IsAssignable(to.Arguments[i], from.Arguments[i]),
                _ => false,
            });
            if (!fits)
            {
                return false;
            }
        }

        return true;
    }
}
