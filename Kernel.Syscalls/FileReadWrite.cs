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
    /// <summary>Reads from a descriptor.</summary>
    /// <returns>EBADF; EFAULT; EISDIR; EINVAL; EAGAIN; EINTR; EIO.</returns>
    [Syscall("read", Flags = "read(fd, buf, count);")]
    public SyscallResult Read(SyscallContext context, FileDescriptor descriptor, UserAddress buffer, ulong count)
    {
        if (context.Thread.Files.Get(descriptor.Number) is not { } file)
        {
            return Errno.EBADF;
        }

        SyscallResult result;
        if (!file.IsReadable)
        {
            result = Errno.EBADF;
        }
        else if (!FileCalls.IsUserRange(buffer.Value, count))
        {
            result = Errno.EFAULT;
        }
        else
        {
            var writer = buffer.Writer((int)Math.Min(count, FileCalls.MaxTransferBytes));
            result = file.Read(ref writer);
        }

        file.Release();
        return result;
    }

    /// <summary>Writes to a descriptor.</summary>
    /// <returns>EBADF; EFAULT; EINVAL; EAGAIN; EINTR; EIO; EPIPE; ENOSPC; EFBIG.</returns>
    [Syscall("write", Flags = "write(fd, buf, count);")]
    public SyscallResult Write(SyscallContext context, FileDescriptor descriptor, UserAddress buffer, ulong count)
    {
        if (context.Thread.Files.Get(descriptor.Number) is not { } file)
        {
            return Errno.EBADF;
        }

        SyscallResult result;
        if (!file.IsWritable)
        {
            result = Errno.EBADF;
        }
        else if (!FileCalls.IsUserRange(buffer.Value, count))
        {
            result = Errno.EFAULT;
        }
        else
        {
            var reader = buffer.Reader((int)Math.Min(count, FileCalls.MaxTransferBytes));
            result = FileCalls.NoteSizeLimit(signals, context.Thread, file.Write(ref reader));
        }

        file.Release();
        return result;
    }

    /// <summary>Reads at an offset.</summary>
    /// <returns>As read, and EINVAL for a negative offset, ESPIPE.</returns>
    [Syscall("pread64", Flags = "pread64(fd, buf, count, offset);")]
    public SyscallResult PositionedRead(SyscallContext context, FileDescriptor descriptor, UserAddress buffer, ulong count, long offset)
    {
        if (offset < 0)
        {
            return Errno.EINVAL;
        }

        if (context.Thread.Files.Get(descriptor.Number) is not { } file)
        {
            return Errno.EBADF;
        }

        SyscallResult result;
        if (!file.IsReadable)
        {
            result = Errno.EBADF;
        }
        else if (!FileCalls.IsUserRange(buffer.Value, count))
        {
            result = Errno.EFAULT;
        }
        else
        {
            var writer = buffer.Writer((int)Math.Min(count, FileCalls.MaxTransferBytes));
            result = file.ReadAt(ref writer, offset);
        }

        file.Release();
        return result;
    }

    /// <summary>Writes at an offset.</summary>
    /// <returns>As write, and EINVAL for a negative offset, ESPIPE.</returns>
    [Syscall("pwrite64", Flags = "pwrite64(fd, buf, count, offset);")]
    public SyscallResult PositionedWrite(SyscallContext context, FileDescriptor descriptor, UserAddress buffer, ulong count, long offset)
    {
        if (offset < 0)
        {
            return Errno.EINVAL;
        }

        if (context.Thread.Files.Get(descriptor.Number) is not { } file)
        {
            return Errno.EBADF;
        }

        SyscallResult result;
        if (!file.IsWritable)
        {
            result = Errno.EBADF;
        }
        else if (!FileCalls.IsUserRange(buffer.Value, count))
        {
            result = Errno.EFAULT;
        }
        else
        {
            var reader = buffer.Reader((int)Math.Min(count, FileCalls.MaxTransferBytes));
            result = FileCalls.NoteSizeLimit(signals, context.Thread, file.WriteAt(ref reader, offset));
        }

        file.Release();
        return result;
    }
}
