// SPDX-License-Identifier: MPL-2.0

using System.Collections.Generic;
using System.Linq;
using Asterion.Compiler.Emit;
using Asterion.Compiler.Layout;
using Asterion.Compiler.Metadata;

namespace Asterion.Compiler.Analysis;

/// <summary>
/// Types and virtual calls. A type is necessary when something compares with it, and constructed when there may be objects of it; a virtual method is compiled
/// when some call may reach it on a constructed type.
/// </summary>
internal sealed partial class Compilation
{
    private readonly Dictionary<TypeDesc, string> _tables = [];
    private readonly Queue<TypeDesc> _tablesToEmit = new();
    private readonly HashSet<MethodDesc> _usedSlots = [];
    private readonly Dictionary<MethodDef, List<MethodDesc>> _usedInstantiations = [];
    private readonly Dictionary<MethodDef, List<MethodDesc>> _usedInterfaceMethods = [];
    private readonly Dictionary<MethodDesc, string> _unboxingStubs = [];
    private readonly Dictionary<MethodDesc, string> _genericDispatchers = [];
    private readonly Dictionary<MethodDesc, string> _dispatchCells = [];

    public ConstructedTypes Constructed { get; } = new();

    public bool IsConstructed(TypeDesc type) => Constructed.Contains(type);

    /// <summary>A type's method table, to compare with.</summary>
    public string NecessaryType(TypeDesc type)
    {
        // typeof(List<>) and its like.
        if (type is DefType { HasParameters: true } open && open == System.GetOpen(open.Definition))
        {
            return Data.GenericDefinition(open.Definition);
        }

        if (!_tables.TryGetValue(type, out string? symbol))
        {
            if (type.HasParameters)
            {
                throw new CompilationException($"{type} is not closed");
            }

            if (type.Depth > DeepestInstantiation)
            {
                throw new CompilationException($"an instantiation without end: {type}");
            }

            _tables.Add(type, symbol = _names.Unique("table " + type.Name, type));
            _tablesToEmit.Enqueue(type);
        }

        return symbol;
    }

    /// <summary>A type's method table, to make objects with.</summary>
    public string ConstructedType(TypeDesc type)
    {
        string symbol = NecessaryType(type);
        if (Constructed.Add(type))
        {
            if (World is not null && !World.IsConstructed(type))
            {
                throw new CompilationException($"the first pass did not foresee objects of {type}");
            }

            DefType members = type.ClosestDefType!;
            if (members.Interfaces.Any(i => i.Definition.FullName == "System.Runtime.InteropServices.IDynamicInterfaceCastable"))
            {
                throw new CompilationException($"{type} implements IDynamicInterfaceCastable");
            }

            CompileUsedMethods(type, members);
        }

        return symbol;
    }

    /// <summary>Notes that a virtual method is called: the one that introduced the slot, or an interface's.</summary>
    public void UseVirtual(MethodDesc declaration)
    {
        if (!_usedSlots.Add(declaration))
        {
            return;
        }

        if (declaration.Arguments.Length > 0)
        {
            _usedInstantiations.ListOf(declaration.Definition).Add(declaration);
            foreach (TypeDesc type in Constructed.Of(declaration.Owner).ToArray())
            {
                CompileGenericMethod(type, declaration);
            }

            return;
        }

        if (!declaration.Owner.IsInterface)
        {
            foreach (TypeDesc type in Constructed.Of(declaration.Owner).ToArray())
            {
                CompileImplementation(type, Virtuals.ResolveClassMethod(type.ClosestDefType!, declaration));
            }

            return;
        }

        _usedInterfaceMethods.ListOf(declaration.Definition).Add(declaration);
        foreach (TypeDesc type in Constructed.Of(declaration.Owner).ToArray())
        {
            foreach (DefType implemented in type.ClosestDefType!.Interfaces.Where(i => Variance.Reaches(type, i, declaration.Owner)))
            {
                CompileInterfaceMethod(type, implemented.GetMethod(declaration.Definition, declaration.Arguments));
            }
        }
    }

    /// <summary>The methods of an interface that calls reach on objects of a type, with their places in the interface.</summary>
    public IEnumerable<(int Slot, MethodDesc Method)> ReachedMethods(TypeDesc type, DefType implemented)
    {
        int slot = 0;
        foreach (VirtualSlot method in Virtuals.TableSlots(implemented))
        {
            if (_usedSlots.Contains(method.Declaration)
                || (_usedInterfaceMethods.TryGetValue(method.Declaration.Definition, out List<MethodDesc>? used) && used.Exists(u => Variance.Reaches(type, implemented, u.Owner))))
            {
                yield return (slot, method.Declaration);
            }

            slot++;
        }
    }

    public bool IsUsedSlot(MethodDesc declaration) => _usedSlots.Contains(declaration);

    /// <summary>Code that takes a box and calls a structure's method with what is in it.</summary>
    public string UnboxingStub(MethodDesc method)
    {
        if (!_unboxingStubs.TryGetValue(method, out string? symbol))
        {
            _unboxingStubs.Add(method, symbol = _names.Unique("unbox " + method, (method, "unbox")));
            _output.AddFunction(Thunks.Unbox(method, symbol, MethodSymbol(method)));
        }

        return symbol;
    }

    /// <summary>Whether a type's table has something else in a slot than the method that metadata names.</summary>
    public static bool HasEntryOfItsOwn(TypeDesc type, MethodDesc method) =>
        (type is DefType { IsDelegate: true } && method.Name == "GetThunk") || (type is DefType { Kind: TypeKind.Struct } && method.Name == FieldHelpers.Method);

