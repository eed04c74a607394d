// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Ostd.Memory;

namespace Kernel.Abstractions.Sockets;

/// <summary>What travels beside the bytes of a message (man 3 cmsg, 7 unix). The files carry a reference each, owned by the message.</summary>
public sealed class AncillaryData
{
    /// <summary>Files passed by SCM_RIGHTS.</summary>
    public OpenFile[] Files { get; set; } = [];

    /// <summary>The sender, for SCM_CREDENTIALS.</summary>
    public PeerCredentials? Credentials { get; set; }

    /// <summary>Gives the files' references back: nobody received them.</summary>
    public void Discard()
    {
        foreach (var file in Files)
        {
            file.Release();
        }

        Files = [];
    }
}

/// <summary>What a receive call learned beside the bytes.</summary>
public struct ReceivedMessage
{
    /// <summary>Bytes of the sender's address in the caller's buffer; 0 for none.</summary>
    public int AddressLength;

    /// <summary>Bytes copied, or the whole length of a cut message if MSG_TRUNC was given.</summary>
    public int Length;

    /// <summary>MSG_TRUNC, MSG_EOR.</summary>
    public MessageFlags Flags;

    /// <summary>Ancillary data, now the caller's; null for none.</summary>
    public AncillaryData? Ancillary;
}

/// <summary>A socket (man 7 socket). Addresses are <c>struct sockaddr</c> as bytes, family first. The defaults answer what Linux answers for a family without the operation.</summary>
public abstract class SocketFile(Inode inode, OpenFlags flags) : OpenFile(inode, flags | OpenFlags.O_RDWR)
{
    /// <summary>AF_*, for SO_DOMAIN.</summary>
    public abstract int Family { get; }

    public abstract SocketType Type { get; }

    public virtual Errno Bind(IThread thread, ReadOnlySpan<byte> address) => Errno.EOPNOTSUPP;

    public virtual Errno Listen(int backlog) => Errno.EOPNOTSUPP;

    /// <summary>Takes a connection off the queue.</summary>
    /// <param name="acceptedFlags">O_NONBLOCK for the new socket.</param>
    public virtual Result<SocketFile> Accept(OpenFlags acceptedFlags) => Errno.EOPNOTSUPP;

    public virtual Errno Connect(IThread thread, ReadOnlySpan<byte> address) => Errno.EOPNOTSUPP;

    /// <summary>Sends. <paramref name="ancillary"/> becomes the socket's on success, and stays the caller's on an error.</summary>
    /// <param name="address">The receiver, or empty.</param>
    public virtual Result<int> Send(IThread thread, ref VmReader data, MessageFlags flags, scoped ReadOnlySpan<byte> address, AncillaryData? ancillary) => Errno.EOPNOTSUPP;

    /// <summary>Receives one message, or what a stream holds.</summary>
    /// <param name="address">Takes the sender's address; may be empty.</param>
    public virtual Result<ReceivedMessage> Receive(IThread thread, ref VmWriter data, MessageFlags flags, scoped Span<byte> address) => Errno.EOPNOTSUPP;

    public virtual Errno Shutdown(ShutdownMode mode) => Errno.EOPNOTSUPP;

    /// <summary>Writes the own address.</summary>
    /// <returns>Its length, even if the buffer was too small for all of it.</returns>
    public virtual Result<int> GetLocalAddress(Span<byte> address) => Errno.EOPNOTSUPP;

    public virtual Result<int> GetPeerAddress(Span<byte> address) => Errno.ENOTCONN;

    /// <summary>getsockopt(2). The buffer is as long as the caller's length says, at most 256 bytes.</summary>
    /// <returns>Bytes of the value; ENOPROTOOPT.</returns>
    public virtual Result<int> GetOption(int level, int option, Span<byte> value) => Errno.ENOPROTOOPT;

    public virtual Errno SetOption(IThread thread, int level, int option, ReadOnlySpan<byte> value) => Errno.ENOPROTOOPT;

    /// <summary>True when SO_PASSCRED asks for the sender's credentials with each message.</summary>
    public virtual bool PassesCredentials => false;
}

/// <summary>Makes the sockets of a family; implementers carry <c>[SocketFamily(n)]</c>.</summary>
public interface ISocketFamily
{
    /// <summary>socket(2): ESOCKTNOSUPPORT, EPROTONOSUPPORT.</summary>
    Result<SocketFile> Create(IThread thread, SocketType type, int protocol, OpenFlags flags);

    /// <summary>socketpair(2): EOPNOTSUPP where the family has none.</summary>
    Result<(SocketFile First, SocketFile Second)> CreatePair(IThread thread, SocketType type, int protocol, OpenFlags flags);
}
