// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Sockets;
using Ostd.Memory;
using Ostd.Sync;

namespace Kernel.Ipc.Sockets;

/// <summary>
/// SOCK_STREAM and SOCK_SEQPACKET: fresh, then listening or connected. A connection is two channels; a connect makes the server's end at once and queues it at the listener, as Linux does, so that
/// the client can send before accept(2).
/// </summary>
internal sealed class UnixConnectionSocket : UnixSocket
{
    /// <summary>Guards the accept queue of a listener. No two of these are ever held at once; the family's <see cref="UnixSocketFamily.StateLock"/> comes before.</summary>
    private readonly Mutex _mutex = new();

    // Both ends of the change from fresh to listening or connected, and from then on for good, are made under the family's lock; read without.
    private volatile Queue<UnixConnectionSocket>? _pending;
    private int _backlog;
    private bool _isClosed;
    private volatile UnixChannel? _incoming;
    private volatile UnixChannel? _outgoing;
    private byte[] _peerAddress = UnixAddress.Unnamed;
    private UnixSocket? _peer;

    public UnixConnectionSocket(UnixSocketFamily family, Inode inode, SocketType type, OpenFlags flags)
        : base(family, inode, type, flags)
    {
    }

    protected override UnixChannel? Incoming => _incoming;

    protected override bool IsListening => _pending is not null;

    protected override int UnreadByPeer => _outgoing?.Available ?? 0;

    /// <summary>Connects two fresh sockets (socketpair, and the two ends of connect).</summary>
    public static void Join(UnixConnectionSocket first, PeerCredentials firstIs, UnixConnectionSocket second, PeerCredentials secondIs)
    {
        var keepsBoundaries = first.Type == SocketType.SOCK_SEQPACKET;
        var there = new UnixChannel(keepsBoundaries);
        var back = new UnixChannel(keepsBoundaries);
        first.Peer = secondIs;
        second.Peer = firstIs;
        first._peer = second;
        second._peer = first;
        second.Attach(incoming: there, outgoing: back);
        first.Attach(incoming: back, outgoing: there);
    }

    public override Errno Listen(int backlog)
    {
        using var state = Sockets.StateLock.Acquire();
        if (_incoming is not null || Address.Length == UnixAddress.FamilyBytes)
        {
            return Errno.EINVAL;
        }

        // somaxconn; a negative backlog is as large as can be.
        _backlog = backlog < 0 ? 4096 : Math.Min(backlog, 4096);
        _pending ??= new Queue<UnixConnectionSocket>();
        Peer = CredentialsOf(CurrentThread.Value);
        return Errno.Success;
    }

    public override Result<SocketFile> Accept(OpenFlags acceptedFlags)
    {
        var deadline = ReceiveDeadlineNs;
        while (true)
        {
            using (_mutex.Acquire())
            {
                if (_pending is null)
                {
                    return Errno.EINVAL;
                }

                if (_pending.TryDequeue(out var socket))
                {
                    socket.ChangeStatusFlags(acceptedFlags & OpenFlags.O_NONBLOCK, OpenFlags.O_NONBLOCK);
                    Observers.Notify(PollEvents.Writable);
                    return socket;
                }
            }

            if (IsNonBlocking)
            {
                return Errno.EAGAIN;
            }

            var wait = Observers.Wait(this, static s => s._pending is not { Count: 0 }, deadline);
            if (wait != WaitResult.Ready)
            {
                return wait == WaitResult.TimedOut ? Errno.EAGAIN : Errno.RestartIfHandlerAllows;
            }
        }
    }

