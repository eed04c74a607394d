// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Ostd.Memory;

namespace Kernel.Process.Execution;

/// <summary>An ELF file with its headers read.</summary>
internal sealed class ElfFile(OpenFile file, ElfHeader header, ElfProgramHeader[] programHeaders)
{
    /// <summary>PATH_MAX, for the interpreter's name.</summary>
    private const int MaximumInterpreterLength = 4096;

    public OpenFile File { get; } = file;

    public ElfHeader Header { get; } = header;

    public ElfProgramHeader[] ProgramHeaders { get; } = programHeaders;

    /// <summary>Reads the headers.</summary>
    /// <param name="start">The file's first bytes.</param>
    /// <returns>ENOEXEC when it is not an ELF file for this machine, or its program headers cannot be read.</returns>
    public static Result<ElfFile> Read(OpenFile file, ReadOnlySpan<byte> start, ElfMachine machine)
    {
        if (!ElfHeader.TryParse(start, machine, out var header) || header.ProgramHeaderOffset > long.MaxValue)
            return Errno.ENOEXEC;
        var bytes = new byte[header.ProgramHeaderCount * ElfProgramHeader.SizeBytes];
        if (!FileBytes.TryReadExactly(file, (long)header.ProgramHeaderOffset, bytes))
            return Errno.ENOEXEC;
        var programHeaders = new ElfProgramHeader[header.ProgramHeaderCount];
        for (var i = 0; i < programHeaders.Length; i++)
            programHeaders[i] = ElfProgramHeader.Parse(bytes.AsSpan(i * ElfProgramHeader.SizeBytes, ElfProgramHeader.SizeBytes));
        return new ElfFile(file, header, programHeaders);
    }

    /// <summary>The path of the interpreter (PT_INTERP), without its NUL; empty when there is none.</summary>
    /// <returns>ENOEXEC for a name that is too long, empty or not terminated; EIO when the file is too short.</returns>
    public Result<byte[]> ReadInterpreterPath()
    {
        foreach (var header in ProgramHeaders)
        {
            if (header.Type != ElfSegmentType.Interpreter)
                continue;
            if (header.FileSize is < 2 or > MaximumInterpreterLength || header.Offset > long.MaxValue)
                return Errno.ENOEXEC;
            var name = new byte[(int)header.FileSize];
            if (!FileBytes.TryReadExactly(File, (long)header.Offset, name))
                return Errno.EIO;
            if (name[^1] != 0)
                return Errno.ENOEXEC;
            return name[..name.AsSpan().IndexOf((byte)0)];
        }

        return Array.Empty<byte>();
    }

    /// <summary>PT_GNU_STACK asks for an executable stack.</summary>
    public bool NeedsExecutableStack
    {
        get
        {
            foreach (var header in ProgramHeaders)
            {
                if (header.Type == ElfSegmentType.GnuStack)
                    return (header.Flags & ElfProgramHeader.Execute) != 0;
            }

            return false;
        }
    }
}

/// <summary>Reads parts of a file into kernel memory.</summary>
internal static class FileBytes
{
    /// <summary>Fills the buffer from the offset on.</summary>
    /// <returns>False when the file ends before, or cannot be read.</returns>
    public static bool TryReadExactly(OpenFile file, long offset, Span<byte> destination) => ReadUpTo(file, offset, destination) == destination.Length;

    /// <summary>Fills as much of the buffer as the file has.</summary>
    /// <returns>Bytes read.</returns>
    public static int ReadUpTo(OpenFile file, long offset, Span<byte> destination)
    {
        var done = 0;
        while (done < destination.Length)
        {
            var writer = new VmWriter(destination[done..]);
            var read = file.ReadAt(ref writer, offset + done);
            if (read.IsError || read.Value == 0)
                break;
            done += read.Value;
        }

        return done;
    }
}