    /// <summary>What stands in a table for a method: a structure's method takes its object boxed there.</summary>
    public string TableEntry(TypeDesc type, MethodDesc method) =>
        type is DefType { IsDelegate: true } delegateType && method.Name == "GetThunk" ? DelegateThunks.GetThunk(this, _names, _output, delegateType)
        : type is DefType { Kind: TypeKind.Struct } structure && method.Name == FieldHelpers.Method && FieldHelpers.IsNeeded(this, structure) ? FieldHelpers.Symbol(this, _names, _output, structure)
        : method.Owner.IsValueType && !method.Definition.IsStatic ? UnboxingStub(method)
        : MethodSymbol(method);

    /// <summary>The function that finds a generic virtual method by the type of an object.</summary>
    public string GenericDispatcher(MethodDesc declaration)
    {
        if (!_genericDispatchers.TryGetValue(declaration, out string? symbol))
        {
            ThrowHelper("ThrowNotSupportedException");
            _genericDispatchers.Add(declaration, symbol = _names.Unique("dispatch " + declaration, (declaration, "dispatch")));
        }

        return symbol;
    }

    /// <summary>The cell of the calls of an interface's method: a cache, the interface, the method's place in it.</summary>
    public string DispatchCell(MethodDesc declaration)
    {
        if (!_dispatchCells.TryGetValue(declaration, out string? symbol))
        {
            _dispatchCells.Add(declaration, symbol = _names.Unique("cell " + declaration, (declaration, "cell")));
            _output.AddData($"{symbol} = internal global {{ ptr, ptr, i64 }} {{ ptr null, ptr {NecessaryType(declaration.Owner)}, i64 {Virtuals.SlotIndex(declaration)} }}, align 8");
        }

        return symbol;
    }

    private void CompileUsedMethods(TypeDesc type, DefType members)
    {
        foreach (VirtualSlot slot in Virtuals.Slots(members))
        {
            if (slot.Declaration.IsGenericVirtual)
            {
                CompileGenericMethods(type, slot.Declaration.Definition);
            }
            else if (_usedSlots.Contains(slot.Declaration))
            {
                CompileImplementation(type, slot.Implementation);
            }
        }

        foreach (DefType implemented in members.Interfaces)
        {
            foreach ((_, MethodDesc method) in ReachedMethods(type, implemented).ToArray())
            {
                CompileInterfaceMethod(type, method);
            }

            foreach (VirtualSlot slot in Virtuals.Slots(implemented).Where(s => s.Declaration.IsGenericVirtual))
            {
                CompileGenericMethods(type, slot.Declaration.Definition);
            }
        }
    }

    private void CompileGenericMethods(TypeDesc type, MethodDef definition)
    {
        foreach (MethodDesc used in _usedInstantiations.ListOf(definition).ToArray())
        {
            CompileGenericMethod(type, used);
        }
    }

    private void CompileGenericMethod(TypeDesc type, MethodDesc declaration)
    {
        if (ResolveGenericMethod(type.ClosestDefType!, declaration) is { } found)
        {
            CompileImplementation(type, found);
        }
    }

    // The method table has no place for these, so what a call reaches is found here for each type.
    private MethodDesc? ResolveGenericMethod(DefType type, MethodDesc declaration)
    {
        if (!declaration.Owner.IsInterface)
        {
            return type.DerivesFrom(declaration.Owner) ? Virtuals.ResolveClassMethod(type, declaration) : null;
        }

        return Variance.ReachedInterface(type, declaration.Owner) is { } reached
            ? Virtuals.ResolveInterfaceMethod(type, reached.GetMethod(declaration.Definition, declaration.Arguments))
            : null;
    }

    private void CompileInterfaceMethod(TypeDesc type, MethodDesc method)
    {
        if (Virtuals.ResolveInterfaceMethod(type.ClosestDefType!, method) is { } found)
        {
            CompileImplementation(type, found);
        }
    }

    private void CompileImplementation(TypeDesc type, MethodDesc method)
    {
        if (!method.Definition.IsAbstract && ConstructedTypes.HasObjects(type))
        {
            TableEntry(type, method);
        }
    }

    private void EmitTypes()
    {
        // Tables name further types, whose tables name further ones; objects' tables need code, which needs types.
        while (_tablesToEmit.Count > 0 || _toImport.Count > 0)
        {
            List<TypeDesc> types = [];
            while (_tablesToEmit.TryDequeue(out TypeDesc? type))
            {
                types.Add(type);
                MethodTableEmitter.NoteNeeds(this, type);
            }

            _emitLater.AddRange(types);
            ImportAll();
        }

        foreach (TypeDesc type in _emitLater)
        {
            _output.AddData(MethodTableEmitter.Emit(this, type, _tables[type]));
        }
    }

    private readonly List<TypeDesc> _emitLater = [];

    private void EmitGenericDispatchers()
    {
        foreach ((MethodDesc declaration, string symbol) in _genericDispatchers)
        {
            List<(string Table, string Target)> targets = [];
            foreach (TypeDesc type in Constructed.All)
            {
                DefType members = type.ClosestDefType!;
                MethodDesc? found = ResolveGenericMethod(members, declaration);
                if (found is { Definition.IsAbstract: false })
                {
                    targets.Add((_tables[type], TableEntry(type, found)));
                }
            }

            _output.AddFunction(Thunks.GenericDispatcher(this, symbol, targets));
        }
    }
}
