// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Linq;

namespace Asterion.Compiler.Metadata;

/// <summary>A class, structure, enum, interface or delegate: a definition with its type arguments.</summary>
internal sealed class DefType : TypeDesc
{
    private readonly Dictionary<(MethodDef, TypeList), MethodDesc> _methods = [];
    private readonly Dictionary<FieldDef, FieldDesc> _fields = [];
    private TypeKind? _kind;
    private DefType? _base;
    private bool _hasBase;
    private DefType[]? _interfaces;
    private FieldDesc[]? _fieldList;

    public DefType(TypeDef definition, TypeDesc[] arguments)
        : base(definition.System)
    {
        Definition = definition;
        Arguments = arguments;
        HasParameters = arguments.Any(a => a.HasParameters);
        Depth = arguments.Length == 0 ? 0 : 1 + arguments.Max(a => a.Depth);
        Name = arguments.Length == 0 ? definition.FullName : $"{definition.FullName}<{string.Join(", ", arguments.Select(a => a.Name))}>";
    }

    public TypeDef Definition { get; }

    public TypeDesc[] Arguments { get; }

    public override string Name { get; }

    public override bool HasParameters { get; }

    public override int Depth { get; }

    public override TypeKind Kind => _kind ??= ComputeKind();

    public override DefType ClosestDefType => this;

    /// <summary>The base type, or null for Object and interfaces.</summary>
    public DefType? Base
    {
        get
        {
            if (!_hasBase)
            {
                _base = (DefType?)Definition.Base?.Substitute(Arguments, []);
                _hasBase = true;
            }

            return _base;
        }
    }

    /// <summary>All interfaces: the base type's first, in its order, then those of the definition, each followed by what it extends.</summary>
    public DefType[] Interfaces => _interfaces ??= ComputeInterfaces();

    public bool IsDelegate => Base?.Definition.FullName == "System.MulticastDelegate";

    public bool IsNullable => Definition.FullName == "System.Nullable`1";

    public bool IsString => Definition.FullName == "System.String";

    public bool IsObject => Definition.FullName == "System.Object";

    public bool IsByRefLike => IsValueType && Definition.HasAttribute("System.Runtime.CompilerServices.IsByRefLikeAttribute");

    public FieldDesc[] Fields => _fieldList ??= Array.ConvertAll(Definition.Fields, GetField);

    public override TypeDesc UnderlyingType => Kind == TypeKind.Enum ? Definition.Fields.First(f => !f.IsStatic).Type : this;

    /// <summary>The class constructor, or null.</summary>
    public MethodDesc? ClassConstructor
    {
        get
        {
            MethodDef? found = Definition.FindMethod(".cctor");
            return found is null ? null : GetMethod(found);
        }
    }

    public DefType Instantiate(params TypeDesc[] arguments) => System.GetInstance(Definition, arguments);

    public override TypeDesc Substitute(TypeDesc[] typeArguments, TypeDesc[] methodArguments) =>
        HasParameters ? System.GetInstance(Definition, Array.ConvertAll(Arguments, a => a.Substitute(typeArguments, methodArguments))) : this;

    public MethodDesc GetMethod(MethodDef method, params TypeDesc[] methodArguments)
    {
        var key = (method, new TypeList(methodArguments));
        if (!_methods.TryGetValue(key, out MethodDesc? found))
        {
            _methods.Add(key, found = new MethodDesc(this, method, methodArguments));
        }

        return found;
    }

    public FieldDesc GetField(FieldDef field)
    {
        if (!_fields.TryGetValue(field, out FieldDesc? found))
        {
            _fields.Add(field, found = new FieldDesc(this, field));
        }

        return found;
    }

    /// <summary>The method of this name, which has to be the only one.</summary>
    public MethodDesc GetMethod(string name) => GetMethod(Definition.Methods.Single(m => m.Name == name));

    public FieldDesc GetField(string name) => GetField(Definition.Fields.Single(f => f.Name == name));

    /// <summary>Whether this is the other type or derives from it.</summary>
    public bool DerivesFrom(DefType other)
    {
        for (DefType? type = this; type is not null; type = type.Base)
        {
            if (type == other)
            {
                return true;
            }
        }

        return false;
    }

    private TypeKind ComputeKind()
    {
        if (Definition.IsInterface)
        {
            return TypeKind.Interface;
        }

        string? baseName = Definition.Base?.Definition.FullName;
        if (baseName == "System.Enum")
        {
            return TypeKind.Enum;
        }

        if (baseName != "System.ValueType" || Definition.FullName == "System.Enum")
        {
            return TypeKind.Class;
        }

        if (Definition.Namespace == "System" && Definition.Declaring is null && Definition.Module == System.CoreLib
            && Enum.TryParse(Definition.SimpleName, out TypeKind kind) && kind <= TypeKind.Double)
        {
            return kind;
        }

        return TypeKind.Struct;
    }

    private DefType[] ComputeInterfaces()
    {
        List<DefType> all = Base is null ? [] : [.. Base.Interfaces];
        foreach (DefType open in Definition.Interfaces)
        {
            var implemented = (DefType)open.Substitute(Arguments, []);
            foreach (DefType each in implemented.Interfaces.Prepend(implemented))
            {
                if (!all.Contains(each))
                {
                    all.Add(each);
                }
            }
        }

        return [.. all];
    }
}

/// <summary>Type arguments as a key.</summary>
internal readonly struct TypeList(TypeDesc[] types) : IEquatable<TypeList>
{
    private readonly TypeDesc[] _types = types;

    public bool Equals(TypeList other) => _types.AsSpan().SequenceEqual(other._types);

    public override bool Equals(object? obj) => obj is TypeList other && Equals(other);

    public override int GetHashCode()
    {
        HashCode hash = default;
        foreach (TypeDesc type in _types)
        {
            hash.Add(type);
        }

        return hash.ToHashCode();
    }
}
