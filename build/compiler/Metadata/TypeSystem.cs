// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection.Metadata;

namespace Asterion.Compiler.Metadata;

/// <summary>All assemblies of the program, and all types made from them, each once.</summary>
internal sealed class TypeSystem
{
    private readonly Dictionary<string, string> _paths = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ModuleFile> _modules = new(StringComparer.Ordinal);
    private readonly Dictionary<(TypeDef, TypeList), DefType> _instances = [];
    private readonly Dictionary<(TypeDesc, int, bool), ArrayType> _arrays = [];
    private readonly Dictionary<TypeDesc, ByRefType> _byRefs = [];
    private readonly Dictionary<TypeDesc, PointerType> _pointers = [];
    private readonly Dictionary<MethodSig, FunctionPointerType> _functionPointers = [];
    private readonly Dictionary<(int, bool), ParameterType> _parameters = [];
    private readonly Dictionary<(string, string), DefType> _coreTypes = [];
    private ModuleFile? _coreLib;

    /// <param name="assemblies">Paths of all assemblies that may be needed, one of them System.Private.CoreLib.</param>
    public TypeSystem(IEnumerable<string> assemblies)
    {
        Signatures = new SignatureTypes(this);
        foreach (string path in assemblies)
        {
            _paths.TryAdd(Path.GetFileNameWithoutExtension(path), path);
        }
    }

    public SignatureTypes Signatures { get; }

    public ModuleFile CoreLib => _coreLib ??= GetModule("System.Private.CoreLib");

    public ModuleFile GetModule(string name)
    {
        if (!_modules.TryGetValue(name, out ModuleFile? module))
        {
            if (!_paths.TryGetValue(name, out string? path))
            {
                throw new CompilationException($"the assembly {name} was not given");
            }

            _modules.Add(name, module = new ModuleFile(this, path));
        }

        return module;
    }

    /// <summary>A type of CoreLib, with itself as arguments when it is generic.</summary>
    public DefType CoreType(string ns, string name)
    {
        if (!_coreTypes.TryGetValue((ns, name), out DefType? type))
        {
            TypeDef definition = CoreLib.FindType(ns, name) ?? throw new CompilationException($"CoreLib has no type {ns}.{name}");
            _coreTypes.Add((ns, name), type = GetOpen(definition));
        }

        return type;
    }

    public DefType Primitive(TypeKind kind) => CoreType("System", kind.ToString());

    public DefType Object => CoreType("System", "Object");

    public DefType String => CoreType("System", "String");

    public DefType GetInstance(TypeDef definition, TypeDesc[] arguments)
    {
        if (arguments.Length != definition.GenericArity)
        {
            throw new CompilationException($"{definition} takes {definition.GenericArity} type arguments and not {arguments.Length}");
        }

        var key = (definition, new TypeList(arguments));
        if (!_instances.TryGetValue(key, out DefType? type))
        {
            _instances.Add(key, type = new DefType(definition, arguments));
        }

        return type;
    }

    /// <summary>A definition over its own parameters.</summary>
    public DefType GetOpen(TypeDef definition) =>
        GetInstance(definition, [.. Enumerable.Range(0, definition.GenericArity).Select(i => (TypeDesc)GetParameter(i, false))]);

    public ArrayType GetVector(TypeDesc element) => GetArray(element, 1, true);

    public ArrayType GetArray(TypeDesc element, int rank, bool isVector)
    {
        if (!_arrays.TryGetValue((element, rank, isVector), out ArrayType? type))
        {
            _arrays.Add((element, rank, isVector), type = new ArrayType(this, element, rank, isVector));
        }

        return type;
    }

    public ByRefType GetByRef(TypeDesc target)
    {
        if (!_byRefs.TryGetValue(target, out ByRefType? type))
        {
            _byRefs.Add(target, type = new ByRefType(this, target));
        }

        return type;
    }

    public PointerType GetPointer(TypeDesc target)
    {
        if (!_pointers.TryGetValue(target, out PointerType? type))
        {
            _pointers.Add(target, type = new PointerType(this, target));
        }

        return type;
    }

