// SPDX-License-Identifier: MPL-2.0

using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;

namespace Asterion.Generators.Analyzers;

/// <summary>What of the class library allocates nothing, runs no lazy static constructor, and throws for its caller's bugs only.</summary>
internal static class LibraryRules
{
    // Types of which every member will do but those that make strings, arrays and other objects.
    private static readonly HashSet<string> s_types =
    [
        "System.Threading.Interlocked", "System.Threading.Volatile", "System.Math", "System.Numerics.BitOperations", "System.Buffers.Binary.BinaryPrimitives",
        "System.Runtime.CompilerServices.Unsafe", "System.Runtime.InteropServices.MemoryMarshal", "System.Buffer",
        "System.Span", "System.Span.Enumerator", "System.ReadOnlySpan", "System.ReadOnlySpan.Enumerator", "System.Index", "System.Range", "System.Nullable", "System.ValueTuple",
        "System.SByte", "System.Byte", "System.Int16", "System.UInt16", "System.Int32", "System.UInt32", "System.Int64", "System.UInt64", "System.IntPtr", "System.UIntPtr",
        "System.Int128", "System.UInt128", "System.Boolean", "System.Char", "System.Double", "System.Single",
    ];

    private static readonly HashSet<string> s_makers = ["ToString", "ToArray", "Parse", "TryParse", "TryFormat", "CreateChecked", "Create", "GetType"];

    private static readonly HashSet<string> s_members =
    [
        "System.Object..ctor", "System.Object.ReferenceEquals", "System.ValueType..ctor", "System.Array.Length", "System.Array.Clear", "System.Array.Copy",
        "System.String.Length", "System.String.this[]", "System.String.op_Equality", "System.String.op_Inequality", "System.String.Equals", "System.String.op_Implicit",
        "System.MemoryExtensions.AsSpan", "System.MemoryExtensions.IndexOf", "System.MemoryExtensions.IndexOfAny", "System.MemoryExtensions.LastIndexOf", "System.MemoryExtensions.SequenceEqual",
        "System.MemoryExtensions.StartsWith", "System.MemoryExtensions.EndsWith", "System.MemoryExtensions.Contains", "System.MemoryExtensions.CopyTo",
        "System.Runtime.CompilerServices.RuntimeHelpers.IsReferenceOrContainsReferences",
        "System.Threading.Thread.SpinWait",
    ];

    /// <summary>Whether marked code may call a method of the class library.</summary>
    public static bool IsHarmless(IMethodSymbol method)
    {
        var type = method.ContainingType.OriginalDefinition;
        var typeName = NameOf(type);
        if (typeName is null)
            return false;
        // An exception for what is the caller's bug, as of a bound of an array: see NoAllocAttribute.
        if (method.Name.StartsWith("ThrowIf"))
            return true;
        if (s_types.Contains(typeName))
            return !s_makers.Contains(method.Name);
        var member = method.AssociatedSymbol is IPropertySymbol property ? property.Name : method.Name;
        return s_members.Contains(typeName + "." + member);
    }

    // Without type parameters; null outside of the library's namespaces.
    private static string? NameOf(INamedTypeSymbol type)
    {
        var name = type.ContainingType is { } outer ? outer.Name + "." + type.Name : type.Name;
        var space = type.ContainingNamespace?.ToDisplayString();
        return space is not null && (space == "System" || space.StartsWith("System.")) ? space + "." + name : null;
    }
}
