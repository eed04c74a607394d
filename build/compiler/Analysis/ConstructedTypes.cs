// SPDX-License-Identifier: MPL-2.0

using System.Collections.Generic;
using System.Linq;
using Asterion.Compiler.Metadata;

namespace Asterion.Compiler.Analysis;

/// <summary>The types of which there may be objects, and which of them a class or an interface stands for.</summary>
internal sealed class ConstructedTypes
{
    private readonly HashSet<TypeDesc> _types = [];
    private readonly List<TypeDesc> _list = [];
    private readonly Dictionary<DefType, List<TypeDesc>> _derived = [];
    private readonly Dictionary<TypeDef, List<TypeDesc>> _implementers = [];

    /// <summary>All of them, in the order in which they were found.</summary>
    public IReadOnlyList<TypeDesc> All => _list;

    public bool Contains(TypeDesc type) => _types.Contains(type);

    /// <summary>Adds a type.</summary>
    /// <returns>False when it was known.</returns>
    public bool Add(TypeDesc type)
    {
        if (!_types.Add(type))
        {
            return false;
        }

        _list.Add(type);
        DefType members = type.ClosestDefType!;
        for (DefType? current = members; current is not null; current = current.Base)
        {
            _derived.ListOf(current).Add(type);
        }

        foreach (TypeDef definition in members.Interfaces.Select(i => i.Definition).Distinct())
        {
            _implementers.ListOf(definition).Add(type);
        }

        return true;
    }

    /// <summary>Those that are a class or derive from it, or that implement any instantiation of an interface.</summary>
    public IReadOnlyList<TypeDesc> Of(DefType type) =>
        (type.IsInterface ? _implementers.GetValueOrDefault(type.Definition) : _derived.GetValueOrDefault(type)) ?? [];

    /// <summary>Whether there are objects of just this type, and not of derived ones alone.</summary>
    public static bool HasObjects(TypeDesc type) => type is ArrayType || type.ClosestDefType is { Definition.IsAbstract: false };
}
