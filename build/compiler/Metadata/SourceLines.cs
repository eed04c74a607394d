// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Asterion.Compiler.Metadata;

/// <summary>From an offset of IL on, the code of a method comes from this line.</summary>
/// <param name="Offset">The offset.</param>
/// <param name="File">The source file as the C# compiler named it.</param>
/// <param name="Line">Its line, from 1 on.</param>
internal readonly record struct SourceLine(int Offset, string File, int Line);

/// <summary>The source lines of an assembly's methods, from its portable PDB (the file beside it, or within it). An assembly without one has none.</summary>
internal sealed class SourceLines
{
    private readonly MetadataReader? _reader;
    private readonly Dictionary<DocumentHandle, string> _files = [];

    public SourceLines(PEReader assembly, string path)
    {
        if (assembly.TryOpenAssociatedPortablePdb(path, file => File.Exists(file) ? File.OpenRead(file) : null, out MetadataReaderProvider? provider, out _))
        {
            _reader = provider!.GetMetadataReader();
        }
    }

    /// <summary>The lines of a method in the order of IL; code that the compiler hides from debuggers belongs to the line before it.</summary>
    public IReadOnlyList<SourceLine> Of(MethodDefinitionHandle method)
    {
        if (_reader is null)
        {
            return [];
        }

        return [.. _reader.GetMethodDebugInformation(method.ToDebugInformationHandle()).GetSequencePoints().Where(p => !p.IsHidden)
            .Select(p => new SourceLine(p.Offset, FileOf(p.Document), p.StartLine))];
    }

    private string FileOf(DocumentHandle handle)
    {
        if (!_files.TryGetValue(handle, out string? file))
        {
            _files.Add(handle, file = _reader!.GetString(_reader.GetDocument(handle).Name));
        }

        return file;
    }
}
