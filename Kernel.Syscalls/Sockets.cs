// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Sockets;
using Kernel.Abstractions.Syscalls;
using Ostd.Memory;

namespace Kernel.Syscalls;

/// <summary>Making, naming and connecting sockets (man 2 socket and its neighbours).</summary>
[Component(Stage = InitStage.Late)]
public sealed class Sockets(SocketFamilyEntry[] families)
{
    private const int SOCK_NONBLOCK = 0x800;
    private const int SOCK_CLOEXEC = 0x80000;
    private const int TypeMask = 0xf;

    [Syscall("socket", Flags = "socket(domain = AF_UNIX, type = SOCK_STREAM | SOCK_DGRAM | SOCK_SEQPACKET | SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);")]
    public Result<int> Socket(SyscallContext context, int domain, int type, int protocol)
    {
        if (!Find(domain, type).TryGet(out var family, out var error)
            || !family.Create(context.Thread, (SocketType)(type & TypeMask), protocol, ToOpenFlags(type)).TryGet(out var socket, out error))
        {
            return error;
        }

        return Install(context, socket, type);
    }

    [Syscall("socketpair", Flags = "socketpair(domain = AF_UNIX, type = SOCK_STREAM | SOCK_DGRAM | SOCK_SEQPACKET | SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol, sv);")]
    public Errno SocketPair(SyscallContext context, int domain, int type, int protocol, UserPtr<int> descriptors)
    {
        if (!Find(domain, type).TryGet(out var family, out var error)
            || !family.CreatePair(context.Thread, (SocketType)(type & TypeMask), protocol, ToOpenFlags(type)).TryGet(out var pair, out error))
        {
            return error;
        }

        if (!Install(context, pair.First, type).TryGet(out var first, out error))
        {
            pair.Second.Release();
            return error;
        }

        var files = context.Thread.Files;
        if (!Install(context, pair.Second, type).TryGet(out var second, out error))
        {
            files.Retract(first, pair.First, context.Process);
            return error;
        }

        error = descriptors.Write(first);
        error = error == Errno.Success ? descriptors[1].Write(second) : error;
        if (error != Errno.Success)
        {
            files.Retract(first, pair.First, context.Process);
            files.Retract(second, pair.Second, context.Process);
        }

        return error;
    }

    [Syscall("bind")]
    public Errno Bind(SyscallContext context, FileDescriptor descriptor, UserAddress address, int length)
    {
        using var socket = SocketReference.Get(context, descriptor, out var error);
        Span<byte> buffer = stackalloc byte[SocketReference.MaximumAddressBytes];
        return error != Errno.Success || (error = SocketReference.ReadAddress(address, length, ref buffer)) != Errno.Success ? error : socket.File.Bind(context.Thread, buffer);
    }

    [Syscall("connect")]
    public Errno Connect(SyscallContext context, FileDescriptor descriptor, UserAddress address, int length)
    {
        using var socket = SocketReference.Get(context, descriptor, out var error);
        Span<byte> buffer = stackalloc byte[SocketReference.MaximumAddressBytes];
        return error != Errno.Success || (error = SocketReference.ReadAddress(address, length, ref buffer)) != Errno.Success ? error : socket.File.Connect(context.Thread, buffer);
    }

    [Syscall("listen")]
    public Errno Listen(SyscallContext context, FileDescriptor descriptor, int backlog)
    {
        using var socket = SocketReference.Get(context, descriptor, out var error);
        return error != Errno.Success ? error : socket.File.Listen(backlog);
    }

    [Syscall("accept")]
    public Result<int> Accept(SyscallContext context, FileDescriptor descriptor, UserAddress address, UserPtr<int> length) => Accept4(context, descriptor, address, length, 0);

    [Syscall("accept4", Flags = "accept4(sockfd, addr, addrlen, flags = SOCK_NONBLOCK | SOCK_CLOEXEC);")]
    public Result<int> Accept4(SyscallContext context, FileDescriptor descriptor, UserAddress address, UserPtr<int> length, int flags)
    {
        if ((flags & ~(SOCK_NONBLOCK | SOCK_CLOEXEC)) != 0)
        {
            return Errno.EINVAL;
        }

        using var socket = SocketReference.Get(context, descriptor, out var error);
        if (error != Errno.Success || !socket.File.Accept(ToOpenFlags(flags)).TryGet(out var connection, out error))
        {
            return error;
        }

        if (!address.IsNull)
        {
            Span<byte> buffer = stackalloc byte[SocketReference.MaximumAddressBytes];
            error = connection.GetPeerAddress(buffer).TryGet(out var actual, out error) ? SocketReference.WriteAddress(buffer, actual, address, length) : error;
            if (error != Errno.Success)
            {
                connection.Release();
                return error;
            }
        }

        return Install(context, connection, flags);
    }

