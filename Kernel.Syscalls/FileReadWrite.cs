// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Signals;
using Kernel.Abstractions.Syscalls;
using Ostd.Memory;

namespace Kernel.Syscalls;

/// <summary>read(2), write(2), pread64(2), pwrite64(2).</summary>
[Component(Stage = InitStage.Late)]
public sealed class FileReadWrite(ISignalService signals)
{
    // Stands for the open file's own position where an offset is expected; offsets of callers are never negative.
    private const long AtPosition = -1;

    /// <summary>Reads from a descriptor.</summary>
    /// <returns>EBADF; EFAULT; EISDIR; EINVAL; EAGAIN; EINTR; EIO.</returns>
    [Syscall("read", Flags = "read(fd, buf, count);")]
    public SyscallResult Read(SyscallContext context, FileDescriptor descriptor, UserAddress buffer, ulong count)
        => ReadFrom(context, descriptor, buffer, count, AtPosition);

    /// <summary>Writes to a descriptor.</summary>
    /// <returns>EBADF; EFAULT; EINVAL; EAGAIN; EINTR; EIO; EPIPE; ENOSPC; EFBIG.</returns>
    [Syscall("write", Flags = "write(fd, buf, count);")]
    public SyscallResult Write(SyscallContext context, FileDescriptor descriptor, UserAddress buffer, ulong count)
        => WriteTo(context, descriptor, buffer, count, AtPosition);

    /// <summary>Reads at an offset.</summary>
    /// <returns>As read, and EINVAL for a negative offset, ESPIPE.</returns>
    [Syscall("pread64", Flags = "pread64(fd, buf, count, offset);")]
    public SyscallResult PositionedRead(SyscallContext context, FileDescriptor descriptor, UserAddress buffer, ulong count, long offset)
        => offset < 0 ? Errno.EINVAL : ReadFrom(context, descriptor, buffer, count, offset);

    /// <summary>Writes at an offset.</summary>
    /// <returns>As write, and EINVAL for a negative offset, ESPIPE.</returns>
    [Syscall("pwrite64", Flags = "pwrite64(fd, buf, count, offset);")]
    public SyscallResult PositionedWrite(SyscallContext context, FileDescriptor descriptor, UserAddress buffer, ulong count, long offset)
        => offset < 0 ? Errno.EINVAL : WriteTo(context, descriptor, buffer, count, offset);

    private static SyscallResult ReadFrom(SyscallContext context, FileDescriptor descriptor, UserAddress buffer, ulong count, long offset)
    {
        if (context.Thread.Files.Get(descriptor.Number) is not { } file)
        {
            return Errno.EBADF;
        }

        Errno error = Check(file.IsReadable, buffer, count);
        SyscallResult result = error;
        if (error == Errno.Success)
        {
            var writer = buffer.Writer((int)Math.Min(count, FileCalls.MaxTransferBytes));
            result = offset == AtPosition ? file.Read(ref writer) : file.ReadAt(ref writer, offset);
        }

        file.Release();
        return result;
    }

    private SyscallResult WriteTo(SyscallContext context, FileDescriptor descriptor, UserAddress buffer, ulong count, long offset)
    {
        if (context.Thread.Files.Get(descriptor.Number) is not { } file)
        {
            return Errno.EBADF;
        }

        Errno error = Check(file.IsWritable, buffer, count);
        SyscallResult result = error;
        if (error == Errno.Success)
        {
            var reader = buffer.Reader((int)Math.Min(count, FileCalls.MaxTransferBytes));
            result = FileCalls.NoteSizeLimit(signals, context.Thread, offset == AtPosition ? file.Write(ref reader) : file.WriteAt(ref reader, offset));
        }

        file.Release();
        return result;
    }

    // In the order of Linux's vfs_read: the mode first, then the range.
    private static Errno Check(bool isAllowed, UserAddress buffer, ulong count)
        => !isAllowed ? Errno.EBADF : FileCalls.IsUserRange(buffer.Value, count) ? Errno.Success : Errno.EFAULT;
}
