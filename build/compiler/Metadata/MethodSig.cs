// SPDX-License-Identifier: MPL-2.0

using System;
using System.Linq;

namespace Asterion.Compiler.Metadata;

/// <summary>A method's signature. Parameters do not include <c>this</c>.</summary>
internal sealed class MethodSig(bool isInstance, int genericArity, TypeDesc returnType, TypeDesc[] parameters, bool isUnmanaged = false) : IEquatable<MethodSig>
{
    public bool IsInstance { get; } = isInstance;

    public int GenericArity { get; } = genericArity;

    public TypeDesc Return { get; } = returnType;

    public TypeDesc[] Parameters { get; } = parameters;

    /// <summary>Of a function pointer: code that is not C#.</summary>
    public bool IsUnmanaged { get; } = isUnmanaged;

    public bool HasParameters => Return.HasParameters || Parameters.Any(p => p.HasParameters);

    public MethodSig Substitute(TypeDesc[] typeArguments, TypeDesc[] methodArguments) => HasParameters
        ? new MethodSig(IsInstance, GenericArity, Return.Substitute(typeArguments, methodArguments),
            Array.ConvertAll(Parameters, p => p.Substitute(typeArguments, methodArguments)), IsUnmanaged)
        : this;

    public bool Equals(MethodSig? other) => other is not null && IsInstance == other.IsInstance && GenericArity == other.GenericArity
        && IsUnmanaged == other.IsUnmanaged && Return == other.Return && Parameters.AsSpan().SequenceEqual(other.Parameters);

    public override bool Equals(object? obj) => Equals(obj as MethodSig);

    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.Add(Return);
        foreach (TypeDesc parameter in Parameters)
        {
            hash.Add(parameter);
        }

        return hash.ToHashCode();
    }

    public override string ToString() => $"({string.Join(", ", Parameters.Select(p => p.Name))})";
}
