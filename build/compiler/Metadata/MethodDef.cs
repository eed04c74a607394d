// SPDX-License-Identifier: MPL-2.0

using System.Collections.Generic;
using System.Reflection;
using System.Reflection.Metadata;

namespace Asterion.Compiler.Metadata;

/// <summary>A method as metadata defines it, before any instantiation.</summary>
internal sealed class MethodDef
{
    private readonly MethodDefinition _row;
    private MethodSig? _signature;

    public MethodDef(TypeDef owner, MethodDefinitionHandle handle)
    {
        Owner = owner;
        Handle = handle;
        _row = owner.Module.Reader.GetMethodDefinition(handle);
        Name = owner.Module.Reader.GetString(_row.Name);
        Attributes = _row.Attributes;
        ImplAttributes = _row.ImplAttributes;
        GenericArity = _row.GetGenericParameters().Count;
    }

    public TypeDef Owner { get; }

    public MethodDefinitionHandle Handle { get; }

    public string Name { get; }

    public MethodAttributes Attributes { get; }

    public MethodImplAttributes ImplAttributes { get; }

    public int GenericArity { get; }

    public bool IsStatic => (Attributes & MethodAttributes.Static) != 0;

    public bool IsVirtual => (Attributes & MethodAttributes.Virtual) != 0;

    public bool IsAbstract => (Attributes & MethodAttributes.Abstract) != 0;

    public bool IsFinal => (Attributes & MethodAttributes.Final) != 0;

    public bool IsNewSlot => (Attributes & MethodAttributes.NewSlot) != 0;

    public bool IsPublic => (Attributes & MethodAttributes.MemberAccessMask) == MethodAttributes.Public;

    public bool IsConstructor => Name == ".ctor";

    public bool IsClassConstructor => Name == ".cctor";

    public bool HasBody => _row.RelativeVirtualAddress != 0;

    public bool IsIntrinsic => HasAttribute("System.Runtime.CompilerServices.IntrinsicAttribute");

    /// <summary>The native symbol of a P/Invoke, or null.</summary>
    public string? PInvokeSymbol
    {
        get
        {
            if ((Attributes & MethodAttributes.PinvokeImpl) == 0)
            {
                return null;
            }

            string name = Owner.Module.Reader.GetString(_row.GetImport().Name);
            return name.Length == 0 ? Name : name;
        }
    }

    public MethodSig Signature => _signature ??= Owner.System.DecodeMethod(Owner.Module, _row);

    public MethodBodyBlock GetBody() => Owner.Module.Pe.GetMethodBody(_row.RelativeVirtualAddress);

    public bool HasAttribute(string fullName) => Owner.System.HasAttribute(Owner.Module, _row.GetCustomAttributes(), fullName);

    /// <summary>The first attribute of this name, or null.</summary>
    public CustomAttributeValue<TypeDesc>? GetAttribute(string fullName) => Owner.System.GetAttribute(Owner.Module, _row.GetCustomAttributes(), fullName);

    public IEnumerable<CustomAttributeValue<TypeDesc>> GetAttributes(string fullName) => Owner.System.GetAttributes(Owner.Module, _row.GetCustomAttributes(), fullName);

    public override string ToString() => $"{Owner}.{Name}";
}
