// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Signals;
using Kernel.Abstractions.Sockets;
using Kernel.Ipc.Sockets;
using NSubstitute;
using Ostd.Memory;
using Xunit;

namespace Kernel.Ipc.Tests;

public class UnixSocketTests
{
    private static readonly byte[] s_name = [UnixAddress.AF_UNIX, 0, 0, (byte)'n'];
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    private readonly UnixSocketFamily _family;
    private readonly IThread _thread = Substitute.For<IThread>();

    public UnixSocketTests()
    {
        var files = Substitute.For<IVirtualFileSystem>();
        files.AnonymousInodes.Create(default, "", 0, null!).ReturnsForAnyArgs(_ => Substitute.For<Inode>());
        _family = new UnixSocketFamily(files, Substitute.For<IDirectoryOperations>(), Substitute.For<ISignalService>());
        _thread.Credentials.Returns(Credentials.Root);
    }

    [Fact]
    public void Close_OfAnAcceptedSocket_LeavesTheListenersName() => AsThread(() =>
    {
        var listener = Listen();
        var first = Create();
        Assert.Equal(Errno.Success, first.Connect(_thread, s_name));
        listener.Accept(OpenFlags.O_RDONLY).Value.Release();

        Assert.Equal(Errno.Success, Create().Connect(_thread, s_name));
    });

    [Fact]
    public void Bind_Twice_AnswersEinval()
    {
        var socket = Create();

        Assert.Equal(Errno.Success, socket.Bind(_thread, s_name));
        Assert.Equal(Errno.EINVAL, socket.Bind(_thread, [UnixAddress.AF_UNIX, 0, 0, (byte)'m']));
    }

    [Fact]
    public void Poll_RegisteredBeforeConnect_IsToldOfData() => AsThread(() =>
    {
        var listener = Listen();
        var client = Create();
        var observer = new Observer();
        client.Poll(observer);
        Assert.Equal(Errno.Success, client.Connect(_thread, s_name));
        var server = listener.Accept(OpenFlags.O_RDONLY).Value;

        observer.Seen = PollEvents.None;
        Send(server);

        Assert.Equal(PollEvents.Readable, observer.Seen & PollEvents.Readable);
        client.StopPolling(observer);
        observer.Seen = PollEvents.None;
        Send(server);
        Assert.Equal(PollEvents.None, observer.Seen);
    });

    [Fact]
    public void Poll_OfADatagramSocket_FollowsItsPeer()
    {
        var (left, right) = _family.CreatePair(_thread, SocketType.SOCK_DGRAM, 0, OpenFlags.O_NONBLOCK).Value;
        while (Send(left).IsOk)
        {
        }

        var observer = new Observer();
        Assert.Equal(PollEvents.None, left.Poll(observer) & PollEvents.Writable);
        Receive(right);
        Assert.Equal(PollEvents.Writable, observer.Seen & PollEvents.Writable);

        // Without a peer, what happens there is not this socket's business, and the registration can still be taken back.
        Assert.Equal(Errno.Success, left.Connect(_thread, [0, 0]));
        observer.Seen = PollEvents.None;
        Receive(right);
        Assert.Equal(PollEvents.None, observer.Seen);
        left.StopPolling(observer);
    }

    [Fact]
    public async Task Connect_ByTwoThreadsAtOnce_ConnectsOnce()
    {
        for (var round = 0; round < 200; round++)
        {
            SocketFile? listener = null;
            AsThread(() => listener = Listen());
            var client = Create();
            using var start = new Barrier(2);
            var results = await Task.WhenAll(Run(), Run()).WaitAsync(s_limit);

            Array.Sort(results);
            Assert.Equal([Errno.Success, Errno.EISCONN], results);
            Assert.True(listener!.Accept(OpenFlags.O_RDONLY).IsOk);
            Assert.Equal(Errno.EAGAIN, listener!.Accept(OpenFlags.O_RDONLY).Error);
            listener!.Release();
            client.Release();

            Task<Errno> Run() => Task.Run(() =>
            {
                start.SignalAndWait();
                return client.Connect(_thread, s_name);
            });
        }
    }

    [Fact]
    public void Close_OfALongChainInFlight_DoesNotNest()
    {
        const int length = 20_000;
        var (first, carrier) = _family.CreatePair(_thread, SocketType.SOCK_STREAM, 0, OpenFlags.O_NONBLOCK).Value;
        for (var i = 0; i < length; i++)
        {
            // The socket that holds the chain so far travels to the next one.
            var (near, far) = _family.CreatePair(_thread, SocketType.SOCK_STREAM, 0, OpenFlags.O_NONBLOCK).Value;
            Assert.True(Send(near, new AncillaryData { Files = [carrier] }).IsOk);
            near.Release();
            carrier = far;
        }

        carrier.Release();

        Assert.Equal(Errno.EPIPE, Send(first).Error);
    }

    [Fact]
    public void Receive_IntoBadMemory_KeepsTheFiles()
    {
        var (left, right) = _family.CreatePair(_thread, SocketType.SOCK_STREAM, 0, OpenFlags.O_NONBLOCK).Value;

        // The last reference to the sender is in flight to the receiver.
        Assert.True(Send(left, new AncillaryData { Files = [left] }).IsOk);
        var bad = VmWriter.FromUser(0x1000, 1);
        Assert.Equal(Errno.EFAULT, right.Receive(_thread, ref bad, MessageFlags.None, default).Error);

        var message = Receive(right);
        Assert.Same(left, Assert.Single(message.Ancillary!.Files));
        message.Ancillary.Discard();
        Assert.Equal(0, Receive(right).Length);
    }

    private SocketFile Create() => _family.Create(_thread, SocketType.SOCK_STREAM, 0, OpenFlags.O_NONBLOCK).Value;

    private SocketFile Listen()
    {
        var listener = Create();
        Assert.Equal(Errno.Success, listener.Bind(_thread, s_name));
        Assert.Equal(Errno.Success, listener.Listen(8));
        return listener;
    }

    private Result<int> Send(SocketFile socket, AncillaryData? ancillary = null)
    {
        var reader = new VmReader([1]);
        return socket.Send(_thread, ref reader, MessageFlags.MSG_NOSIGNAL, default, ancillary);
    }

    private ReceivedMessage Receive(SocketFile socket)
    {
        var writer = new VmWriter(new byte[1]);
        var result = socket.Receive(_thread, ref writer, MessageFlags.None, default);
        Assert.Equal(Errno.Success, result.Error);
        return result.Value;
    }

    /// <summary>Runs it on a task of the kernel that belongs to the thread.</summary>
    private void AsThread(Action action)
    {
        var done = new TaskCompletionSource();
        Assert.True(Ostd.Tasks.Task.TryCreate(
            _ =>
            {
                try
                {
                    action();
                    done.SetResult();
                }
                catch (Exception exception)
                {
                    done.SetException(exception);
                }
            },
            _thread,
            "test",
            out var task));
        task.Start();
        done.Task.WaitAsync(s_limit).GetAwaiter().GetResult();
    }

    private sealed class Observer : IPollObserver
    {
        public PollEvents Seen { get; set; }

        public void OnReady(PollEvents events) => Seen |= events;
    }
}
