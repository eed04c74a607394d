// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.IO;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Asterion.Compiler.Metadata;

/// <summary>One assembly on disk: its metadata, and the definitions made from it.</summary>
internal sealed class ModuleFile
{
    private readonly Dictionary<TypeDefinitionHandle, TypeDef> _typeDefs = [];
    private Dictionary<(string Namespace, string Name), TypeDefinitionHandle>? _byName;
    private Dictionary<(string Namespace, string Name), ExportedTypeHandle>? _forwarded;
    private SourceLines? _lines;

    public ModuleFile(TypeSystem system, string path)
    {
        System = system;
        Path = path;
        Pe = new PEReader(File.OpenRead(path), PEStreamOptions.PrefetchEntireImage);
        Reader = Pe.GetMetadataReader();
        Name = Reader.GetString(Reader.GetAssemblyDefinition().Name);
    }

    /// <summary>Where the methods' source is.</summary>
    public SourceLines Lines => _lines ??= new SourceLines(Pe, Path);

    public TypeSystem System { get; }

    public string Path { get; }

    public PEReader Pe { get; }

    public MetadataReader Reader { get; }

    /// <summary>The assembly's simple name.</summary>
    public string Name { get; }

    public TypeDef GetTypeDef(TypeDefinitionHandle handle)
    {
        if (!_typeDefs.TryGetValue(handle, out TypeDef? def))
        {
            _typeDefs.Add(handle, def = new TypeDef(this, handle));
        }

        return def;
    }

    /// <summary>Finds a type that is not nested, here or where this assembly forwards it to.</summary>
    public TypeDef? FindType(string ns, string name)
    {
        if (_byName is null)
        {
            _byName = [];
            foreach (TypeDefinitionHandle handle in Reader.TypeDefinitions)
            {
                TypeDefinition type = Reader.GetTypeDefinition(handle);
                if (type.GetDeclaringType().IsNil)
                {
                    _byName[(Reader.GetString(type.Namespace), Reader.GetString(type.Name))] = handle;
                }
            }

            _forwarded = [];
            foreach (ExportedTypeHandle handle in Reader.ExportedTypes)
            {
                ExportedType type = Reader.GetExportedType(handle);
                if (type.Implementation.Kind == HandleKind.AssemblyReference)
                {
                    _forwarded[(Reader.GetString(type.Namespace), Reader.GetString(type.Name))] = handle;
                }
            }
        }

        if (_byName.TryGetValue((ns, name), out TypeDefinitionHandle found))
        {
            return GetTypeDef(found);
        }

        if (!_forwarded!.TryGetValue((ns, name), out ExportedTypeHandle forwarded))
        {
            return null;
        }

        AssemblyReference target = Reader.GetAssemblyReference((AssemblyReferenceHandle)Reader.GetExportedType(forwarded).Implementation);
        return System.GetModule(Reader.GetString(target.Name)).FindType(ns, name);
    }

    /// <summary>The bytes at an address of the image, to the end of its section: initial values of fields.</summary>
    public ReadOnlySpan<byte> GetDataAt(int relativeVirtualAddress, int size)
    {
        PEMemoryBlock block = Pe.GetSectionData(relativeVirtualAddress);
        return block.GetContent(0, size).AsSpan();
    }

    public override string ToString() => Name;
}
