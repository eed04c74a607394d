// SPDX-License-Identifier: MPL-2.0
using System;
using System.Threading;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Signals;
using Kernel.Abstractions.Syscalls;
using Ostd.Memory;

namespace Kernel.Syscalls;

/// <summary>sendfile(2), copy_file_range(2).</summary>
[Component(Stage = InitStage.Late)]
public sealed class FileTransfers(ISignalService signals)
{
    private const int BufferBytes = 65536;

    /// <summary>One buffer is kept between calls.</summary>
    private byte[]? _spare;

    /// <summary>Copies from one file to another inside the kernel.</summary>
    /// <returns>EBADF; EINVAL; EFAULT; ESPIPE; what reading and writing answer.</returns>
    [Syscall("sendfile", Flags = "sendfile(out_fd, in_fd, offset, count);")]
    public SyscallResult SendFile(SyscallContext context, FileDescriptor target, FileDescriptor source, UserPtr<long> offset, ulong count)
    {
        long? position = null;
        if (!offset.IsNull)
        {
            if (!offset.Read().TryGet(out var value, out var error))
            {
                return error;
            }

            position = value;
        }

        if (context.Thread.Files.Get(source.Number) is not { } from)
        {
            return Errno.EBADF;
        }

        if (context.Thread.Files.Get(target.Number) is not { } to)
        {
            from.Release();
            return Errno.EBADF;
        }

        SyscallResult result;
        if (!from.IsReadable || !to.IsWritable)
        {
            result = Errno.EBADF;
        }
        else if (from.Inode.Type is not (InodeType.Regular or InodeType.BlockDevice) && position is not null)
        {
            result = Errno.ESPIPE;
        }
        else if (!IsSeekable(from) || (to.StatusFlags & OpenFlags.O_APPEND) != 0 || position < 0)
        {
            result = Errno.EINVAL;
        }
        else
        {
            result = Copy(from, to, ref position, null, (long)Math.Min(count, FileCalls.MaxTransferBytes));
            if (position is { } end && result.Register > 0 && offset.Write(end) is var error && error != Errno.Success)
            {
                result = error;
            }
        }

        from.Release();
        to.Release();
        return FileCalls.NoteSizeLimit(signals, context.Thread, result);
    }

    /// <summary>Only what can seek is sent: of a terminal or a pipe, more might be read than the target takes (Linux's splice_direct_to_actor).</summary>
    private static bool IsSeekable(OpenFile file)
        => file.Inode.Type is InodeType.Regular or InodeType.BlockDevice
        || (file.Inode.Type == InodeType.CharacterDevice && file.Seek(0, SeekOrigin.SEEK_CUR).IsOk);

    /// <summary>Copies a range from one regular file to another.</summary>
    /// <returns>EBADF; EINVAL; EISDIR; EFAULT; what reading and writing answer.</returns>
    [Syscall("copy_file_range", Flags = "copy_file_range(fd_in, off_in, fd_out, off_out, len, flags = 0);")]
    public SyscallResult CopyRange(
        SyscallContext context, FileDescriptor source, UserPtr<long> sourceOffset, FileDescriptor target, UserPtr<long> targetOffset, ulong count, uint flags)
    {
        if (FileCalls.GetForIo(context.Thread, source) is not { } from)
        {
            return Errno.EBADF;
        }

        if (FileCalls.GetForIo(context.Thread, target) is not { } to)
        {
            from.Release();
            return Errno.EBADF;
        }

        var result = CopyRange(from, sourceOffset, to, targetOffset, count, flags);
        from.Release();
        to.Release();
        return FileCalls.NoteSizeLimit(signals, context.Thread, result);
    }

    private SyscallResult CopyRange(OpenFile from, UserPtr<long> sourceOffset, OpenFile to, UserPtr<long> targetOffset, ulong count, uint flags)
    {
        long? readAt = null, writeAt = null;
        if (!sourceOffset.IsNull)
        {
            if (!sourceOffset.Read().TryGet(out var value, out var error))
            {
                return error;
            }

            readAt = value;
        }

        if (!targetOffset.IsNull)
        {
            if (!targetOffset.Read().TryGet(out var value, out var error))
            {
                return error;
            }

            writeAt = value;
        }

        if (flags != 0 || readAt < 0 || writeAt < 0)
        {
            return Errno.EINVAL;
        }

        if (from.Inode.Type == InodeType.Directory || to.Inode.Type == InodeType.Directory)
        {
            return Errno.EISDIR;
        }

        if (from.Inode.Type != InodeType.Regular || to.Inode.Type != InodeType.Regular)
        {
            return Errno.EINVAL;
        }

        if (!from.IsReadable || !to.IsWritable || (to.StatusFlags & OpenFlags.O_APPEND) != 0)
        {
            return Errno.EBADF;
        }

        var length = (long)Math.Min(count, FileCalls.MaxTransferBytes);
        if (ReferenceEquals(from.Inode, to.Inode) && Overlaps(from, readAt, to, writeAt, length))
        {
            return Errno.EINVAL;
        }

        var start = writeAt;
        var result = Copy(from, to, ref readAt, start, length);
        if (result.Register > 0)
        {
            if ((readAt is { } readEnd && sourceOffset.Write(readEnd) != Errno.Success) || (start is { } writeStart && targetOffset.Write(writeStart + result.Register) != Errno.Success))
            {
                return Errno.EFAULT;
            }
        }

        return result;
    }

    private static bool Overlaps(OpenFile from, long? readAt, OpenFile to, long? writeAt, long length)
    {
        var read = readAt ?? from.Seek(0, SeekOrigin.SEEK_CUR).Value;
        var write = writeAt ?? to.Seek(0, SeekOrigin.SEEK_CUR).Value;
        var overlapped = Math.Min(length, Math.Max(0, from.Inode.GetAttributes().SizeBytes - read));
        return read < write + overlapped && write < read + overlapped;
    }

    /// <summary>Copies until the end, an error or a short write.</summary>
    /// <param name="readAt">Where to read; the source's own position when null.</param>
    /// <param name="writeAt">Where to write; the target's own position when null.</param>
    private SyscallResult Copy(OpenFile from, OpenFile to, ref long? readAt, long? writeAt, long count)
    {
        var buffer = Interlocked.Exchange(ref _spare, null) ?? new byte[BufferBytes];
        long total = 0;
        var error = Errno.Success;
        while (total < count && error == Errno.Success)
        {
            var wanted = (int)Math.Min(count - total, buffer.Length);
            var writer = new VmWriter(buffer.AsSpan(0, wanted));
            if (!(readAt is { } position ? from.ReadAt(ref writer, position) : from.Read(ref writer)).TryGet(out var read, out error) || read == 0)
            {
                break;
            }

            var reader = new VmReader(buffer.AsSpan(0, read));
            var written = writeAt is { } target ? to.WriteAt(ref reader, target + total) : to.Write(ref reader);
            error = written.Error;
            var moved = written.IsOk ? written.Value : 0;
            total += moved;
            readAt += moved;

            // What was read and not written goes back to the source.
            if (moved < read)
            {
                if (readAt is null)
                {
                    // It was read from a moment ago at this position, so that it can seek there.
                    _ = from.Seek(moved - read, SeekOrigin.SEEK_CUR);
                }

                break;
            }
        }

        Volatile.Write(ref _spare, buffer);
        return total > 0 || error == Errno.Success ? total : error;
    }
}
