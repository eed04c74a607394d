// SPDX-License-Identifier: MPL-2.0

using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Reflection.Metadata;

namespace Asterion.Compiler.Metadata;

/// <summary>A type as metadata defines it, before any instantiation.</summary>
internal sealed class TypeDef
{
    private readonly TypeDefinition _row;
    private MethodDef[]? _methods;
    private FieldDef[]? _fields;

    public TypeDef(ModuleFile module, TypeDefinitionHandle handle)
    {
        Module = module;
        Handle = handle;
        _row = module.Reader.GetTypeDefinition(handle);
        SimpleName = module.Reader.GetString(_row.Name);
        Namespace = module.Reader.GetString(_row.Namespace);
        Attributes = _row.Attributes;
        TypeDefinitionHandle outer = _row.GetDeclaringType();
        Declaring = outer.IsNil ? null : module.GetTypeDef(outer);
        FullName = Declaring is not null ? $"{Declaring.FullName}+{SimpleName}" : Namespace.Length == 0 ? SimpleName : $"{Namespace}.{SimpleName}";
        GenericArity = _row.GetGenericParameters().Count;
    }

    public ModuleFile Module { get; }

    public TypeSystem System => Module.System;

    public TypeDefinitionHandle Handle { get; }

    public string SimpleName { get; }

    public string Namespace { get; }

    /// <summary>Namespace, outer types and name: <c>System.Collections.Generic.List`1+Enumerator</c>.</summary>
    public string FullName { get; }

    public TypeDef? Declaring { get; }

    public TypeAttributes Attributes { get; }

    /// <summary>Type parameters, those of outer types included.</summary>
    public int GenericArity { get; }

    public bool IsInterface => (Attributes & TypeAttributes.Interface) != 0;

    public bool IsAbstract => (Attributes & TypeAttributes.Abstract) != 0;

    public bool IsSealed => (Attributes & TypeAttributes.Sealed) != 0;

    /// <summary>The class constructor may run as late as the first access to a static field (ECMA-335, II.10.5.3.3).</summary>
    public bool IsBeforeFieldInit => (Attributes & TypeAttributes.BeforeFieldInit) != 0;

    public TypeLayout Layout => _row.GetLayout();

    public MethodDef[] Methods => _methods ??= [.. _row.GetMethods().Select(h => new MethodDef(this, h))];

    public FieldDef[] Fields => _fields ??= [.. _row.GetFields().Select(h => new FieldDef(this, h))];

    /// <summary>The base type, open, or null.</summary>
    public DefType? Base => _row.BaseType.IsNil ? null : (DefType)System.ResolveType(Module, _row.BaseType);

    /// <summary>Interfaces that the definition names itself, open.</summary>
    public IEnumerable<DefType> Interfaces =>
        _row.GetInterfaceImplementations().Select(h => (DefType)System.ResolveType(Module, Module.Reader.GetInterfaceImplementation(h).Interface));

    /// <summary>Explicit overrides: body and declaration, as tokens.</summary>
    public IEnumerable<MethodImplementation> MethodImplementations =>
        _row.GetMethodImplementations().Select(Module.Reader.GetMethodImplementation);

    /// <summary>Variance of each type parameter.</summary>
    public GenericParameterAttributes[] Variance => [.. _row.GetGenericParameters()
        .Select(h => Module.Reader.GetGenericParameter(h).Attributes & GenericParameterAttributes.VarianceMask)];

    public bool HasAttribute(string fullName) => Module.System.HasAttribute(Module, _row.GetCustomAttributes(), fullName);

    /// <summary>The first attribute of this name, or null.</summary>
    public CustomAttributeValue<TypeDesc>? GetAttribute(string fullName) => Module.System.GetAttribute(Module, _row.GetCustomAttributes(), fullName);

    public MethodDef? FindMethod(string name) => Methods.FirstOrDefault(m => m.Name == name);

    public override string ToString() => FullName;
}

/// <summary>A field as metadata defines it.</summary>
internal sealed class FieldDef
{
    private readonly FieldDefinition _row;
    private TypeDesc? _type;

    public FieldDef(TypeDef owner, FieldDefinitionHandle handle)
    {
        Owner = owner;
        Handle = handle;
        _row = owner.Module.Reader.GetFieldDefinition(handle);
        Name = owner.Module.Reader.GetString(_row.Name);
        Attributes = _row.Attributes;
        if (IsStatic)
        {
            IsThreadStatic = HasAttribute("System.ThreadStaticAttribute");
        }
    }

    public TypeDef Owner { get; }

    public FieldDefinitionHandle Handle { get; }

    public string Name { get; }

    public FieldAttributes Attributes { get; }

    public bool IsStatic => (Attributes & FieldAttributes.Static) != 0;

    public bool IsLiteral => (Attributes & FieldAttributes.Literal) != 0;

    public bool IsThreadStatic { get; }

    /// <summary>Place in the structure, of explicit layout; -1 otherwise.</summary>
    public int ExplicitOffset => _row.GetOffset();

    /// <summary>Address of the initial value in the assembly's image; 0: none.</summary>
    public int RelativeVirtualAddress => (Attributes & FieldAttributes.HasFieldRVA) != 0 ? _row.GetRelativeVirtualAddress() : 0;

    public TypeDesc Type => _type ??= _row.DecodeSignature(Owner.System.Signatures, Owner.Module);

    public bool HasAttribute(string fullName) => Owner.System.HasAttribute(Owner.Module, _row.GetCustomAttributes(), fullName);

    public override string ToString() => $"{Owner}.{Name}";
}
