// SPDX-License-Identifier: MPL-2.0
using System;
using System.Buffers.Binary;
using System.Threading;
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Signals;
using Kernel.Abstractions.Sockets;
using Kernel.Abstractions.Syscalls;
using Kernel.Abstractions.Time;
using Ostd.Memory;
using Ostd.Sync;

namespace Kernel.Ipc.Sockets;

/// <summary>What the three types of AF_UNIX sockets share: name, options, and reading and writing as a file.</summary>
internal abstract class UnixSocket(UnixSocketFamily family, Inode inode, SocketType type, OpenFlags flags) : SocketFile(inode, flags)
{
    private const int SOL_SOCKET = 1;
    private const uint FIONREAD = 0x541b;
    private const uint TIOCOUTQ = 0x5411;

    private static readonly object s_nobody = new PeerCredentials(0, uint.MaxValue, uint.MaxValue);

    private long _receiveTimeoutNs;
    private long _sendTimeoutNs;
    private object _peer = s_nobody;

    protected UnixSocketFamily Sockets => family;

    public override int Family => UnixAddress.AF_UNIX;

    public override SocketType Type => type;

    public override bool PassesCredentials => _passesCredentials;

    private bool _passesCredentials;

    /// <summary>The own address as <c>sockaddr_un</c>; set by <see cref="UnixNames.Bind"/>, and for a server's end before anybody knows it.</summary>
    public byte[] Address { get; set; } = UnixAddress.Unnamed;

    /// <summary>The node that it is bound to; null for abstract names and unbound sockets.</summary>
    public Inode? BoundInode { get; set; }

    /// <summary>What the peer was when it connected or listened (SO_PEERCRED).</summary>
    /// <remarks>Kept in a box, so that getsockopt(2) beside connect(2) sees the old or the new, and no mixture.</remarks>
    public PeerCredentials Peer
    {
        get => (PeerCredentials)Volatile.Read(ref _peer);
        protected set => Volatile.Write(ref _peer, value);
    }

    /// <summary>Who polls the socket, for as long as it lives: what happens on the queues that it uses is passed on to here (<see cref="UnixPollRelay"/>), so that connect(2) does not lose a registration.</summary>
    protected PollQueue Observers { get; } = new();

    /// <summary>The queue that it reads from; null before it is connected.</summary>
    protected abstract UnixChannel? Incoming { get; }

    protected virtual bool IsListening => false;

    protected long ReceiveDeadlineNs => _receiveTimeoutNs == 0 ? WaitQueue.Forever : Deadline.After(_receiveTimeoutNs);

    protected long SendDeadlineNs => _sendTimeoutNs == 0 ? WaitQueue.Forever : Deadline.After(_sendTimeoutNs);

    public override Errno Bind(IThread thread, ReadOnlySpan<byte> address)
    {
        var error = UnixAddress.Parse(address, out var name);
        if (error != Errno.Success)
        {
            return error;
        }

        return family.Names.Bind(thread, this, name);
    }

    public override Result<int> GetLocalAddress(Span<byte> address) => CopyAddress(Address, address);

    public override Result<int> Read(ref VmWriter destination)
        => destination.Remaining == 0 ? 0 : Receive(CurrentThread.Value, ref destination, MessageFlags.None, default).TryGet(out var message, out var error)
            ? DropAncillary(message) : error;

    public override Result<int> Write(ref VmReader source) => Send(CurrentThread.Value, ref source, MessageFlags.None, default, null);

    public override SyscallResult Ioctl(in SyscallContext context, uint command, ulong argument) => command switch
    {
        FIONREAD => IsListening ? Errno.EINVAL : new UserPtr<int>(argument).Write(Incoming?.Available ?? 0),
        TIOCOUTQ => new UserPtr<int>(argument).Write(UnreadByPeer),
        _ => Errno.ENOTTY,
    };

    /// <summary>Bytes sent and not yet read by the peer.</summary>
    protected virtual int UnreadByPeer => 0;

