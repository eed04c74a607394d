// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Sockets;
using Kernel.Abstractions.Syscalls;

namespace Kernel.Syscalls;

/// <summary>A socket looked up by descriptor, with a reference that disposing gives back; and the copying of its addresses.</summary>
[Ostd.MustNotCopy]
internal readonly ref struct SocketReference
{
    /// <summary>Size of <c>struct sockaddr_storage</c>: the longest address.</summary>
    public const int MaximumAddressBytes = 128;

    private readonly SocketFile? _file;

    private SocketReference(SocketFile file) => _file = file;

    /// <summary>The socket; only when the look-up succeeded.</summary>
    public SocketFile File => _file!;

    /// <summary>Looks the descriptor up: EBADF, ENOTSOCK.</summary>
    public static SocketReference Get(SyscallContext context, FileDescriptor descriptor, out Errno error)
    {
        var file = context.Thread.Files.Get(descriptor.Number);
        if (file is SocketFile socket)
        {
            error = Errno.Success;
            return new SocketReference(socket);
        }

        error = file is null || (file.StatusFlags & OpenFlags.O_PATH) != 0 ? Errno.EBADF : Errno.ENOTSOCK;
        file?.Release();
        return default;
    }

    /// <summary>Copies an address in and cuts the buffer to its length: EINVAL, EFAULT.</summary>
    public static Errno ReadAddress(UserAddress address, int length, ref Span<byte> buffer)
    {
        if (length is < 0 or > MaximumAddressBytes)
        {
            return Errno.EINVAL;
        }

        buffer = buffer[..length];
        var reader = address.Reader(length);
        return reader.Read(buffer) < length ? Errno.EFAULT : Errno.Success;
    }

    /// <summary>Copies an address out, cut to what the caller's length allows, and tells its true length (man 2 getsockname).</summary>
    public static Errno WriteAddress(ReadOnlySpan<byte> buffer, int actualLength, UserAddress address, UserPtr<int> length)
    {
        if (!length.Read().TryGet(out var capacity, out var error))
        {
            return error;
        }

        if (capacity < 0)
        {
            return Errno.EINVAL;
        }

        var count = Math.Min(capacity, Math.Min(actualLength, buffer.Length));
        var writer = address.Writer(count);
        return writer.Write(buffer[..count]) < count ? Errno.EFAULT : length.Write(actualLength);
    }

    public void Dispose() => _file?.Release();
}
