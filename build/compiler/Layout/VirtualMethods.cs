// SPDX-License-Identifier: MPL-2.0

using System.Collections.Generic;
using System.Linq;
using Asterion.Compiler.Metadata;

namespace Asterion.Compiler.Layout;

/// <summary>One virtual method as a type has it: who introduced it, and what a call reaches.</summary>
internal readonly record struct VirtualSlot(MethodDesc Declaration, MethodDesc Implementation);

/// <summary>
/// Which method a virtual call reaches. Slots of a type are its base type's, then its own new ones, in the order of metadata (ECMA-335, II.12.2). Generic virtual methods
/// take part with their open forms; they have no place in the method table.
/// </summary>
internal sealed class VirtualMethods
{
    private readonly Dictionary<DefType, VirtualSlot[]> _slots = [];
    private readonly Dictionary<(DefType, MethodDesc), MethodDesc?> _interfaceMethods = [];

    /// <summary>All slots of a type; of an interface, its own methods.</summary>
    public VirtualSlot[] Slots(DefType type)
    {
        if (!_slots.TryGetValue(type, out VirtualSlot[]? slots))
        {
            _slots.Add(type, slots = ComputeSlots(type));
        }

        return slots;
    }

    /// <summary>Slots that the method table holds.</summary>
    public IEnumerable<VirtualSlot> TableSlots(DefType type) => Slots(type).Where(s => !s.Declaration.IsGenericVirtual);

    /// <summary>The place of a virtual method in the method table, or in its interface.</summary>
    public int SlotIndex(MethodDesc method)
    {
        MethodDesc open = Open(method);
        int index = 0;
        foreach (VirtualSlot slot in TableSlots(method.Owner))
        {
            if (slot.Declaration == open || slot.Implementation == open)
            {
                return index;
            }

            index++;
        }

        throw new CompilationException($"{method} has no slot");
    }

    /// <summary>The method that introduced the slot of a virtual method.</summary>
    public MethodDesc Declaration(MethodDesc method)
    {
        MethodDesc open = Open(method);
        MethodDesc declaration = Slots(method.Owner).Last(s => s.Implementation == open || s.Declaration == open).Declaration;
        return declaration.Instantiate(method.Arguments);
    }

    /// <summary>What a call of a class's virtual method reaches on an object of a type.</summary>
    public MethodDesc ResolveClassMethod(DefType type, MethodDesc declaration)
    {
        MethodDesc open = Open(declaration);
        return Slots(type).First(s => s.Declaration == open).Implementation.Instantiate(declaration.Arguments);
    }

    /// <summary>What a call of an interface's method reaches on an object of a type that implements just that interface; null: nothing does, or several default ones do.</summary>
    public MethodDesc? ResolveInterfaceMethod(DefType type, MethodDesc method)
    {
        MethodDesc open = Open(method);
        if (!_interfaceMethods.TryGetValue((type, open), out MethodDesc? found))
        {
            _interfaceMethods.Add((type, open), found = FindOnClasses(type, open) ?? FindDefault(type, open));
        }

        return found?.Instantiate(method.Arguments);
    }

    private static MethodDesc Open(MethodDesc method) => method.Arguments.Length == 0 ? method : method.Instantiate();

