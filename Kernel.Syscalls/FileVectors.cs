// SPDX-License-Identifier: MPL-2.0
using System;
using System.Threading;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Signals;
using Kernel.Abstractions.Syscalls;
using Ostd.Memory;

namespace Kernel.Syscalls;

/// <summary>readv(2), writev(2), preadv(2), pwritev(2), preadv2(2), pwritev2(2).</summary>
[Component(Stage = InitStage.Late)]
public sealed class FileVectors(ISignalService signals)
{
    /// <summary>Up to so many vectors stand on the stack, as in Linux (UIO_FASTIOV).</summary>
    private const int FastVectors = 8;

    /// <summary>Up to so many bytes are written to a file or sent as a message in one piece, so that writers in other threads do not come between the parts (POSIX, write: writev() is one write).</summary>
    private const int MaxGatheredBytes = 65536;

    /// <summary>No offset: the file's own position.</summary>
    private const long AtPosition = -1;

    /// <summary>One large buffer is kept between calls.</summary>
    private byte[]? _spare;

    /// <summary>RWF_* flags.</summary>
    [Flags]
    public enum TransferFlags
    {
        None = 0,
        RWF_HIPRI = 1,
        RWF_DSYNC = 2,
        RWF_SYNC = 4,
        RWF_NOWAIT = 8,
        RWF_APPEND = 16,
    }

    /// <summary>Reads into several buffers.</summary>
    [Syscall("readv", Flags = "readv(fd, iov, iovcnt);")]
    public SyscallResult ReadVector(SyscallContext context, FileDescriptor descriptor, UserPtr<IoVector> vectors, ulong count)
        => Transfer(context.Thread, descriptor, vectors, count, AtPosition, isWrite: false);

    /// <summary>Writes from several buffers.</summary>
    [Syscall("writev", Flags = "writev(fd, iov, iovcnt);")]
    public SyscallResult WriteVector(SyscallContext context, FileDescriptor descriptor, UserPtr<IoVector> vectors, ulong count)
        => Transfer(context.Thread, descriptor, vectors, count, AtPosition, isWrite: true);

    /// <summary>Reads at an offset into several buffers.</summary>
    [Syscall("preadv", Flags = "preadv(fd, iov, iovcnt, offset);")]
    public SyscallResult PositionedReadVector(SyscallContext context, FileDescriptor descriptor, UserPtr<IoVector> vectors, ulong count, long offset)
        => offset < 0 ? Errno.EINVAL : Transfer(context.Thread, descriptor, vectors, count, offset, isWrite: false);

    /// <summary>Writes at an offset from several buffers.</summary>
    [Syscall("pwritev", Flags = "pwritev(fd, iov, iovcnt, offset);")]
    public SyscallResult PositionedWriteVector(SyscallContext context, FileDescriptor descriptor, UserPtr<IoVector> vectors, ulong count, long offset)
        => offset < 0 ? Errno.EINVAL : Transfer(context.Thread, descriptor, vectors, count, offset, isWrite: true);

    /// <summary>preadv with flags; an offset of -1 is the file's position. The offset comes in two halves, of which a 64-bit program uses the first.</summary>
    /// <returns>EOPNOTSUPP for a flag that the file cannot do.</returns>
    [Syscall("preadv2", Flags = "preadv2(fd, iov, iovcnt, offset, flags = RWF_HIPRI);")]
    public SyscallResult PositionedReadVector2(
        SyscallContext context, FileDescriptor descriptor, UserPtr<IoVector> vectors, ulong count, long offset, ulong offsetHigh, [AllowUndefinedFlags] TransferFlags flags)
    {
        _ = offsetHigh;
        if ((flags & ~TransferFlags.RWF_HIPRI) != 0)
        {
            return Errno.EOPNOTSUPP;
        }

        return offset < AtPosition ? Errno.EINVAL : Transfer(context.Thread, descriptor, vectors, count, offset, isWrite: false);
    }

    /// <summary>pwritev with flags; files in memory are always synchronous.</summary>
    [Syscall("pwritev2", Flags = "pwritev2(fd, iov, iovcnt, offset, flags = RWF_HIPRI | RWF_DSYNC | RWF_SYNC);")]
    public SyscallResult PositionedWriteVector2(
        SyscallContext context, FileDescriptor descriptor, UserPtr<IoVector> vectors, ulong count, long offset, ulong offsetHigh, [AllowUndefinedFlags] TransferFlags flags)
    {
        _ = offsetHigh;
        if ((flags & ~(TransferFlags.RWF_HIPRI | TransferFlags.RWF_DSYNC | TransferFlags.RWF_SYNC)) != 0)
        {
            return Errno.EOPNOTSUPP;
        }

        return offset < AtPosition ? Errno.EINVAL : Transfer(context.Thread, descriptor, vectors, count, offset, isWrite: true);
    }

