// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Asterion.Osdk.Audit;

/// <summary>
/// Looks into the compiled assemblies that must be safe: the analyzers refuse unsafe APIs in source, and this finds what got past them (a suppression, a generated
/// file, IL from elsewhere).
/// </summary>
internal sealed class SafeAssemblies
{
    private readonly HashSet<string> _bannedTypes = new(StringComparer.Ordinal);

    /// <summary>Takes the banned types from the list that the analyzer reads.</summary>
    public SafeAssemblies(string bannedSymbols)
    {
        foreach (string line in File.ReadLines(bannedSymbols))
        {
            if (line.StartsWith("T:", StringComparison.Ordinal))
            {
                _bannedTypes.Add(line[2..].Split(';')[0]);
            }
        }
    }

    /// <summary>What an assembly does that it must not, as text.</summary>
    public IEnumerable<string> Violations(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        MetadataReader metadata = file.GetMetadataReader();
        string assembly = Path.GetFileNameWithoutExtension(path);
        // The C# compiler marks every module that it compiled with /unsafe.
        if (metadata.CustomAttributes.Any(a => AttributeName(metadata, a) == "System.Security.UnverifiableCodeAttribute"))
        {
            yield return $"{assembly}: compiled with unsafe code allowed";
        }
        foreach (MethodDefinitionHandle handle in metadata.MethodDefinitions)
        {
            MethodDefinition method = metadata.GetMethodDefinition(handle);
            TypeDefinition owner = metadata.GetTypeDefinition(method.GetDeclaringType());
            string name = $"{assembly}: {FullName(metadata, owner)}.{metadata.GetString(method.Name)}";
            if ((method.Attributes & System.Reflection.MethodAttributes.PinvokeImpl) != 0 || (method.ImplAttributes & System.Reflection.MethodImplAttributes.InternalCall) != 0)
            {
                yield return $"{name} is implemented outside of C#";
            }
            // The compiler's own helpers for collection expressions and inline arrays use Unsafe and MemoryMarshal, within bounds that it knows.
            if (method.RelativeVirtualAddress == 0 || metadata.GetString(owner.Name).StartsWith("<PrivateImplementationDetails>", StringComparison.Ordinal))
            {
                continue;
            }
            foreach (string type in BannedTypesIn(metadata, file.GetMethodBody(method.RelativeVirtualAddress)).Distinct())
            {
                yield return $"{name} uses {type}";
            }
        }
    }

    private IEnumerable<string> BannedTypesIn(MetadataReader metadata, MethodBodyBlock body)
    {
        foreach (EntityHandle token in IlTokens.In(body.GetILBytes()))
        {
            if (OwnerOf(metadata, token) is { } type && _bannedTypes.Contains(type))
            {
                yield return type;
            }
        }
    }

    private static string? OwnerOf(MetadataReader metadata, EntityHandle token) => token.Kind switch
    {
        HandleKind.MethodSpecification => OwnerOf(metadata, metadata.GetMethodSpecification((MethodSpecificationHandle)token).Method),
        HandleKind.MemberReference => OwnerOf(metadata, metadata.GetMemberReference((MemberReferenceHandle)token).Parent),
        HandleKind.TypeReference => FullName(metadata, metadata.GetTypeReference((TypeReferenceHandle)token)),
        HandleKind.TypeSpecification => GenericTypeOf(metadata, metadata.GetTypeSpecification((TypeSpecificationHandle)token)),
        _ => null,
    };

    private static string? GenericTypeOf(MetadataReader metadata, TypeSpecification type)
    {
        BlobReader signature = metadata.GetBlobReader(type.Signature);
        if (signature.ReadSignatureTypeCode() != SignatureTypeCode.GenericTypeInstance)
        {
            return null;
        }
        signature.ReadByte(); // class or value type
        return OwnerOf(metadata, signature.ReadTypeHandle());
    }

    private static string? AttributeName(MetadataReader metadata, CustomAttributeHandle handle)
    {
        CustomAttribute attribute = metadata.GetCustomAttribute(handle);
        return attribute.Parent.Kind == HandleKind.ModuleDefinition ? OwnerOf(metadata, attribute.Constructor) : null;
    }

    private static string FullName(MetadataReader metadata, TypeDefinition type) => metadata.GetString(type.Namespace) + "." + metadata.GetString(type.Name);

    private static string FullName(MetadataReader metadata, TypeReference type) => metadata.GetString(type.Namespace) + "." + metadata.GetString(type.Name);
}
