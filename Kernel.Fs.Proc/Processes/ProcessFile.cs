// SPDX-License-Identifier: MPL-2.0
using System;
using System.Text;
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;

namespace Kernel.Fs.Proc.Processes;

/// <summary>What an entry of a process's directory is.</summary>
internal enum ProcessFileKind
{
    Text,
    Link,
    Descriptors,
    DescriptorInfos,
    Tasks,
}

/// <summary>Makes the text of a file.</summary>
internal delegate Errno ProcessTextGenerator(PseudoFileWriter writer, ProcessSubject subject, IThread reader);

/// <summary>Takes what is written to a file.</summary>
internal delegate Errno ProcessTextAcceptor(ReadOnlySpan<byte> text, ProcessSubject subject, IThread writer);

/// <summary>An entry that every process has.</summary>
internal sealed class ProcessFile
{
    public required byte[] NameBytes { get; init; }

    public required ProcessFileKind Kind { get; init; }

    public int Mode { get; init; } = 0x124;

    /// <summary>Only for who may inspect the process with ptrace.</summary>
    public bool NeedsInspection { get; init; }

    /// <summary>Also below /proc/pid/task/tid.</summary>
    public bool IsPerThread { get; init; } = true;

    public ProcessTextGenerator? Generate { get; init; }

    public ProcessTextAcceptor? Accept { get; init; }

    public Func<ProcessSubject, Result<FilePath>>? Follow { get; init; }

    public InodeType Type => Kind switch
    {
        ProcessFileKind.Text => InodeType.Regular,
        ProcessFileKind.Link => InodeType.SymbolicLink,
        _ => InodeType.Directory,
    };

    public static ProcessFile Text(string name, int mode, ProcessTextGenerator generate, bool needsInspection = false, ProcessTextAcceptor? accept = null)
        => new() { NameBytes = Encoding.ASCII.GetBytes(name), Kind = ProcessFileKind.Text, Mode = mode, Generate = generate, NeedsInspection = needsInspection, Accept = accept };

    public static ProcessFile Link(string name, Func<ProcessSubject, Result<FilePath>> follow)
        => new() { NameBytes = Encoding.ASCII.GetBytes(name), Kind = ProcessFileKind.Link, Mode = 0x1ff, Follow = follow };

    public static ProcessFile Directory(string name, int mode, ProcessFileKind kind)
        => new() { NameBytes = Encoding.ASCII.GetBytes(name), Kind = kind, Mode = mode, IsPerThread = kind != ProcessFileKind.Tasks };
}