    private VirtualSlot[] ComputeSlots(DefType type)
    {
        List<VirtualSlot> slots = type.Base is null ? [] : [.. Slots(type.Base)];
        int inherited = slots.Count;
        foreach (MethodDef definition in type.Definition.Methods)
        {
            // A static virtual method is found at compile time and needs no slot.
            if (!definition.IsVirtual || definition.IsStatic)
            {
                continue;
            }

            MethodDesc method = type.GetMethod(definition);
            if (!definition.IsNewSlot && !type.IsInterface)
            {
                int overridden = slots.FindLastIndex(inherited == 0 ? -1 : inherited - 1,
                    s => s.Declaration.Name == method.Name && s.Declaration.Signature.Equals(method.Signature));
                if (overridden >= 0)
                {
                    // Covariant returns make a second slot of one name: both lead to the newest method.
                    MethodDesc former = slots[overridden].Implementation;
                    for (int i = 0; i < inherited; i++)
                    {
                        if (slots[i].Implementation == former)
                        {
                            slots[i] = slots[i] with { Implementation = method };
                        }
                    }

                    continue;
                }
            }

            // An explicit implementation in an interface only overrides another interface's method.
            if (!type.IsInterface || !definition.IsFinal || definition.IsAbstract)
            {
                slots.Add(new VirtualSlot(method, method));
            }
        }

        foreach ((MethodDesc body, MethodDesc declaration) in ExplicitImplementations(type))
        {
            if (!declaration.Owner.IsInterface)
            {
                MethodDesc former = slots.First(s => s.Declaration == Declaration(declaration)).Implementation;
                for (int i = 0; i < slots.Count; i++)
                {
                    if (slots[i].Implementation == former)
                    {
                        slots[i] = slots[i] with { Implementation = body };
                    }
                }
            }
        }

        return [.. slots];
    }

    private static IEnumerable<(MethodDesc Body, MethodDesc Declaration)> ExplicitImplementations(DefType type)
    {
        var scope = new TokenScope(type.Definition.Module, type.Arguments, []);
        foreach (System.Reflection.Metadata.MethodImplementation row in type.Definition.MethodImplementations)
        {
            yield return (scope.GetMethod(row.MethodBody), scope.GetMethod(row.MethodDeclaration));
        }
    }

    private MethodDesc? FindOnClasses(DefType type, MethodDesc method)
    {
        for (DefType? current = type; current is not null; current = current.Base)
        {
            foreach ((MethodDesc body, MethodDesc declaration) in ExplicitImplementations(current))
            {
                if (declaration == method)
                {
                    return Final(type, body);
                }
            }

            // By name and signature only where the class, and not its base alone, lists the interface.
            bool lists = current.Definition.Interfaces.Select(i => (DefType)i.Substitute(current.Arguments, []))
                .Any(i => i == method.Owner || i.Interfaces.Contains(method.Owner));
            if (lists && FindPublic(current, method) is { } found)
            {
                return Final(type, found);
            }
        }

        return null;
    }

    private static MethodDesc? FindPublic(DefType type, MethodDesc method)
    {
        for (DefType? current = type; current is not null; current = current.Base)
        {
            foreach (MethodDef candidate in current.Definition.Methods)
            {
                if (candidate.IsPublic && candidate.IsStatic == method.Definition.IsStatic && (candidate.IsVirtual || candidate.IsStatic) && candidate.Name == method.Name
                    && current.GetMethod(candidate).Signature.Equals(method.Signature))
                {
                    return current.GetMethod(candidate);
                }
            }
        }

        return null;
    }

    // A method of a base class may be overridden further down.
    private MethodDesc Final(DefType type, MethodDesc method) =>
        method.Definition.IsStatic || method.Owner == type ? method : Slots(type).FirstOrDefault(s => s.Declaration == Declaration(method)).Implementation ?? method;

    // The most derived of the interfaces that implement the method (default interface methods).
    private static MethodDesc? FindDefault(DefType type, MethodDesc method)
    {
        MethodDesc? best = method.Definition.IsAbstract ? null : method;
        foreach (DefType candidate in type.Interfaces)
        {
            foreach ((MethodDesc body, MethodDesc declaration) in ExplicitImplementations(candidate))
            {
                if (declaration == method)
                {
                    if (best is null || candidate.Interfaces.Contains(best.Owner))
                    {
                        best = body;
                    }
                    else if (!best.Owner.Interfaces.Contains(candidate))
                    {
                        throw new CompilationException($"{type} has two default implementations of {method}");
                    }
                }
            }
        }

        return best is { Definition.IsAbstract: true } ? null : best;
    }
}
