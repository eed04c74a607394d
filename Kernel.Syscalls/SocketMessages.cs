// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Sockets;
using Kernel.Abstractions.Syscalls;
using Ostd.Memory;

namespace Kernel.Syscalls;

/// <summary><c>struct msghdr</c> of the 64-bit ABIs.</summary>
public readonly record struct MessageHeader(ulong Name, uint NameLength, uint Padding, ulong Vectors, ulong VectorCount, ulong Control, ulong ControlLength, int Flags, int Padding2);

/// <summary>Sending and receiving: sendto(2), recvfrom(2), sendmsg(2), recvmsg(2).</summary>
[Component(Stage = InitStage.Late)]
public sealed class SocketMessages
{
    private const int NameLengthOffset = 8;
    private const int ControlLengthOffset = 40;
    private const int FlagsOffset = 48;

    [Syscall("sendto")]
    public Result<int> SendTo(SyscallContext context, FileDescriptor descriptor, UserAddress data, ulong length, MessageFlags flags, UserAddress address, int addressLength)
    {
        using var socket = SocketReference.Get(context, descriptor, out var error);
        Span<byte> name = stackalloc byte[SocketReference.MaximumAddressBytes];
        if (error != Errno.Success || (error = SocketReference.ReadAddress(address, address.IsNull ? 0 : addressLength, ref name)) != Errno.Success)
        {
            return error;
        }

        var reader = data.Reader((int)Math.Min(length, IoVector.MaximumTotalBytes));
        return socket.File.Send(context.Thread, ref reader, flags, name, null);
    }

    [Syscall("recvfrom")]
    public Result<int> ReceiveFrom(SyscallContext context, FileDescriptor descriptor, UserAddress data, ulong length, MessageFlags flags, UserAddress address, UserPtr<int> addressLength)
    {
        using var socket = SocketReference.Get(context, descriptor, out var error);
        if (error != Errno.Success)
        {
            return error;
        }

        Span<byte> name = stackalloc byte[SocketReference.MaximumAddressBytes];
        var writer = data.Writer((int)Math.Min(length, IoVector.MaximumTotalBytes));
        if (!socket.File.Receive(context.Thread, ref writer, flags, name).TryGet(out var message, out error))
        {
            return error;
        }

        // recvfrom has no place for ancillary data.
        message.Ancillary?.Discard();
        if (!address.IsNull)
        {
            error = SocketReference.WriteAddress(name, message.AddressLength, address, addressLength);
        }

        return error == Errno.Success ? message.Length : error;
    }

    [Syscall("sendmsg", Flags = "sendmsg(sockfd, msg, flags = MSG_DONTWAIT | MSG_NOSIGNAL | MSG_EOR | MSG_MORE);")]
    public Result<int> SendMessage(SyscallContext context, FileDescriptor descriptor, UserPtr<MessageHeader> header, MessageFlags flags)
    {
        using var socket = SocketReference.Get(context, descriptor, out var error);
        if (error != Errno.Success || !header.Read().TryGet(out var message, out error))
        {
            return error;
        }

        Span<byte> name = stackalloc byte[SocketReference.MaximumAddressBytes];
        error = SocketReference.ReadAddress(new UserAddress(message.Name), message.Name == 0 ? 0 : (int)Math.Min(message.NameLength, SocketReference.MaximumAddressBytes), ref name);
        if (error != Errno.Success || (error = Measure(message, out var total)) != Errno.Success
            || (error = ControlMessages.Read(context, message.Control, message.ControlLength, out var ancillary)) != Errno.Success)
        {
            return error;
        }

        Result<int> result;
        if (message.VectorCount == 1)
        {
            new UserPtr<IoVector>(message.Vectors).Read().TryGet(out var vector, out _);
            var reader = VmReader.FromUser(vector.Address, total);
            result = socket.File.Send(context.Thread, ref reader, flags, name, ancillary);
        }
        else
        {
            // Several pieces are one message, so that they have to be gathered: a datagram is indivisible, and ancillary data belongs to its first byte.
            result = Gather(message, total).TryGet(out var bytes, out error) ? SendBytes(context, socket.File, bytes, flags, name, ancillary) : error;
        }

        if (result.IsError)
        {
            ancillary?.Discard();
        }

        return result;
    }