    [Syscall("shutdown")]
    public Errno Shutdown(SyscallContext context, FileDescriptor descriptor, int how)
    {
        using var socket = SocketReference.Get(context, descriptor, out var error);
        return error != Errno.Success ? error : how is < 0 or > 2 ? Errno.EINVAL : socket.File.Shutdown((ShutdownMode)how);
    }

    [Syscall("getsockname")]
    public Errno GetSocketName(SyscallContext context, FileDescriptor descriptor, UserAddress address, UserPtr<int> length)
    {
        using var socket = SocketReference.Get(context, descriptor, out var error);
        Span<byte> buffer = stackalloc byte[SocketReference.MaximumAddressBytes];
        return error == Errno.Success && socket.File.GetLocalAddress(buffer).TryGet(out var actual, out error)
            ? SocketReference.WriteAddress(buffer, actual, address, length) : error;
    }

    [Syscall("getpeername")]
    public Errno GetPeerName(SyscallContext context, FileDescriptor descriptor, UserAddress address, UserPtr<int> length)
    {
        using var socket = SocketReference.Get(context, descriptor, out var error);
        Span<byte> buffer = stackalloc byte[SocketReference.MaximumAddressBytes];
        return error == Errno.Success && socket.File.GetPeerAddress(buffer).TryGet(out var actual, out error)
            ? SocketReference.WriteAddress(buffer, actual, address, length) : error;
    }

    [Syscall("getsockopt")]
    public Errno GetSocketOption(SyscallContext context, FileDescriptor descriptor, int level, int option, UserAddress value, UserPtr<int> length)
    {
        using var socket = SocketReference.Get(context, descriptor, out var error);
        if (error != Errno.Success || !length.Read().TryGet(out var capacity, out error))
        {
            return error;
        }

        if (capacity < 0)
        {
            return Errno.EINVAL;
        }

        Span<byte> buffer = stackalloc byte[256];
        if (!socket.File.GetOption(level, option, buffer[..Math.Min(capacity, buffer.Length)]).TryGet(out var actual, out error))
        {
            return error;
        }

        var writer = value.Writer(actual);
        return writer.Write(buffer[..actual]) < actual ? Errno.EFAULT : length.Write(actual);
    }

    [Syscall("setsockopt")]
    public Errno SetSocketOption(SyscallContext context, FileDescriptor descriptor, int level, int option, UserAddress value, int length)
    {
        using var socket = SocketReference.Get(context, descriptor, out var error);
        if (error != Errno.Success)
        {
            return error;
        }

        if (length < 0)
        {
            return Errno.EINVAL;
        }

        Span<byte> buffer = stackalloc byte[256];
        buffer = buffer[..Math.Min(length, buffer.Length)];
        var reader = value.Reader(buffer.Length);
        return reader.Read(buffer) < buffer.Length ? Errno.EFAULT : socket.File.SetOption(context.Thread, level, option, buffer);
    }

    private Result<ISocketFamily> Find(int domain, int type)
    {
        if ((type & ~(TypeMask | SOCK_NONBLOCK | SOCK_CLOEXEC)) != 0)
        {
            return Errno.EINVAL;
        }

        foreach (var entry in families)
        {
            if (entry.Number == domain)
            {
                return Result<ISocketFamily>.Ok(entry.Family);
            }
        }

        return Errno.EAFNOSUPPORT;
    }

    private static OpenFlags ToOpenFlags(int type) => (type & SOCK_NONBLOCK) != 0 ? OpenFlags.O_NONBLOCK : 0;

    private static Result<int> Install(SyscallContext context, SocketFile socket, int flags)
    {
        var result = context.Thread.Files.Allocate(socket, (flags & SOCK_CLOEXEC) != 0, 0, context.Process.Limits.Soft(ResourceKind.OpenFiles));
        if (result.IsError)
        {
            socket.Release();
        }

        return result;
    }
}
