// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Immutable;
using System.Reflection.Metadata;

namespace Asterion.Compiler.Metadata;

/// <summary>Makes types of this compiler from signatures and attribute values in metadata. Custom modifiers are dropped.</summary>
internal sealed class SignatureTypes(TypeSystem system) : ISignatureTypeProvider<TypeDesc, ModuleFile>, ICustomAttributeTypeProvider<TypeDesc>
{
    public static MethodSig Convert(MethodSignature<TypeDesc> signature) => new(
        signature.Header.IsInstance, signature.GenericParameterCount, signature.ReturnType, [.. signature.ParameterTypes],
        signature.Header.CallingConvention is not (SignatureCallingConvention.Default or SignatureCallingConvention.VarArgs));

    public TypeDesc GetPrimitiveType(PrimitiveTypeCode typeCode) => typeCode switch
    {
        PrimitiveTypeCode.String or PrimitiveTypeCode.Object or PrimitiveTypeCode.TypedReference => system.CoreType("System", typeCode.ToString()),
        _ => system.Primitive(Enum.Parse<TypeKind>(typeCode.ToString())),
    };

    TypeDesc ISimpleTypeProvider<TypeDesc>.GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) =>
        system.GetOpen(ModuleOf(reader).GetTypeDef(handle));

    TypeDesc ISimpleTypeProvider<TypeDesc>.GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) =>
        system.GetOpen(system.ResolveReference(ModuleOf(reader), handle));

    public TypeDesc GetTypeFromSpecification(MetadataReader reader, ModuleFile genericContext, TypeSpecificationHandle handle, byte rawTypeKind) =>
        reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);

    public TypeDesc GetGenericInstantiation(TypeDesc genericType, ImmutableArray<TypeDesc> typeArguments) =>
        system.GetInstance(((DefType)genericType).Definition, [.. typeArguments]);

    public TypeDesc GetSZArrayType(TypeDesc elementType) => system.GetVector(elementType);

    public TypeDesc GetArrayType(TypeDesc elementType, ArrayShape shape) => system.GetArray(elementType, shape.Rank, false);

    public TypeDesc GetByReferenceType(TypeDesc elementType) => system.GetByRef(elementType);

    public TypeDesc GetPointerType(TypeDesc elementType) => system.GetPointer(elementType);

    public TypeDesc GetFunctionPointerType(MethodSignature<TypeDesc> signature) => system.GetFunctionPointer(Convert(signature));

    public TypeDesc GetGenericMethodParameter(ModuleFile genericContext, int index) => system.GetParameter(index, true);

    public TypeDesc GetGenericTypeParameter(ModuleFile genericContext, int index) => system.GetParameter(index, false);

    public TypeDesc GetModifiedType(TypeDesc modifier, TypeDesc unmodifiedType, bool isRequired) => unmodifiedType;

    public TypeDesc GetPinnedType(TypeDesc elementType) => elementType;

    public TypeDesc GetSystemType() => system.CoreType("System", "Type");

    public bool IsSystemType(TypeDesc type) => type == GetSystemType();

    // Attribute values name types as text; none of those that the compiler reads does.
    public TypeDesc GetTypeFromSerializedName(string name) => throw new CompilationException($"an attribute names the type {name}");

    public PrimitiveTypeCode GetUnderlyingEnumType(TypeDesc type) => Enum.Parse<PrimitiveTypeCode>(type.UnderlyingType.Kind.ToString());

    private ModuleFile ModuleOf(MetadataReader reader) => system.GetModule(reader.GetString(reader.GetAssemblyDefinition().Name));
}
