// SPDX-License-Identifier: MPL-2.0
using System;
using System.Globalization;
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Fs.Files;
using Kernel.Fs.Proc.Inodes;

namespace Kernel.Fs.Proc.Processes;

/// <summary>/proc/pid/fd and /proc/pid/fdinfo.</summary>
internal sealed class DescriptorDirectory(ProcFileSystem system, ProcessSubject subject, ulong number, int mode, bool showsInfo)
    : ProcessInode(system, subject.Process, number, mode)
{
    private const int LinkReadMode = 0x140;
    private const int LinkWriteMode = 0xc0;

    public override InodeType Type => InodeType.Directory;

    public override Result<Inode> Lookup(ReadOnlySpan<byte> name)
    {
        if (CurrentThread.OrNull is not { } reader || !subject.MayInspect(reader))
        {
            return Errno.EACCES;
        }

        if (!ProcRoot.TryParseId(name, out var descriptor) || subject.Thread.Files?.Get(descriptor) is not { } file)
        {
            return Errno.ENOENT;
        }

        // The owner's bits show how the file is open.
        var linkMode = (file.IsReadable ? LinkReadMode : 0) | (file.IsWritable ? LinkWriteMode : 0);
        file.Release();
        var entryNumber = Number + ((ulong)descriptor << 32);
        return showsInfo
            ? new ProcessFileInode(System, subject, entryNumber, DescriptorInfo.For(descriptor))
            : new ProcessLink(System, subject, entryNumber, target => Follow(target, descriptor), linkMode);
    }

    public override Errno ReadEntries(long position, IDirectoryVisitor visitor)
    {
        if (CurrentThread.OrNull is not { } reader || !subject.MayInspect(reader))
        {
            return Errno.EACCES;
        }

        if (subject.Thread.Files is not { } table)
        {
            return Errno.Success;
        }

        Span<byte> name = stackalloc byte[11];
        for (var descriptor = table.NextOpen((int)Math.Max(position - 2, 0)); descriptor >= 0; descriptor = table.NextOpen(descriptor + 1))
        {
            descriptor.TryFormat(name, out var length, default, CultureInfo.InvariantCulture);
            if (!visitor.Visit(name[..length], Number + ((ulong)descriptor << 32), showsInfo ? InodeType.Regular : InodeType.SymbolicLink, descriptor + 3))
            {
                break;
            }
        }

        return Errno.Success;
    }

    private static Result<FilePath> Follow(ProcessSubject target, int descriptor)
    {
        if (target.Thread.Files?.Get(descriptor) is not { } file)
        {
            return Errno.ENOENT;
        }

        var path = file.Path.IsNowhere ? AnonymousInodes.PlaceOf(file.Inode).ToPath() : file.Path;
        file.Release();
        return path;
    }
}
