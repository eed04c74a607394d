// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Sockets;
using Ostd.Memory;
using Ostd.Sync;

namespace Kernel.Ipc.Sockets;

/// <summary>SOCK_DGRAM: a receive queue, and maybe a default receiver.</summary>
internal sealed class UnixDatagramSocket : UnixSocket
{
    private readonly UnixChannel _queue = new(keepsBoundaries: true);

    // Guards the change of the peer, with the relay that it holds.
    private readonly Mutex _peerLock = new();
    private volatile UnixDatagramSocket? _peer;
    private UnixPollRelay? _peerRelay;
    private volatile bool _isWriteShut;

    public UnixDatagramSocket(UnixSocketFamily family, Inode inode, OpenFlags flags)
        : base(family, inode, SocketType.SOCK_DGRAM, flags) => _queue.Queue.Register(new UnixPollRelay(Observers, UnixPollRelay.Incoming));

    protected override UnixChannel Incoming => _queue;

    /// <summary>Joins two fresh sockets (socketpair).</summary>
    public static void Join(UnixDatagramSocket first, UnixDatagramSocket second, PeerCredentials owner)
    {
        first.SetPeer(second);
        second.SetPeer(first);
        first.Peer = second.Peer = owner;
    }

    public override Errno Connect(IThread thread, ReadOnlySpan<byte> address)
    {
        // AF_UNSPEC dissolves the association (connect(2)).
        if (address.Length >= UnixAddress.FamilyBytes && (address[0] | address[1]) == 0)
        {
            SetPeer(null);
            return Errno.Success;
        }

        if (!FindReceiver(thread, address).TryGet(out var receiver, out var error))
        {
            return error;
        }

        SetPeer(receiver);
        return Errno.Success;
    }

    public override Result<int> Send(IThread thread, ref VmReader data, MessageFlags flags, scoped ReadOnlySpan<byte> address, AncillaryData? ancillary)
    {
        if ((flags & MessageFlags.MSG_OOB) != 0)
        {
            return Errno.EOPNOTSUPP;
        }

        if (_isWriteShut)
        {
            return BrokenPipe(thread, flags);
        }

        var receiver = _peer;
        if (!address.IsEmpty)
        {
            if (!FindReceiver(thread, address).TryGet(out receiver, out var failure))
            {
                return failure;
            }
        }

        if (receiver is null)
        {
            return Errno.ENOTCONN;
        }

        if (receiver._peer is { } only && !ReferenceEquals(only, this))
        {
            return Errno.EPERM;
        }

        ancillary = AddCredentials(thread, ancillary, PassesCredentials || receiver.PassesCredentials);
        var deadline = SendDeadlineNs;
        while (true)
        {
            var result = receiver._queue.TrySend(ref data, Address, ancillary);
            if (result.IsOk)
            {
                return result.Value;
            }

            if (result.Error == Errno.EPIPE)
            {
                return Errno.ECONNREFUSED;
            }

            if (result.Error != Errno.EAGAIN || !MayBlock(flags))
            {
                return result.Error;
            }

            var wait = receiver._queue.WaitForRoom(data.Remaining, deadline);
            if (wait != WaitResult.Ready)
            {
                return wait == WaitResult.TimedOut ? Errno.EAGAIN : Errno.RestartIfHandlerAllows;
            }
        }
    }

    public override Result<ReceivedMessage> Receive(IThread thread, ref VmWriter data, MessageFlags flags, scoped Span<byte> address)
        => (flags & MessageFlags.MSG_OOB) != 0 ? Errno.EOPNOTSUPP : ReceiveFrom(_queue, ref data, flags, address);

    public override Errno Shutdown(ShutdownMode mode)
    {
        if (_peer is null)
        {
            return Errno.ENOTCONN;
        }

        if (mode is ShutdownMode.SHUT_WR or ShutdownMode.SHUT_RDWR)
        {
            _isWriteShut = true;
        }

        if (mode is ShutdownMode.SHUT_RD or ShutdownMode.SHUT_RDWR)
        {
            _queue.CloseReader(discards: null);
        }

        return Errno.Success;
    }

    public override Result<int> GetPeerAddress(Span<byte> address) => _peer is { } peer ? CopyAddress(peer.Address, address) : Errno.ENOTCONN;

    public override PollEvents Poll(IPollObserver? observer)
    {
        if (observer is not null)
        {
            Observers.Register(observer);
        }

        var peer = _peer;
        var events = _queue.HasData || _queue.IsReaderClosed ? PollEvents.Readable : PollEvents.None;
        return events | (peer is null || peer._queue.IsWritable || peer._queue.IsReaderClosed ? PollEvents.Writable : PollEvents.None);
    }

    protected override void OnClose()
    {
        base.OnClose();
        SetPeer(null);
        _queue.CloseReader(Sockets.Discards);
    }

    /// <summary>Changes the default receiver. Whether it has room is what the observers of this socket want to know.</summary>
    private void SetPeer(UnixDatagramSocket? peer)
    {
        using (_peerLock.Acquire())
        {
            if (_peer is { } old)
            {
                old._queue.Queue.Unregister(_peerRelay!);
                _peerRelay = null;
            }

            if (peer is not null)
            {
                _peerRelay = new UnixPollRelay(Observers, UnixPollRelay.Outgoing);
                peer._queue.Queue.Register(_peerRelay);
            }

            _peer = peer;
        }

        Observers.Notify(PollEvents.Writable);
    }

    private Result<UnixDatagramSocket> FindReceiver(IThread thread, ReadOnlySpan<byte> address)
    {
        var error = UnixAddress.Parse(address, out var name);
        if (error != Errno.Success)
        {
            return error;
        }

        if (!Sockets.Names.Find(thread, name).TryGet(out var found, out error))
        {
            return error;
        }

        return found is UnixDatagramSocket receiver ? receiver : Errno.EPROTOTYPE;
    }
}
