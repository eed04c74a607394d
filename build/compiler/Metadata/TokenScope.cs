// SPDX-License-Identifier: MPL-2.0

using System;
using System.Linq;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;

namespace Asterion.Compiler.Metadata;

/// <summary>A member of an array type, which has no definition: <c>.ctor</c>, <c>Get</c>, <c>Set</c>, <c>Address</c> (ECMA-335, II.14.2).</summary>
internal sealed record ArrayMember(ArrayType Array, string Name, MethodSig Signature);

/// <summary>What tokens in a method's IL mean, with the type arguments of its owner and its own put in.</summary>
internal sealed class TokenScope(ModuleFile module, TypeDesc[] typeArguments, TypeDesc[] methodArguments)
{
    private readonly TypeSystem _system = module.System;

    public ModuleFile Module { get; } = module;

    public string GetString(int token) => Module.Reader.GetUserString((UserStringHandle)MetadataTokens.Handle(token));

    public TypeDesc GetType(int token) => Close(_system.ResolveType(Module, MetadataTokens.EntityHandle(token)));

    public TypeDesc Close(TypeDesc type) => type.Substitute(typeArguments, methodArguments);

    /// <summary>The signature of a <c>calli</c>.</summary>
    public MethodSig GetCallSignature(int token)
    {
        StandaloneSignature signature = Module.Reader.GetStandaloneSignature((StandaloneSignatureHandle)MetadataTokens.EntityHandle(token));
        return SignatureTypes.Convert(signature.DecodeMethodSignature(_system.Signatures, Module)).Substitute(typeArguments, methodArguments);
    }

    public TypeDesc[] GetLocals(StandaloneSignatureHandle handle) => handle.IsNil ? [] :
        [.. Module.Reader.GetStandaloneSignature(handle).DecodeLocalSignature(_system.Signatures, Module).Select(Close)];

    /// <summary>A field, a method or a type: the operand of <c>ldtoken</c>.</summary>
    public object GetMember(int token)
    {
        EntityHandle handle = MetadataTokens.EntityHandle(token);
        switch (handle.Kind)
        {
            case HandleKind.FieldDefinition:
                FieldDefinitionHandle field = (FieldDefinitionHandle)handle;
                TypeDef owner = Module.GetTypeDef(Module.Reader.GetFieldDefinition(field).GetDeclaringType());
                return ((DefType)Close(_system.GetOpen(owner))).GetField(owner.Fields.Single(f => f.Handle == field));
            case HandleKind.MethodDefinition:
                return FromDefinition((MethodDefinitionHandle)handle, []);
            case HandleKind.MemberReference:
                return FromReference((MemberReferenceHandle)handle, []);
            case HandleKind.MethodSpecification:
                MethodSpecification specification = Module.Reader.GetMethodSpecification((MethodSpecificationHandle)handle);
                TypeDesc[] arguments = [.. specification.DecodeSignature(_system.Signatures, Module).Select(Close)];
                return specification.Method.Kind == HandleKind.MethodDefinition
                    ? FromDefinition((MethodDefinitionHandle)specification.Method, arguments)
                    : FromReference((MemberReferenceHandle)specification.Method, arguments);
            default:
                return GetType(token);
        }
    }

    public FieldDesc GetField(int token) => (FieldDesc)GetMember(token);

    /// <summary>A <see cref="MethodDesc"/>, or an <see cref="ArrayMember"/>.</summary>
    public object GetMethod(int token) => GetMember(token);

    /// <summary>The method that a MethodImpl row names.</summary>
    public MethodDesc GetMethod(EntityHandle handle) => (MethodDesc)GetMember(MetadataTokens.GetToken(handle));

    private MethodDesc FromDefinition(MethodDefinitionHandle handle, TypeDesc[] arguments)
    {
        TypeDef owner = Module.GetTypeDef(Module.Reader.GetMethodDefinition(handle).GetDeclaringType());
        return ((DefType)Close(_system.GetOpen(owner))).GetMethod(owner.Methods.Single(m => m.Handle == handle), arguments);
    }

    private object FromReference(MemberReferenceHandle handle, TypeDesc[] arguments)
    {
        MemberReference reference = Module.Reader.GetMemberReference(handle);
        string name = Module.Reader.GetString(reference.Name);
        TypeDesc parent = reference.Parent.Kind == HandleKind.MethodDefinition
            ? throw new CompilationException("variable arguments")
            : GetType(MetadataTokens.GetToken(reference.Parent));
        if (reference.GetKind() == MemberReferenceKind.Field)
        {
            for (var type = (DefType?)parent; type is not null; type = type.Base)
            {
                FieldDef? field = type.Definition.Fields.FirstOrDefault(f => f.Name == name);
                if (field is not null)
                {
                    return type.GetField(field);
                }
            }

            throw new CompilationException($"there is no field {parent}.{name}");
        }

        MethodSig signature = SignatureTypes.Convert(reference.DecodeMethodSignature(_system.Signatures, Module));
        if (parent is ArrayType array)
        {
            return new ArrayMember(array, name, signature.Substitute(typeArguments, methodArguments).Substitute([array.Element], []));
        }

        // The signature is in terms of the parent's definition, as are the candidates'.
        for (var type = (DefType?)parent; type is not null; type = type.Base)
        {
            foreach (MethodDef candidate in type.Definition.Methods)
            {
                if (candidate.Name == name && (type == parent
                    ? candidate.Signature.Equals(signature)
                    : type.GetMethod(candidate).Signature.Equals(signature.Substitute(((DefType)parent).Arguments, []))))
                {
                    return type.GetMethod(candidate, arguments);
                }
            }
        }

        throw new CompilationException($"there is no method {parent}.{name}{signature}");
    }
}