    public override Result<int> GetOption(int level, int option, Span<byte> value)
    {
        if (level != SOL_SOCKET)
        {
            return Errno.EOPNOTSUPP;
        }

        switch ((SocketOption)option)
        {
            case SocketOption.SO_PEERCRED:
                Span<byte> credentials = stackalloc byte[12];
                BinaryPrimitives.WriteInt32LittleEndian(credentials, Peer.Pid);
                BinaryPrimitives.WriteUInt32LittleEndian(credentials[4..], Peer.Uid);
                BinaryPrimitives.WriteUInt32LittleEndian(credentials[8..], Peer.Gid);
                return Put(value, credentials);
            case SocketOption.SO_RCVTIMEO:
                return PutTime(value, _receiveTimeoutNs);
            case SocketOption.SO_SNDTIMEO:
                return PutTime(value, _sendTimeoutNs);
        }

        int? number = (SocketOption)option switch
        {
            SocketOption.SO_TYPE => (int)type,
            SocketOption.SO_DOMAIN => UnixAddress.AF_UNIX,
            SocketOption.SO_PROTOCOL or SocketOption.SO_ERROR => 0,
            SocketOption.SO_ACCEPTCONN => IsListening ? 1 : 0,
            SocketOption.SO_PASSCRED => _passesCredentials ? 1 : 0,
            SocketOption.SO_SNDBUF or SocketOption.SO_RCVBUF => UnixChannel.DefaultCapacityBytes,
            SocketOption.SO_REUSEADDR or SocketOption.SO_KEEPALIVE or SocketOption.SO_BROADCAST => 0,
            _ => null,
        };
        if (number is not { } answer)
        {
            return Errno.ENOPROTOOPT;
        }

        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, answer);
        return Put(value, bytes);
    }

    public override Errno SetOption(IThread thread, int level, int option, ReadOnlySpan<byte> value)
    {
        if (level != SOL_SOCKET)
        {
            return Errno.EOPNOTSUPP;
        }

        if (value.Length < 4)
        {
            return Errno.EINVAL;
        }

        switch ((SocketOption)option)
        {
            case SocketOption.SO_PASSCRED:
                _passesCredentials = BinaryPrimitives.ReadInt32LittleEndian(value) != 0;
                return Errno.Success;
            case SocketOption.SO_RCVTIMEO:
                return TakeTime(value, ref _receiveTimeoutNs);
            case SocketOption.SO_SNDTIMEO:
                return TakeTime(value, ref _sendTimeoutNs);
            case SocketOption.SO_TYPE or SocketOption.SO_DOMAIN or SocketOption.SO_PROTOCOL or SocketOption.SO_ERROR or SocketOption.SO_ACCEPTCONN or SocketOption.SO_PEERCRED:
                return Errno.ENOPROTOOPT;

            // Hints without a meaning for local sockets; Linux takes them as well. Buffer sizes are fixed, which getsockopt tells.
            case SocketOption.SO_REUSEADDR or SocketOption.SO_KEEPALIVE or SocketOption.SO_BROADCAST or SocketOption.SO_SNDBUF or SocketOption.SO_RCVBUF:
                return Errno.Success;
            default:
                return Errno.ENOPROTOOPT;
        }
    }

    protected static PeerCredentials CredentialsOf(IThread thread) => new(thread.Process.Pid, thread.Credentials.EffectiveUid, thread.Credentials.EffectiveGid);

    protected static Result<int> CopyAddress(byte[] from, Span<byte> to)
    {
        from.AsSpan(0, Math.Min(from.Length, to.Length)).CopyTo(to);
        return from.Length;
    }

    protected bool MayBlock(MessageFlags flags) => !IsNonBlocking && (flags & MessageFlags.MSG_DONTWAIT) == 0;

    /// <summary>Receives from a channel, waiting as flags and timeout say.</summary>
    protected Result<ReceivedMessage> ReceiveFrom(UnixChannel channel, ref VmWriter data, MessageFlags flags, scoped Span<byte> address)
    {
        var deadline = ReceiveDeadlineNs;
        while (true)
        {
            var result = channel.TryReceive(ref data, flags, address);
            if (result.Error != Errno.EAGAIN || !MayBlock(flags))
            {
                return result;
            }

            var wait = channel.WaitForData(deadline);
            if (wait != WaitResult.Ready)
            {
                return wait == WaitResult.TimedOut ? Errno.EAGAIN : Errno.RestartIfHandlerAllows;
            }
        }
    }

    /// <summary>Adds SCM_CREDENTIALS where either end asked for it.</summary>
    protected static AncillaryData? AddCredentials(IThread thread, AncillaryData? ancillary, bool isWanted)
    {
        if (isWanted && ancillary?.Credentials is null)
        {
            ancillary ??= new AncillaryData();
            ancillary.Credentials = new PeerCredentials(thread.Process.Pid, thread.Credentials.RealUid, thread.Credentials.RealGid);
        }

        return ancillary;
    }

    /// <summary>EPIPE, with the signal that goes with it unless MSG_NOSIGNAL.</summary>
    protected Errno BrokenPipe(IThread thread, MessageFlags flags)
    {
        if ((flags & MessageFlags.MSG_NOSIGNAL) == 0)
        {
            family.Signals.SendToThread(thread, SignalInfo.FromKernel(Signal.SIGPIPE));
        }

        return Errno.EPIPE;
    }

    public override void StopPolling(IPollObserver observer) => Observers.Unregister(observer);

    protected override void OnClose() => family.Names.Forget(this);

    private static Result<int> DropAncillary(ReceivedMessage message)
    {
        message.Ancillary?.Discard();
        return message.Length;
    }

    private static Result<int> Put(Span<byte> value, ReadOnlySpan<byte> bytes)
    {
        var length = Math.Min(value.Length, bytes.Length);
        bytes[..length].CopyTo(value);
        return length;
    }

    private static Result<int> PutTime(Span<byte> value, long nanoseconds)
    {
        var time = TimeVal.FromNanoseconds(nanoseconds);
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, time.Seconds);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[8..], time.Microseconds);
        return Put(value, bytes);
    }

    private static Errno TakeTime(ReadOnlySpan<byte> value, ref long nanoseconds)
    {
        if (value.Length < 16)
        {
            return Errno.EINVAL;
        }

        var time = new TimeVal(BinaryPrimitives.ReadInt64LittleEndian(value), BinaryPrimitives.ReadInt64LittleEndian(value[8..]));
        if (time.Microseconds is < 0 or >= 1_000_000)
        {
            return Errno.EDOM;
        }

        nanoseconds = time.Seconds < 0 ? 0 : time.ToNanoseconds();
        return Errno.Success;
    }

    /// <summary>SO_* with the generic numbers (man 7 socket).</summary>
    private enum SocketOption
    {
        SO_REUSEADDR = 2,
        SO_TYPE = 3,
        SO_ERROR = 4,
        SO_BROADCAST = 6,
        SO_SNDBUF = 7,
        SO_RCVBUF = 8,
        SO_KEEPALIVE = 9,
        SO_PASSCRED = 16,
        SO_PEERCRED = 17,
        SO_RCVTIMEO = 20,
        SO_SNDTIMEO = 21,
        SO_ACCEPTCONN = 30,
        SO_PROTOCOL = 38,
        SO_DOMAIN = 39,
    }
}
