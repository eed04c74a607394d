// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Syscalls;

namespace Kernel.Syscalls;

/// <summary>fcntl(2), flock(2).</summary>
[Component(Stage = InitStage.Late)]
public sealed class FileControl(IFileLocks locks)
{
    private const int FD_CLOEXEC = 1;
    private const int LOCK_NB = 4;
    private const int SEEK_SET = 0;
    private const int SEEK_CUR = 1;
    private const int SEEK_END = 2;

    /// <summary>What F_SETFL can change (man 2 fcntl); O_ASYNC and O_DIRECT have no effect on the files there are.</summary>
    private const OpenFlags ChangeableFlags = OpenFlags.O_APPEND | OpenFlags.O_NONBLOCK | OpenFlags.O_NOATIME;

    /// <summary>Commands of fcntl(2).</summary>
    public enum FileCommand
    {
        F_DUPFD = 0,
        F_GETFD = 1,
        F_SETFD = 2,
        F_GETFL = 3,
        F_SETFL = 4,
        F_GETLK = 5,
        F_SETLK = 6,
        F_SETLKW = 7,
        F_SETOWN = 8,
        F_GETOWN = 9,
        F_OFD_GETLK = 36,
        F_OFD_SETLK = 37,
        F_OFD_SETLKW = 38,
        F_DUPFD_CLOEXEC = 1030,
        F_SETPIPE_SZ = 1031,
        F_GETPIPE_SZ = 1032,
        F_ADD_SEALS = 1033,
        F_GET_SEALS = 1034,
    }

    /// <summary>struct flock of a 64-bit program.</summary>
    public readonly record struct FlockStructure(short Type, short Whence, int Padding, long Start, long Length, int Pid, int Padding2);

    /// <summary>Controls a descriptor or an open file.</summary>
    /// <returns>EBADF; EINVAL for an unknown command; the errnos of each command.</returns>
    [Syscall("fcntl", Flags = """
        can_change_flags = O_APPEND | O_NOATIME | O_NONBLOCK;
        fcntl(fd, cmd = F_DUPFD | F_DUPFD_CLOEXEC, arg);
        fcntl(fd, cmd = F_GETFD | F_GETFL | F_GETPIPE_SZ | F_GET_SEALS);
        fcntl(fd, cmd = F_SETFD, arg = FD_CLOEXEC);
        fcntl(fd, cmd = F_SETFL, arg = <can_change_flags>);
        fcntl(fd, cmd = F_GETLK | F_SETLK | F_SETLKW | F_OFD_GETLK | F_OFD_SETLK | F_OFD_SETLKW, arg);
        fcntl(fd, cmd = F_SETPIPE_SZ, arg);
        fcntl(fd, cmd = F_ADD_SEALS, arg = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_FUTURE_WRITE);
        """)]
    public SyscallResult Control(SyscallContext context, FileDescriptor descriptor, FileCommand command, ulong argument)
    {
        var table = context.Thread.Files;
        if (table.Get(descriptor.Number) is not { } file)
        {
            return Errno.EBADF;
        }

        // What works on O_PATH descriptors too (man 2 open, O_PATH).
        var isForPath = command is FileCommand.F_DUPFD or FileCommand.F_DUPFD_CLOEXEC or FileCommand.F_GETFD or FileCommand.F_SETFD or FileCommand.F_GETFL;
        if (!isForPath && (file.StatusFlags & OpenFlags.O_PATH) != 0)
        {
            file.Release();
            return Errno.EBADF;
        }

        var result = Control(context, table, file, descriptor, command, argument, out var keepsReference);
        if (!keepsReference)
        {
            file.Release();
        }

        return result;
    }

    /// <summary>Locks or unlocks a whole file.</summary>
    /// <returns>EBADF; EINVAL; EWOULDBLOCK; EINTR.</returns>
    [Syscall("flock", Flags = "flock(fd, operation = LOCK_SH | LOCK_EX | LOCK_UN | LOCK_NB);")]
    public Errno Flock(SyscallContext context, FileDescriptor descriptor, int operation)
    {
        var kind = (FlockOperation)(operation & ~LOCK_NB);
        if (kind is not (FlockOperation.LOCK_SH or FlockOperation.LOCK_EX or FlockOperation.LOCK_UN))
        {
            return Errno.EINVAL;
        }

        if (FileCalls.GetForIo(context.Thread, descriptor) is not { } file)
        {
            return Errno.EBADF;
        }

        var error = locks.Flock(file, kind, (operation & LOCK_NB) == 0);
        file.Release();
        return error;
    }

