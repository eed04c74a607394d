// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Signals;
using Kernel.Abstractions.Syscalls;

namespace Kernel.Syscalls;

/// <summary>truncate(2), ftruncate(2), fallocate(2), fsync(2), fdatasync(2), sync_file_range(2), fadvise64(2), readahead(2).</summary>
[Component(Stage = InitStage.Late)]
public sealed class FileSizes(IVirtualFileSystem files, IAttributeOperations attributes, ISignalService signals)
{
    private const int PunchHole = 2;
    private const int KeepSize = 1;
    private const int KnownModes = 0x7f;
    private const int LastAdvice = 5;
    private const uint KnownSyncFlags = 7;

    /// <summary>Sets the length of a file.</summary>
    [Syscall("truncate", Flags = "truncate(path, length);")]
    public SyscallResult Truncate(SyscallContext context, UserPath path, long length)
    {
        if (length < 0)
        {
            return Errno.EINVAL;
        }

        var result = FileCalls.WalkAt(files, context.Thread, FileDescriptor.CurrentDirectory, path, AtFlags.None).TryGet(out var place, out var error)
            ? attributes.Truncate(context.Thread, place, length) : error;
        return FileCalls.NoteSizeLimit(signals, context.Thread, result);
    }

    /// <summary>Sets the length of an open file.</summary>
    /// <returns>EBADF; EINVAL for a negative length, a file that is not regular or not open for writing.</returns>
    [Syscall("ftruncate", Flags = "ftruncate(fd, length);")]
    public SyscallResult TruncateFile(SyscallContext context, FileDescriptor descriptor, long length)
    {
        if (length < 0)
        {
            return Errno.EINVAL;
        }

        if (FileCalls.GetForIo(context.Thread, descriptor) is not { } file)
        {
            return Errno.EBADF;
        }

        var error = file.Inode.Type != InodeType.Regular || !file.IsWritable ? Errno.EINVAL : file.Truncate(length);
        file.Release();
        return FileCalls.NoteSizeLimit(signals, context.Thread, error);
    }

    /// <summary>Allocates or frees the space of a range.</summary>
    /// <returns>EBADF; EINVAL; EFBIG; ESPIPE; ENODEV; EOPNOTSUPP; ENOSPC.</returns>
    [Syscall("fallocate", Flags = """
        fallocate(fd, mode = FALLOC_FL_KEEP_SIZE, offset, size);
        fallocate(fd, mode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, size);
        """)]
    public SyscallResult Allocate(SyscallContext context, FileDescriptor descriptor, int mode, long offset, long length)
    {
        if (FileCalls.GetForIo(context.Thread, descriptor) is not { } file)
        {
            return Errno.EBADF;
        }

        var error = Allocate(file, mode, offset, length);
        file.Release();
        return FileCalls.NoteSizeLimit(signals, context.Thread, error);
    }

    [Syscall("fsync", Flags = "fsync(fd);")]
    public Errno Synchronize(SyscallContext context, FileDescriptor descriptor) => SynchronizeFile(context, descriptor);

    [Syscall("fdatasync", Flags = "fdatasync(fd);")]
    public Errno SynchronizeData(SyscallContext context, FileDescriptor descriptor) => SynchronizeFile(context, descriptor);

    /// <summary>Writes back a range; here always the whole file.</summary>
    /// <returns>EBADF; EINVAL; ESPIPE.</returns>
    [Syscall("sync_file_range", Flags = "sync_file_range(fd, offset, nbytes, flags = SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER);")]
    public Errno SynchronizeRange(SyscallContext context, FileDescriptor descriptor, long offset, long length, uint flags)
    {
        if (FileCalls.GetForIo(context.Thread, descriptor) is not { } file)
        {
            return Errno.EBADF;
        }

        Errno error;
        if ((flags & ~KnownSyncFlags) != 0 || offset < 0 || length < 0 || offset > long.MaxValue - length)
        {
            error = Errno.EINVAL;
        }
        else if (file.Inode.Type is not (InodeType.Regular or InodeType.Directory or InodeType.SymbolicLink or InodeType.BlockDevice))
        {
            error = Errno.ESPIPE;
        }
        else
        {
            error = flags == 0 ? Errno.Success : file.Synchronize();
        }

        file.Release();
        return error;
    }

    /// <summary>Advice about access to come. There is no read-ahead that it could change, which the call allows.</summary>
    /// <returns>EBADF; EINVAL; ESPIPE for a pipe.</returns>
    [Syscall("fadvise64", Flags = "fadvise64(fd, offset, len, advice = POSIX_FADV_NORMAL | POSIX_FADV_RANDOM | POSIX_FADV_SEQUENTIAL | POSIX_FADV_WILLNEED | POSIX_FADV_DONTNEED | POSIX_FADV_NOREUSE);")]
    public Errno Advise(SyscallContext context, FileDescriptor descriptor, long offset, long length, int advice)
    {
        if (FileCalls.GetForIo(context.Thread, descriptor) is not { } file)
        {
            return Errno.EBADF;
        }

        var error = file.Inode.Type == InodeType.Fifo ? Errno.ESPIPE : length < 0 || advice is < 0 or > LastAdvice ? Errno.EINVAL : Errno.Success;
        file.Release();
        _ = offset;
        return error;
    }

    /// <summary>Reads ahead into the page cache: files in memory are there already.</summary>
    /// <returns>EBADF; EINVAL for what has no page cache.</returns>
    [Syscall("readahead", Flags = "readahead(fd, offset, count);")]
    public Errno ReadAhead(SyscallContext context, FileDescriptor descriptor, long offset, ulong count)
    {
        if (FileCalls.GetForIo(context.Thread, descriptor) is not { } file)
        {
            return Errno.EBADF;
        }

        var error = !file.IsReadable ? Errno.EBADF : file.Inode.Type == InodeType.Regular ? Errno.Success : Errno.EINVAL;
        file.Release();
        _ = offset;
        _ = count;
        return error;
    }

    /// <summary>vfs_fallocate of Linux' fs/open.c.</summary>
    private static Errno Allocate(OpenFile file, int mode, long offset, long length)
    {
        if (offset < 0 || length <= 0)
        {
            return Errno.EINVAL;
        }

        if ((mode & ~KnownModes) != 0 || ((mode & PunchHole) != 0 && (mode & KeepSize) == 0))
        {
            return Errno.EOPNOTSUPP;
        }

        if (!file.IsWritable)
        {
            return Errno.EBADF;
        }

        switch (file.Inode.Type)
        {
            case InodeType.Fifo:
                return Errno.ESPIPE;
            case InodeType.Directory:
                return Errno.EISDIR;
            case not (InodeType.Regular or InodeType.BlockDevice):
                return Errno.ENODEV;
        }

        return offset > long.MaxValue - length ? Errno.EFBIG : file.Allocate(mode, offset, length);
    }

    private static Errno SynchronizeFile(SyscallContext context, FileDescriptor descriptor)
    {
        if (FileCalls.GetForIo(context.Thread, descriptor) is not { } file)
        {
            return Errno.EBADF;
        }

        var error = file.Synchronize();
        file.Release();
        return error;
    }
}
