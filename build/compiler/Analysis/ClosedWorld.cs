// SPDX-License-Identifier: MPL-2.0

using System.Collections.Generic;
using System.Linq;
using Asterion.Compiler.Layout;
using Asterion.Compiler.Metadata;

namespace Asterion.Compiler.Analysis;

/// <summary>
/// Of which types the whole program has objects: what a first compilation has found, for a second one that calls directly what it knows to be the only method that a
/// virtual call can reach.
/// </summary>
/// <remarks>
/// The second compilation reaches nothing that the first did not: a direct call leads to a method that the virtual one, which it replaces, had made part of the program. <see cref="Compilation"/> refuses a type
/// that was not foreseen.
/// </remarks>
/// <param name="constructed">What the first compilation has found.</param>
internal sealed class ClosedWorld(ConstructedTypes constructed)
{
    private readonly Dictionary<(MethodDesc Declaration, DefType Bound), MethodDesc?> _targets = [];

    /// <summary>Whether there may be objects of just this type.</summary>
    public bool IsConstructed(TypeDesc type) => constructed.Contains(type);

    /// <summary>Whether a cast to a type can succeed for any object. Answers yes where it does not know.</summary>
    public bool HasObjects(TypeDesc type) => type switch
    {
        // Delegates and enumerators of arrays convert between instantiations; a structure's box may be made from a table that was only necessary.
        DefType { Kind: TypeKind.Class, IsInterface: false } exact when Variance.KindsOf(exact.Definition) is null => AnyObjects(exact),
        DefType { IsInterface: true } wanted => AnyObjects(wanted),
        _ => true,
    };

    /// <summary>The only method that a virtual call can reach; null: there are several, or none.</summary>
    /// <param name="virtuals">Which method a type has.</param>
    /// <param name="declaration">The method that introduced the slot, or an interface's.</param>
    /// <param name="bound">What the receiver is known to be: the declaration's owner or a class derived from it.</param>
    public MethodDesc? OnlyTarget(VirtualMethods virtuals, MethodDesc declaration, DefType bound)
    {
        if (!_targets.TryGetValue((declaration, bound), out MethodDesc? target))
        {
            _targets.Add((declaration, bound), target = FindOnlyTarget(virtuals, declaration, bound));
        }

        return target;
    }

    private MethodDesc? FindOnlyTarget(VirtualMethods virtuals, MethodDesc declaration, DefType bound)
    {
        MethodDesc? only = null;
        foreach (TypeDesc type in constructed.Of(bound).Where(ConstructedTypes.HasObjects))
        {
            foreach (MethodDesc? found in bound.IsInterface ? OnInterfaces(virtuals, type, declaration) : [virtuals.ResolveClassMethod(type.ClosestDefType!, declaration)])
            {
                if (found is null || found.Definition.IsAbstract || Compilation.HasEntryOfItsOwn(type, found) || (only is not null && found != only))
                {
                    return null;
                }

                only = found;
            }
        }

        return only;
    }

    private static IEnumerable<MethodDesc?> OnInterfaces(VirtualMethods virtuals, TypeDesc type, MethodDesc declaration) =>
        from implemented in type.ClosestDefType!.Interfaces
        where Variance.Reaches(type, implemented, declaration.Owner)
        select virtuals.ResolveInterfaceMethod(type.ClosestDefType!, implemented.GetMethod(declaration.Definition, declaration.Arguments));

    private bool AnyObjects(DefType type) => constructed.Of(type).Any(ConstructedTypes.HasObjects);
}