    public override Errno Connect(IThread thread, ReadOnlySpan<byte> address)
    {
        var error = UnixAddress.Parse(address, out var name);
        if (error != Errno.Success)
        {
            return error;
        }

        var deadline = SendDeadlineNs;
        while (true)
        {
            if (!Sockets.Names.Find(thread, name).TryGet(out var found, out error))
            {
                return error;
            }

            if (found.Type != Type)
            {
                return Errno.EPROTOTYPE;
            }

            if (found is not UnixConnectionSocket listener)
            {
                return Errno.ECONNREFUSED;
            }

            error = TryConnect(thread, listener);
            if (error != Errno.EAGAIN || IsNonBlocking)
            {
                return error;
            }

            // The listener may be closed meanwhile: its queue is read once.
            var wait = listener.Observers.Wait(listener, static l => l._pending is not { } pending || pending.Count <= l._backlog, deadline);
            if (wait != WaitResult.Ready)
            {
                return wait == WaitResult.TimedOut ? Errno.EAGAIN : Errno.RestartIfHandlerAllows;
            }
        }
    }

    public override Result<int> Send(IThread thread, ref VmReader data, MessageFlags flags, scoped ReadOnlySpan<byte> address, AncillaryData? ancillary)
    {
        if ((flags & MessageFlags.MSG_OOB) != 0)
        {
            return Errno.EOPNOTSUPP;
        }

        if (_outgoing is not { } channel)
        {
            return address.IsEmpty ? Errno.ENOTCONN : Errno.EOPNOTSUPP;
        }

        if (!address.IsEmpty && Type == SocketType.SOCK_STREAM)
        {
            return Errno.EISCONN;
        }

        ancillary = AddCredentials(thread, ancillary, PassesCredentials || _peer is { PassesCredentials: true });
        var total = 0;
        var deadline = SendDeadlineNs;
        while (true)
        {
            var result = channel.TrySend(ref data, Address, ancillary);
            if (result.TryGet(out var sent, out var error))
            {
                ancillary = null;
                total += sent;
                if (data.Remaining == 0 || Type == SocketType.SOCK_SEQPACKET)
                {
                    return total;
                }

                continue;
            }

            if (total > 0 && error != Errno.EAGAIN)
            {
                return total;
            }

            if (error == Errno.EPIPE)
            {
                return BrokenPipe(thread, flags);
            }

            if (error != Errno.EAGAIN || !MayBlock(flags))
            {
                return total > 0 ? total : error;
            }

            var wait = channel.WaitForRoom(data.Remaining, deadline);
            if (wait != WaitResult.Ready)
            {
                return total > 0 ? total : wait == WaitResult.TimedOut ? Errno.EAGAIN : Errno.RestartIfHandlerAllows;
            }
        }
    }

    public override Result<ReceivedMessage> Receive(IThread thread, ref VmWriter data, MessageFlags flags, scoped Span<byte> address)
    {
        if ((flags & MessageFlags.MSG_OOB) != 0)
        {
            return Errno.EOPNOTSUPP;
        }

        if (_incoming is not { } channel)
        {
            return Type == SocketType.SOCK_STREAM ? Errno.EINVAL : Errno.ENOTCONN;
        }

        var result = ReceiveFrom(channel, ref data, flags, address);
        if (result.IsOk && result.Value.Length == 0 && _outgoing is { WasReset: true } && !channel.HasData)
        {
            return Errno.ECONNRESET;
        }

        if (!result.TryGet(out var message, out _) || Type != SocketType.SOCK_STREAM || (flags & (MessageFlags.MSG_WAITALL | MessageFlags.MSG_PEEK)) != MessageFlags.MSG_WAITALL)
        {
            return result;
        }

        // MSG_WAITALL: until the buffer is full, the stream ends, a signal comes, or ancillary data would be mixed.
        while (data.Remaining > 0 && message.Ancillary is null)
        {
            if (!ReceiveFrom(channel, ref data, flags, address).TryGet(out var more, out _) || more.Length == 0)
            {
                break;
            }

            message.Length += more.Length;
            message.Ancillary = more.Ancillary;
        }

        message.AddressLength = 0;
        return message;
    }

    public override Errno Shutdown(ShutdownMode mode)
    {
        if (_incoming is null || _outgoing is null)
        {
            return Errno.ENOTCONN;
        }

        if (mode is ShutdownMode.SHUT_RD or ShutdownMode.SHUT_RDWR)
        {
            _incoming.CloseReader(discards: null);
        }

        if (mode is ShutdownMode.SHUT_WR or ShutdownMode.SHUT_RDWR)
        {
            _outgoing.CloseWriter();
        }

        return Errno.Success;
    }