    private SyscallResult Control(
        SyscallContext context, IFileTable table, OpenFile file, FileDescriptor descriptor, FileCommand command, ulong argument, out bool keepsReference)
    {
        keepsReference = false;
        switch (command)
        {
            case FileCommand.F_DUPFD or FileCommand.F_DUPFD_CLOEXEC:
                var limit = context.Process.Limits.Soft(ResourceKind.OpenFiles);
                if ((int)argument < 0 || argument >= limit)
                {
                    return Errno.EINVAL;
                }

                var copy = table.Allocate(file, command == FileCommand.F_DUPFD_CLOEXEC, (int)argument, limit);
                keepsReference = copy.IsOk;
                return copy;
            case FileCommand.F_GETFD:
                var flag = table.GetCloseOnExec(descriptor.Number);
                return flag.IsError ? flag.Error : flag.Value ? FD_CLOEXEC : 0;
            case FileCommand.F_SETFD:
                return table.SetCloseOnExec(descriptor.Number, (argument & FD_CLOEXEC) != 0);
            case FileCommand.F_GETFL:
                // Files of 64-bit programs are always large.
                return (int)(file.StatusFlags | ((file.StatusFlags & OpenFlags.O_PATH) == 0 ? OpenFlags.O_LARGEFILE : 0));
            case FileCommand.F_SETFL:
                file.ChangeStatusFlags(ChangeableFlags, (OpenFlags)argument);
                return Errno.Success;
            case FileCommand.F_GETLK or FileCommand.F_OFD_GETLK:
                return TestLock(context.Thread, file, command, new UserPtr<FlockStructure>(argument));
            case FileCommand.F_SETLK or FileCommand.F_SETLKW or FileCommand.F_OFD_SETLK or FileCommand.F_OFD_SETLKW:
                return SetLock(context, file, descriptor, command, new UserPtr<FlockStructure>(argument));
            case FileCommand.F_SETPIPE_SZ:
                return file is IPipeFile pipe ? pipe.SetCapacity((uint)argument, context.Thread) : Errno.EBADF;
            case FileCommand.F_GETPIPE_SZ:
                return file is IPipeFile sized ? sized.CapacityBytes : Errno.EBADF;
            case FileCommand.F_ADD_SEALS:
                return AddSeals(file, argument);
            case FileCommand.F_GET_SEALS:
                return file.Inode is ISealable sealable ? (int)sealable.Seals : Errno.EINVAL;
            default:
                return Errno.EINVAL;
        }
    }

    private static Errno AddSeals(OpenFile file, ulong argument)
    {
        const FileSeals all = FileSeals.F_SEAL_SEAL | FileSeals.F_SEAL_SHRINK | FileSeals.F_SEAL_GROW | FileSeals.F_SEAL_WRITE | FileSeals.F_SEAL_FUTURE_WRITE;
        if (file.Inode is not ISealable sealable)
        {
            return Errno.EINVAL;
        }

        if (!file.IsWritable)
        {
            return Errno.EPERM;
        }

        return ((FileSeals)argument & ~all) != 0 ? Errno.EINVAL : sealable.AddSeals((FileSeals)argument);
    }

