// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Signals;
using Kernel.Abstractions.Sockets;
using Ostd.Sync;

namespace Kernel.Ipc.Sockets;

/// <summary>AF_UNIX (man 7 unix).</summary>
[SocketFamily(UnixAddress.AF_UNIX, Stage = InitStage.Late)]
public sealed class UnixSocketFamily : ISocketFamily
{
    private readonly IVirtualFileSystem _files;

    public UnixSocketFamily(IVirtualFileSystem files, IDirectoryOperations directories, ISignalService signals)
    {
        _files = files;
        Signals = signals;
        Names = new UnixNames(files, directories);
    }

    internal ISignalService Signals { get; }

    internal UnixNames Names { get; }

    /// <summary>Makes connecting and listening one step each: held while a socket leaves the fresh state, before the mutex of a listener. Short: nothing waits under it.</summary>
    internal Mutex StateLock { get; } = new();

    /// <summary>Closes what was in flight to a socket that is gone.</summary>
    internal UnixDiscards Discards { get; } = new();

    public Result<SocketFile> Create(IThread thread, SocketType type, int protocol, OpenFlags flags)
    {
        var error = Check(ref type, protocol);
        if (error != Errno.Success)
        {
            return error;
        }

        return type == SocketType.SOCK_DGRAM ? new UnixDatagramSocket(this, CreateInode(thread), flags) : CreateConnection(thread, type, flags);
    }

    public Result<(SocketFile First, SocketFile Second)> CreatePair(IThread thread, SocketType type, int protocol, OpenFlags flags)
    {
        ArgumentNullException.ThrowIfNull(thread);
        var error = Check(ref type, protocol);
        if (error != Errno.Success)
        {
            return error;
        }

        var owner = new PeerCredentials(thread.Process.Pid, thread.Credentials.EffectiveUid, thread.Credentials.EffectiveGid);
        if (type == SocketType.SOCK_DGRAM)
        {
            var left = new UnixDatagramSocket(this, CreateInode(thread), flags);
            var right = new UnixDatagramSocket(this, CreateInode(thread), flags);
            UnixDatagramSocket.Join(left, right, owner);
            return (left, right);
        }

        var first = CreateConnection(thread, type, flags);
        var second = CreateConnection(thread, type, flags);
        UnixConnectionSocket.Join(first, owner, second, owner);
        return (first, second);
    }

    internal UnixConnectionSocket CreateConnection(IThread thread, SocketType type, OpenFlags flags) => new(this, CreateInode(thread), type, flags);

    private static Errno Check(ref SocketType type, int protocol)
    {
        if (protocol is not (0 or UnixAddress.AF_UNIX))
        {
            return Errno.EPROTONOSUPPORT;
        }

        // Linux gives a datagram socket to whoever asks for a raw one.
        type = type == SocketType.SOCK_RAW ? SocketType.SOCK_DGRAM : type;
        return type is SocketType.SOCK_STREAM or SocketType.SOCK_DGRAM or SocketType.SOCK_SEQPACKET ? Errno.Success : Errno.ESOCKTNOSUPPORT;
    }

    private Inode CreateInode(IThread thread) => _files.AnonymousInodes.Create(InodeType.Socket, "socket", 0x1ff, thread.Credentials);
}
