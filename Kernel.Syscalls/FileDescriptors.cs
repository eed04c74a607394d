// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Syscalls;

namespace Kernel.Syscalls;

/// <summary>dup(2), dup2(2), dup3(2), lseek(2), ioctl(2).</summary>
[Component(Stage = InitStage.Late)]
public sealed class FileDescriptors
{
    private const uint FIONREAD = 0x541b;
    private const uint FIONBIO = 0x5421;
    private const uint FIONCLEX = 0x5450;
    private const uint FIOCLEX = 0x5451;
    private const uint FIOASYNC = 0x5452;

    /// <summary>Copies a descriptor to the lowest free number.</summary>
    /// <returns>EBADF; EMFILE.</returns>
    [Syscall("dup", Flags = "dup(oldfd);")]
    public SyscallResult Duplicate(SyscallContext context, FileDescriptor old)
    {
        if (context.Thread.Files.Get(old.Number) is not { } file)
        {
            return Errno.EBADF;
        }

        var result = context.Thread.Files.Allocate(file, false, 0, context.Process.Limits.Soft(ResourceKind.OpenFiles));
        if (result.IsError)
        {
            file.Release();
        }

        return result;
    }

    /// <summary>Copies a descriptor to a given number, closing what was there.</summary>
    /// <returns>EBADF.</returns>
    [Syscall("dup2", Flags = "dup2(oldfd, newfd);")]
    public SyscallResult Duplicate2(SyscallContext context, FileDescriptor old, FileDescriptor target)
    {
        if (old != target)
        {
            return Replace(context, old, target, false);
        }

        if (context.Thread.Files.Get(old.Number) is not { } file)
        {
            return Errno.EBADF;
        }

        file.Release();
        return target.Number;
    }

    /// <summary>dup2 with O_CLOEXEC.</summary>
    /// <returns>EINVAL for another flag or equal descriptors; EBADF.</returns>
    [Syscall("dup3", Flags = "dup3(oldfd, newfd, flags = O_CLOEXEC);")]
    public SyscallResult Duplicate3(SyscallContext context, FileDescriptor old, FileDescriptor target, OpenFlags flags)
        => (flags & ~OpenFlags.O_CLOEXEC) != 0 || old == target ? Errno.EINVAL : Replace(context, old, target, (flags & OpenFlags.O_CLOEXEC) != 0);

    /// <summary>Moves the position of an open file.</summary>
    /// <returns>EBADF; ESPIPE; EINVAL; ENXIO.</returns>
    [Syscall("lseek", Flags = "lseek(fd, offset, whence = SEEK_SET | SEEK_CUR | SEEK_END | SEEK_DATA | SEEK_HOLE);")]
    public SyscallResult Seek(SyscallContext context, FileDescriptor descriptor, long offset, SeekOrigin origin)
    {
        if (FileCalls.GetForIo(context.Thread, descriptor) is not { } file)
        {
            return Errno.EBADF;
        }

        SyscallResult result = origin > SeekOrigin.SEEK_HOLE || origin < 0 ? Errno.EINVAL : file.Seek(offset, origin);
        file.Release();
        return result;
    }

    /// <summary>Controls a file: what every file has is done here, the rest is the file's own.</summary>
    /// <returns>EBADF; ENOTTY for a command that the file does not know; EFAULT; EINVAL.</returns>
    [Syscall("ioctl", Flags = "ioctl(fd, request, ..);")]
    public SyscallResult Control(SyscallContext context, FileDescriptor descriptor, uint command, ulong argument)
    {
        if (FileCalls.GetForIo(context.Thread, descriptor) is not { } file)
        {
            return Errno.EBADF;
        }

        var result = command switch
        {
            FIOCLEX => context.Thread.Files.SetCloseOnExec(descriptor.Number, true),
            FIONCLEX => context.Thread.Files.SetCloseOnExec(descriptor.Number, false),
            FIONBIO => SetNonBlocking(file, new UserPtr<int>(argument)),
            FIOASYNC => new UserPtr<int>(argument).Read().Error,
            FIONREAD when file.Inode.Type == InodeType.Regular => WriteRemaining(file, new UserPtr<int>(argument)),
            _ => file.Ioctl(in context, command, argument),
        };

        file.Release();
        return result;
    }

    private static SyscallResult Replace(SyscallContext context, FileDescriptor old, FileDescriptor target, bool closeOnExec)
    {
        if (target.Number < 0 || (ulong)target.Number >= context.Process.Limits.Soft(ResourceKind.OpenFiles))
        {
            return Errno.EBADF;
        }

        if (context.Thread.Files.Get(old.Number) is not { } file)
        {
            return Errno.EBADF;
        }

        var error = context.Thread.Files.Replace(target.Number, file, closeOnExec, context.Process);
        if (error != Errno.Success)
        {
            file.Release();
            return error;
        }

        return target.Number;
    }

    private static Errno SetNonBlocking(OpenFile file, UserPtr<int> argument)
    {
        if (!argument.Read().TryGet(out var value, out var error))
        {
            return error;
        }

        file.ChangeStatusFlags(OpenFlags.O_NONBLOCK, value != 0 ? OpenFlags.O_NONBLOCK : 0);
        return Errno.Success;
    }

    private static SyscallResult WriteRemaining(OpenFile file, UserPtr<int> argument)
    {
        var position = file.Seek(0, SeekOrigin.SEEK_CUR);
        return position.IsOk ? argument.Write((int)(file.Inode.GetAttributes().SizeBytes - position.Value)) : position.Error;
    }
}