    private Errno TestLock(IThread thread, OpenFile file, FileCommand command, UserPtr<FlockStructure> argument)
    {
        if (!argument.Read().TryGet(out var structure, out var error))
        {
            return error;
        }

        var owner = command == FileCommand.F_GETLK ? RecordLockOwner.Process : RecordLockOwner.OpenFileDescription;
        if (owner == RecordLockOwner.OpenFileDescription && structure.Pid != 0)
        {
            return Errno.EINVAL;
        }

        if ((RecordLockType)structure.Type is not (RecordLockType.F_RDLCK or RecordLockType.F_WRLCK))
        {
            return Errno.EINVAL;
        }

        if (!ToRange(file, in structure, 0).TryGet(out var range, out error))
        {
            return error;
        }

        var found = locks.TestRecordLock(thread, file, owner, in range);
        if (found.Type == RecordLockType.F_UNLCK)
        {
            return argument.Write(structure with { Type = (short)RecordLockType.F_UNLCK });
        }

        var length = found.End == long.MaxValue ? 0 : found.End - found.Start + 1;
        return argument.Write(new FlockStructure((short)found.Type, SEEK_SET, 0, found.Start, length, found.OwnerPid, 0));
    }

    private Errno SetLock(SyscallContext context, OpenFile file, FileDescriptor descriptor, FileCommand command, UserPtr<FlockStructure> argument)
    {
        if (!argument.Read().TryGet(out var structure, out var error))
        {
            return error;
        }

        var owner = command is FileCommand.F_SETLK or FileCommand.F_SETLKW ? RecordLockOwner.Process : RecordLockOwner.OpenFileDescription;
        if (!ToRange(file, in structure, owner == RecordLockOwner.Process ? context.Process.Pid : -1).TryGet(out var range, out error))
        {
            return error;
        }

        if (owner == RecordLockOwner.OpenFileDescription && structure.Pid != 0)
        {
            return Errno.EINVAL;
        }

        // A read lock needs reading, a write lock writing.
        if ((range.Type == RecordLockType.F_RDLCK && !file.IsReadable) || (range.Type == RecordLockType.F_WRLCK && !file.IsWritable))
        {
            return Errno.EBADF;
        }

        error = locks.SetRecordLock(context.Thread, file, owner, in range, command is FileCommand.F_SETLKW or FileCommand.F_OFD_SETLKW);
        if (error != Errno.Success || owner != RecordLockOwner.Process || range.Type == RecordLockType.F_UNLCK)
        {
            return error;
        }

        // Another thread that closed the descriptor meanwhile has released the process's locks, but perhaps not this one (fcntl_setlk).
        var present = context.Thread.Files.Get(descriptor.Number);
        present?.Release();
        if (ReferenceEquals(present, file))
        {
            return Errno.Success;
        }

        // Unlocking waits for nothing and cannot fail.
        _ = locks.SetRecordLock(context.Thread, file, owner, range with { Type = RecordLockType.F_UNLCK }, wait: false);
        return Errno.EBADF;
    }

    /// <summary>flock64_to_posix_lock of Linux' fs/locks.c: EINVAL, EOVERFLOW.</summary>
    private static Result<RecordLock> ToRange(OpenFile file, in FlockStructure structure, int pid)
    {
        long start;
        switch (structure.Whence)
        {
            case SEEK_SET:
                start = 0;
                break;
            case SEEK_CUR:
                var position = file.Seek(0, SeekOrigin.SEEK_CUR);
                start = position.IsOk ? position.Value : 0;
                break;
            case SEEK_END:
                start = file.Inode.GetAttributes().SizeBytes;
                break;
            default:
                return Errno.EINVAL;
        }

        if (structure.Start > long.MaxValue - start)
        {
            return Errno.EOVERFLOW;
        }

        start += structure.Start;
        if (start < 0)
        {
            return Errno.EINVAL;
        }

        long end;
        if (structure.Length > 0)
        {
            if (structure.Length - 1 > long.MaxValue - start)
            {
                return Errno.EOVERFLOW;
            }

            end = start + structure.Length - 1;
        }
        else if (structure.Length < 0)
        {
            // A negative length covers the bytes before the start.
            if (start + structure.Length < 0)
            {
                return Errno.EINVAL;
            }

            end = start - 1;
            start += structure.Length;
        }
        else
        {
            end = long.MaxValue;
        }

        var type = (RecordLockType)structure.Type;
        return type is RecordLockType.F_RDLCK or RecordLockType.F_WRLCK or RecordLockType.F_UNLCK ? new RecordLock(type, start, end, pid) : Errno.EINVAL;
    }
}