    private SyscallResult Transfer(IThread thread, FileDescriptor descriptor, UserPtr<IoVector> vectors, ulong count, long offset, bool isWrite)
    {
        if (thread.Files.Get(descriptor.Number) is not { } file)
        {
            return Errno.EBADF;
        }

        SyscallResult result;
        if (isWrite ? !file.IsWritable : !file.IsReadable)
        {
            result = Errno.EBADF;
        }
        else if (count > IoVector.MaximumCount)
        {
            result = Errno.EINVAL;
        }
        else
        {
            // Few vectors stand on the stack; only a call with many allocates.
            Span<IoVector> copies = count <= FastVectors ? stackalloc IoVector[FastVectors] : new IoVector[count];
            copies = copies[..(int)count];
            var total = Import(vectors, copies);
            result = !total.IsOk ? total.Error : isWrite ? FileCalls.NoteSizeLimit(signals, thread, Write(thread, file, copies, (int)total.Value, offset)) : Read(file, copies, offset);
        }

        file.Release();
        return result;
    }

    /// <summary>Copies the vectors in and checks them as import_iovec does: EFAULT, EINVAL for a negative length; the total is cut at the most that one call transfers.</summary>
    private static Result<long> Import(UserPtr<IoVector> vectors, Span<IoVector> copies)
    {
        long total = 0;
        for (var i = 0; i < copies.Length; i++)
        {
            if (!vectors[i].Read().TryGet(out var vector, out var error))
            {
                return error;
            }

            if ((long)vector.LengthBytes < 0)
            {
                return Errno.EINVAL;
            }

            if (!FileCalls.IsUserRange(vector.Address, vector.LengthBytes))
            {
                return Errno.EFAULT;
            }

            var length = Math.Min((long)vector.LengthBytes, IoVector.MaximumTotalBytes - total);
            copies[i] = new IoVector(vector.Address, (ulong)length);
            total += length;
        }

        return total;
    }

    private static SyscallResult Read(OpenFile file, ReadOnlySpan<IoVector> vectors, long offset)
    {
        long total = 0;
        foreach (var vector in vectors)
        {
            if (vector.LengthBytes == 0)
            {
                continue;
            }

            // What came so far is not held back by waiting for more.
            if (total > 0 && offset == AtPosition && (file.Poll(null) & PollEvents.POLLIN) == 0)
            {
                break;
            }

            var writer = VmWriter.FromUser(vector.Address, (int)vector.LengthBytes);
            var result = offset == AtPosition ? file.Read(ref writer) : file.ReadAt(ref writer, offset + total);
            if (!result.IsOk)
            {
                return total > 0 ? total : result.Error;
            }

            total += result.Value;
            if (result.Value < (long)vector.LengthBytes)
            {
                break;
            }
        }

        return total;
    }

    private SyscallResult Write(IThread thread, OpenFile file, ReadOnlySpan<IoVector> vectors, int total, long offset)
    {
        // A small write goes in one piece: pipes must not split it, and a datagram must stay one.
        if (vectors.Length > 1 && total <= thread.SecondPathBuffer.Length)
        {
            return WriteGathered(thread.SecondPathBuffer, file, vectors, offset);
        }

        if (vectors.Length > 1 && total <= MaxGatheredBytes && file.Inode.Type is (InodeType.Regular or InodeType.Socket))
        {
            var buffer = Interlocked.Exchange(ref _spare, null) ?? new byte[MaxGatheredBytes];
            var gathered = WriteGathered(buffer, file, vectors, offset);
            Volatile.Write(ref _spare, buffer);
            return gathered;
        }

        long written = 0;
        foreach (var vector in vectors)
        {
            var reader = VmReader.FromUser(vector.Address, (int)vector.LengthBytes);
            var result = offset == AtPosition ? file.Write(ref reader) : file.WriteAt(ref reader, offset + written);
            if (!result.IsOk)
            {
                return written > 0 ? written : result.Error;
            }

            written += result.Value;
            if (result.Value < (long)vector.LengthBytes)
            {
                break;
            }
        }

        return written;
    }

    private static SyscallResult WriteGathered(byte[] buffer, OpenFile file, ReadOnlySpan<IoVector> vectors, long offset)
    {
        var length = 0;
        foreach (var vector in vectors)
        {
            var source = VmReader.FromUser(vector.Address, (int)vector.LengthBytes);
            var copied = source.Read(buffer.AsSpan(length, (int)vector.LengthBytes));
            length += copied;
            if (copied < (int)vector.LengthBytes)
            {
                if (length == 0)
                {
                    return Errno.EFAULT;
                }

                break;
            }
        }

        var reader = new VmReader(buffer.AsSpan(0, length));
        return offset == AtPosition ? file.Write(ref reader) : file.WriteAt(ref reader, offset);
    }
}