    public override Result<int> GetPeerAddress(Span<byte> address) => _incoming is null ? Errno.ENOTCONN : CopyAddress(_peerAddress, address);

    public override PollEvents Poll(IPollObserver? observer)
    {
        if (observer is not null)
        {
            Observers.Register(observer);
        }

        if (_pending is { } pending)
        {
            return pending.Count > 0 ? PollEvents.Readable : PollEvents.None;
        }

        if (_incoming is not { } incoming || _outgoing is not { } outgoing)
        {
            return PollEvents.Writable | PollEvents.POLLHUP;
        }

        var events = PollEvents.None;
        var isEnded = incoming.IsWriterClosed || incoming.IsReaderClosed;
        events |= incoming.HasData || isEnded ? PollEvents.Readable : PollEvents.None;
        events |= isEnded ? PollEvents.POLLRDHUP : PollEvents.None;
        events |= isEnded && (outgoing.IsReaderClosed || outgoing.IsWriterClosed) ? PollEvents.POLLHUP : PollEvents.None;
        events |= outgoing.IsWritable || outgoing.IsReaderClosed ? PollEvents.Writable : PollEvents.None;
        return events;
    }

    protected override void OnClose()
    {
        Queue<UnixConnectionSocket>? abandoned;
        using (_mutex.Acquire())
        {
            _isClosed = true;
            abandoned = _pending;
            _pending = null;
        }

        base.OnClose();
        while (abandoned is not null && abandoned.TryDequeue(out var socket))
        {
            socket.Release();
        }

        Observers.Notify(PollEvents.POLLHUP);
        _outgoing?.CloseWriter();
        _incoming?.CloseReader(Sockets.Discards);
    }

    /// <summary>Makes it one end of a connection. The incoming channel comes last: who finds it finds all the rest.</summary>
    private void Attach(UnixChannel incoming, UnixChannel outgoing)
    {
        incoming.Queue.Register(new UnixPollRelay(Observers, UnixPollRelay.Incoming));
        outgoing.Queue.Register(new UnixPollRelay(Observers, UnixPollRelay.Outgoing));
        _outgoing = outgoing;
        _incoming = incoming;
    }

    /// <summary>EISCONN and EINVAL for a socket that is no longer fresh.</summary>
    private Errno CheckFresh() => _incoming is not null ? Errno.EISCONN : _pending is not null ? Errno.EINVAL : Errno.Success;

    private Errno TryConnect(IThread thread, UnixConnectionSocket listener)
    {
        var error = CheckFresh();
        if (error != Errno.Success)
        {
            return error;
        }

        // The server's end is made before the listener is locked: making an inode may allocate and sleep.
        var server = Sockets.CreateConnection(thread, Type, OpenFlags.O_RDWR);
        server.Address = listener.Address;
        server._peerAddress = Address;
        error = TryJoin(thread, listener, server);
        if (error != Errno.Success)
        {
            server.Release();
        }

        return error;
    }

    private Errno TryJoin(IThread thread, UnixConnectionSocket listener, UnixConnectionSocket server)
    {
        using var state = Sockets.StateLock.Acquire();

        // Another thread may have connected this socket meanwhile, or made it listen.
        var error = CheckFresh();
        if (error != Errno.Success)
        {
            return error;
        }

        using var guard = listener._mutex.Acquire();
        if (listener._isClosed || listener._pending is not { } pending)
        {
            return Errno.ECONNREFUSED;
        }

        if (pending.Count > listener._backlog)
        {
            return Errno.EAGAIN;
        }

        _peerAddress = listener.Address;
        Join(this, CredentialsOf(thread), server, listener.Peer);
        pending.Enqueue(server);
        listener.Observers.Notify(PollEvents.Readable);
        Observers.Notify(PollEvents.Writable);
        return Errno.Success;
    }
}