    [Syscall("recvmsg", Flags = "recvmsg(sockfd, msg, flags = MSG_DONTWAIT | MSG_PEEK | MSG_TRUNC | MSG_WAITALL | MSG_CMSG_CLOEXEC);")]
    public Result<int> ReceiveMessage(SyscallContext context, FileDescriptor descriptor, UserPtr<MessageHeader> header, MessageFlags flags)
    {
        using var socket = SocketReference.Get(context, descriptor, out var error);
        if (error != Errno.Success || !header.Read().TryGet(out var message, out error) || (error = Measure(message, out var total)) != Errno.Success)
        {
            return error;
        }

        Span<byte> name = stackalloc byte[SocketReference.MaximumAddressBytes];
        ReceivedMessage received;
        if (message.VectorCount == 1)
        {
            new UserPtr<IoVector>(message.Vectors).Read().TryGet(out var vector, out _);
            var writer = VmWriter.FromUser(vector.Address, total);
            if (!socket.File.Receive(context.Thread, ref writer, flags, name).TryGet(out received, out error))
            {
                return error;
            }
        }
        else
        {
            var bytes = new byte[Math.Min(total, MaximumGatheredBytes)];
            var writer = new VmWriter(bytes);
            if (!socket.File.Receive(context.Thread, ref writer, flags, name).TryGet(out received, out error))
            {
                return error;
            }

            error = Scatter(message, bytes.AsSpan(0, Math.Min(received.Length, bytes.Length)));
        }

        var outFlags = received.Flags | (flags & MessageFlags.MSG_CMSG_CLOEXEC);
        var controlLength = 0UL;
        if (received.Ancillary is { } ancillary)
        {
            controlLength = ControlMessages.Write(context, ancillary, socket.File.PassesCredentials, message.Control, message.ControlLength, (flags & MessageFlags.MSG_CMSG_CLOEXEC) != 0, out var isCut);
            outFlags |= isCut ? MessageFlags.MSG_CTRUNC : 0;
        }

        if (message.Name != 0 && error == Errno.Success)
        {
            var count = (int)Math.Min(message.NameLength, (uint)received.AddressLength);
            var nameWriter = VmWriter.FromUser(message.Name, count);
            error = nameWriter.Write(name[..count]) < count ? Errno.EFAULT : new UserPtr<int>(header.Address + NameLengthOffset).Write(received.AddressLength);
        }

        error = error == Errno.Success ? new UserPtr<ulong>(header.Address + ControlLengthOffset).Write(controlLength) : error;
        error = error == Errno.Success ? new UserPtr<int>(header.Address + FlagsOffset).Write((int)outFlags) : error;
        return error == Errno.Success ? received.Length : error;
    }

    /// <summary>A message of several pieces is copied through the kernel; this is more than any local socket takes at once.</summary>
    private const int MaximumGatheredBytes = 1 << 20;

    /// <summary>Checks the vectors and adds their lengths up: EMSGSIZE, EINVAL, EFAULT.</summary>
    private static Errno Measure(in MessageHeader message, out int total)
    {
        total = 0;
        if (message.VectorCount > IoVector.MaximumCount)
        {
            return Errno.EMSGSIZE;
        }

        var sum = 0UL;
        var vectors = new UserPtr<IoVector>(message.Vectors);
        for (var i = 0; i < (int)message.VectorCount; i++)
        {
            if (!vectors[i].Read().TryGet(out var vector, out var error))
            {
                return error;
            }

            if (vector.LengthBytes > long.MaxValue)
            {
                return Errno.EINVAL;
            }

            sum = Math.Min(sum + vector.LengthBytes, IoVector.MaximumTotalBytes);
        }

        total = (int)sum;
        return Errno.Success;
    }

    private static Result<byte[]> Gather(in MessageHeader message, int total)
    {
        var bytes = new byte[Math.Min(total, MaximumGatheredBytes)];
        var position = 0;
        var vectors = new UserPtr<IoVector>(message.Vectors);
        for (var i = 0; i < (int)message.VectorCount && position < bytes.Length; i++)
        {
            if (!vectors[i].Read().TryGet(out var vector, out var error))
            {
                return error;
            }

            var length = (int)Math.Min(vector.LengthBytes, (ulong)(bytes.Length - position));
            var reader = VmReader.FromUser(vector.Address, length);
            if (reader.Read(bytes.AsSpan(position, length)) < length)
            {
                return Errno.EFAULT;
            }

            position += length;
        }

        return bytes;
    }

    private static Errno Scatter(in MessageHeader message, ReadOnlySpan<byte> bytes)
    {
        var vectors = new UserPtr<IoVector>(message.Vectors);
        for (var i = 0; i < (int)message.VectorCount && !bytes.IsEmpty; i++)
        {
            if (!vectors[i].Read().TryGet(out var vector, out var error))
            {
                return error;
            }

            var length = (int)Math.Min(vector.LengthBytes, (ulong)bytes.Length);
            var writer = VmWriter.FromUser(vector.Address, length);
            if (writer.Write(bytes[..length]) < length)
            {
                return Errno.EFAULT;
            }

            bytes = bytes[length..];
        }

        return Errno.Success;
    }

    private static Result<int> SendBytes(SyscallContext context, SocketFile socket, byte[] bytes, MessageFlags flags, scoped ReadOnlySpan<byte> name, AncillaryData? ancillary)
    {
        var reader = new VmReader(bytes);
        return socket.Send(context.Thread, ref reader, flags, name, ancillary);
    }
}
