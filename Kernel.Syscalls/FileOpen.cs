// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Syscalls;

namespace Kernel.Syscalls;

/// <summary>open(2), openat(2), creat(2), close(2), close_range(2).</summary>
[Component(Stage = InitStage.Late)]
public sealed class FileOpen(IVirtualFileSystem files)
{
    private const string OpenRules = """
        access_mode = O_RDONLY | O_WRONLY | O_RDWR;
        creation_flags = O_CLOEXEC | O_CREAT | O_DIRECTORY | O_EXCL | O_NOCTTY | O_NOFOLLOW | O_TMPFILE | O_TRUNC;
        status_flags = O_APPEND | O_ASYNC | O_DSYNC | O_LARGEFILE | O_NOATIME | O_NONBLOCK | O_PATH | O_SYNC;
        """;

    /// <summary>Flags of close_range(2).</summary>
    [Flags]
    public enum CloseRangeFlags : uint
    {
        None = 0,
        CLOSE_RANGE_CLOEXEC = 4,
    }

    /// <summary>Opens a file by path.</summary>
    /// <returns>Every errno of open(2).</returns>
    [Syscall("open", Flags = OpenRules + "\nopen(path, flags = <access_mode> | <creation_flags> | <status_flags>, mode);")]
    public SyscallResult Open(SyscallContext context, UserPath path, OpenFlags flags, int mode) => OpenAt(context, FileDescriptor.CurrentDirectory, path, flags, mode);

    /// <summary>open(2) with O_CREAT | O_WRONLY | O_TRUNC.</summary>
    [Syscall("creat", Flags = "creat(path, mode);")]
    public SyscallResult Create(SyscallContext context, UserPath path, int mode)
        => OpenAt(context, FileDescriptor.CurrentDirectory, path, OpenFlags.O_CREAT | OpenFlags.O_WRONLY | OpenFlags.O_TRUNC, mode);

    /// <summary>Opens a file by path, relative to a directory.</summary>
    /// <returns>Every errno of open(2).</returns>
    [Syscall("openat", Flags = OpenRules + "\nopenat(dirfd, path, flags = <access_mode> | <creation_flags> | <status_flags>, mode);")]
    public SyscallResult OpenAt(SyscallContext context, FileDescriptor directory, UserPath path, OpenFlags flags, int mode)
    {
        var thread = context.Thread;
        var error = FileCalls.ReadPath(thread, path, out var bytes);
        if (error != Errno.Success)
        {
            return error;
        }

        if (!files.OpenAt(thread, directory, bytes, flags, mode).TryGet(out var file, out error))
        {
            return error;
        }

        var result = thread.Files.Allocate(file, (flags & OpenFlags.O_CLOEXEC) != 0, 0, context.Process.Limits.Soft(ResourceKind.OpenFiles));
        if (result.IsError)
        {
            file.Release();
        }

        return result;
    }

    /// <summary>Closes a descriptor.</summary>
    /// <returns>EBADF.</returns>
    [Syscall("close", Flags = "close(fd);")]
    public Errno Close(SyscallContext context, FileDescriptor descriptor) => context.Thread.Files.Close(descriptor.Number, context.Process);

    /// <summary>Closes all descriptors of a range, or marks them close-on-exec.</summary>
    /// <returns>EINVAL for an unknown flag or a range backwards.</returns>
    [Syscall("close_range", Flags = "close_range(first, last, flags = CLOSE_RANGE_CLOEXEC);")]
    public Errno CloseRange(SyscallContext context, uint first, uint last, CloseRangeFlags flags)
    {
        if (first > last)
        {
            return Errno.EINVAL;
        }

        var table = context.Thread.Files;
        var end = (int)Math.Min(last, int.MaxValue - 1);
        for (var descriptor = first > int.MaxValue ? -1 : table.NextOpen((int)first); descriptor >= 0 && descriptor <= end; descriptor = table.NextOpen(descriptor + 1))
        {
            if ((flags & CloseRangeFlags.CLOSE_RANGE_CLOEXEC) != 0)
            {
                // Another thread may have closed it meanwhile: close_range(2) skips what is not open.
                _ = table.SetCloseOnExec(descriptor, true);
            }
            else
            {
                _ = table.Close(descriptor, context.Process);
            }
        }

        return Errno.Success;
    }
}