    public FunctionPointerType GetFunctionPointer(MethodSig signature)
    {
        if (!_functionPointers.TryGetValue(signature, out FunctionPointerType? type))
        {
            _functionPointers.Add(signature, type = new FunctionPointerType(this, signature));
        }

        return type;
    }

    public ParameterType GetParameter(int index, bool isOfMethod)
    {
        if (!_parameters.TryGetValue((index, isOfMethod), out ParameterType? type))
        {
            _parameters.Add((index, isOfMethod), type = new ParameterType(this, index, isOfMethod));
        }

        return type;
    }

    /// <summary>The type that a TypeDef, TypeRef or TypeSpec names; open where the place is.</summary>
    public TypeDesc ResolveType(ModuleFile module, EntityHandle handle) => handle.Kind switch
    {
        HandleKind.TypeDefinition => GetOpen(module.GetTypeDef((TypeDefinitionHandle)handle)),
        HandleKind.TypeReference => GetOpen(ResolveReference(module, (TypeReferenceHandle)handle)),
        HandleKind.TypeSpecification => module.Reader.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(Signatures, module),
        _ => throw new CompilationException($"{handle.Kind} where a type is expected"),
    };

    public TypeDef ResolveReference(ModuleFile module, TypeReferenceHandle handle)
    {
        TypeReference reference = module.Reader.GetTypeReference(handle);
        string name = module.Reader.GetString(reference.Name);
        string ns = module.Reader.GetString(reference.Namespace);
        TypeDef? found;
        switch (reference.ResolutionScope.Kind)
        {
            case HandleKind.TypeReference:
                TypeDef outer = ResolveReference(module, (TypeReferenceHandle)reference.ResolutionScope);
                found = outer.Module.Reader.GetTypeDefinition(outer.Handle).GetNestedTypes().Select(outer.Module.GetTypeDef).FirstOrDefault(t => t.SimpleName == name);
                break;
            case HandleKind.AssemblyReference:
                AssemblyReference assembly = module.Reader.GetAssemblyReference((AssemblyReferenceHandle)reference.ResolutionScope);
                found = GetModule(module.Reader.GetString(assembly.Name)).FindType(ns, name);
                break;
            default:
                found = module.FindType(ns, name);
                break;
        }

        return found ?? throw new CompilationException($"there is no type {ns}.{name}, which {module} refers to");
    }

    public MethodSig DecodeMethod(ModuleFile module, MethodDefinition method) => SignatureTypes.Convert(method.DecodeSignature(Signatures, module));

    public bool HasAttribute(ModuleFile module, CustomAttributeHandleCollection attributes, string fullName) =>
        attributes.Any(h => AttributeName(module, h) == fullName);

    public CustomAttributeValue<TypeDesc>? GetAttribute(ModuleFile module, CustomAttributeHandleCollection attributes, string fullName)
    {
        foreach (CustomAttributeValue<TypeDesc> attribute in GetAttributes(module, attributes, fullName))
        {
            return attribute;
        }

        return null;
    }

    public IEnumerable<CustomAttributeValue<TypeDesc>> GetAttributes(ModuleFile module, CustomAttributeHandleCollection attributes, string fullName) =>
        attributes.Where(h => AttributeName(module, h) == fullName).Select(h => module.Reader.GetCustomAttribute(h).DecodeValue(Signatures));

    private static string AttributeName(ModuleFile module, CustomAttributeHandle handle)
    {
        MetadataReader reader = module.Reader;
        EntityHandle constructor = reader.GetCustomAttribute(handle).Constructor;
        EntityHandle type = constructor.Kind == HandleKind.MethodDefinition
            ? reader.GetMethodDefinition((MethodDefinitionHandle)constructor).GetDeclaringType()
            : reader.GetMemberReference((MemberReferenceHandle)constructor).Parent;
        if (type.Kind == HandleKind.TypeReference)
        {
            TypeReference reference = reader.GetTypeReference((TypeReferenceHandle)type);
            return $"{reader.GetString(reference.Namespace)}.{reader.GetString(reference.Name)}";
        }

        return type.Kind == HandleKind.TypeDefinition ? module.GetTypeDef((TypeDefinitionHandle)type).FullName : "";
    }
}
