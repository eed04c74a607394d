// SPDX-License-Identifier: MPL-2.0
using System;
using System.Text;
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Fs.Proc.Inodes;

namespace Kernel.Fs.Proc.Processes;

/// <summary>What belongs to a process: owned by its effective ids, or by root when it is not dumpable (man 5 proc).</summary>
internal abstract class ProcessInode(ProcFileSystem system, IProcess process, ulong number, int mode) : ProcInode(system, number, mode)
{
    public IProcess Process => process;

    public override bool IsCacheable => false;

    public override bool CachesMissingNames => false;

    protected override (uint Uid, uint Gid) Owner
    {
        get
        {
            var credentials = process.MainThread.Credentials;
            return process.IsDumpable ? (credentials.EffectiveUid, credentials.EffectiveGid) : (0, 0);
        }
    }
}

/// <summary>/proc/pid, or with a thread /proc/pid/task/tid.</summary>
internal sealed class ProcessDirectory(ProcFileSystem system, IProcess process, int id, IThread? thread = null)
    : ProcessInode(system, process, NumberOf(id) + (thread is null ? 0UL : 1), 0x16d)
{
    public override InodeType Type => InodeType.Directory;

    /// <summary>Inode numbers of a process: 16 bits of kinds below the pid.</summary>
    public static ulong NumberOf(int id) => ((ulong)id + 1) << 16;

    public override Result<Inode> Lookup(ReadOnlySpan<byte> name)
    {
        if (Process.State == ProcessState.Dead)
        {
            return Errno.ENOENT;
        }

        var files = ProcessFiles.All;
        for (var i = 0; i < files.Length; i++)
        {
            if (name.SequenceEqual(files[i].NameBytes))
            {
                return Make(files[i], i);
            }
        }

        return Errno.ENOENT;
    }

    public override Errno ReadEntries(long position, IDirectoryVisitor visitor)
    {
        var files = ProcessFiles.All;
        for (var index = (int)Math.Min(Math.Max(position - 2, 0), files.Length); index < files.Length; index++)
        {
            var file = files[index];
            if ((thread is null || file.IsPerThread) && !visitor.Visit(file.NameBytes, NumberOf(id) + 16 + (ulong)index, file.Type, index + 3))
            {
                break;
            }
        }

        return Errno.Success;
    }

    private Result<Inode> Make(ProcessFile file, int index)
    {
        if (thread is not null && !file.IsPerThread)
        {
            return Errno.ENOENT;
        }

        var number = NumberOf(id) + 16 + (ulong)index;
        var subject = new ProcessSubject(System, Process, thread ?? Process.MainThread, thread is not null);
        return file.Kind switch
        {
            ProcessFileKind.Text => new ProcessFileInode(System, subject, number, file),
            ProcessFileKind.Link => new ProcessLink(System, subject, number, file.Follow!),
            ProcessFileKind.Descriptors => new DescriptorDirectory(System, subject, number, file.Mode, showsInfo: false),
            ProcessFileKind.DescriptorInfos => new DescriptorDirectory(System, subject, number, file.Mode, showsInfo: true),
            _ => new TaskDirectory(System, Process, number),
        };
    }
}

/// <summary>What a file of a process is about.</summary>
internal sealed record ProcessSubject(ProcFileSystem System, IProcess Process, IThread Thread, bool IsThread)
{
    /// <summary>PTRACE_MODE_READ (man 2 ptrace): the same user throughout, or CAP_SYS_PTRACE, and a process that does not hide.</summary>
    public bool MayInspect(IThread reader)
    {
        if (ReferenceEquals(reader.Process, Process) || reader.Credentials.HasCapability(Capability.CAP_SYS_PTRACE))
        {
            return true;
        }

        var own = reader.Credentials;
        var other = Thread.Credentials;
        return Process.IsDumpable
            && own.FileSystemUid == other.RealUid && own.FileSystemUid == other.EffectiveUid && own.FileSystemUid == other.SavedUid
            && own.FileSystemGid == other.RealGid && own.FileSystemGid == other.EffectiveGid && own.FileSystemGid == other.SavedGid;
    }
}

/// <summary>/proc/pid/task.</summary>
internal sealed class TaskDirectory(ProcFileSystem system, IProcess process, ulong number) : ProcessInode(system, process, number, 0x16d)
{
    public override InodeType Type => InodeType.Directory;

    protected override uint LinkCount => 2 + (uint)Process.Threads.Count;

    public override Result<Inode> Lookup(ReadOnlySpan<byte> name)
    {
        if (ProcRoot.TryParseId(name, out var tid))
        {
            foreach (var thread in Process.Threads)
            {
                if (thread.Tid == tid)
                {
                    return new ProcessDirectory(System, Process, tid, thread);
                }
            }
        }

        return Errno.ENOENT;
    }

    public override Errno ReadEntries(long position, IDirectoryVisitor visitor)
    {
        // The position is the tid shown last, plus three.
        foreach (var thread in Process.Threads)
        {
            var next = thread.Tid + 3L;
            if (next > position && !visitor.Visit(Encoding.ASCII.GetBytes(thread.Tid.ToString(global::System.Globalization.CultureInfo.InvariantCulture)), ProcessDirectory.NumberOf(thread.Tid) + 1, InodeType.Directory, next))
            {
                break;
            }
        }

        return Errno.Success;
    }
}

/// <summary>A text file of a process.</summary>
internal sealed class ProcessFileInode(ProcFileSystem system, ProcessSubject subject, ulong number, ProcessFile file)
    : ProcessInode(system, subject.Process, number, file.Mode), IPseudoFile
{
    public override InodeType Type => InodeType.Regular;

    public override Result<OpenFile> Open(OpenFlags flags, IThread? thread)
        => file.NeedsInspection && thread is not null && !subject.MayInspect(thread) ? Errno.EACCES : new PseudoOpenFile(this, flags, this);

    public Errno Generate(PseudoFileWriter writer, IThread reader)
        => subject.Process.State == ProcessState.Dead ? Errno.ESRCH : file.Generate!(writer, subject, reader);

    public Errno Accept(ReadOnlySpan<byte> text, IThread writer) => file.Accept is { } accept ? accept(text, subject, writer) : Errno.EINVAL;
}

/// <summary>A magic link of a process: exe, cwd, root, and the entries of fd.</summary>
internal sealed class ProcessLink(ProcFileSystem system, ProcessSubject subject, ulong number, Func<ProcessSubject, Result<FilePath>> follow, int mode = 0x1ff)
    : ProcessInode(system, subject.Process, number, mode)
{
    public override InodeType Type => InodeType.SymbolicLink;

    public override bool IsMagicLink => true;

    public override Result<FilePath> FollowMagicLink(IThread thread) => subject.MayInspect(thread) ? follow(subject) : Errno.EACCES;

    public override Result<int> ReadLink(Span<byte> target)
    {
        if (CurrentThread.OrNull is not { } reader)
        {
            return Errno.ENOENT;
        }

        if (!FollowMagicLink(reader).TryGet(out var path, out var error))
        {
            return error;
        }

        var text = PathText.Describe(path, reader);
        var length = Math.Min(text.Length, target.Length);
        text.AsSpan(0, length).CopyTo(target);
        return length;
    }
}
