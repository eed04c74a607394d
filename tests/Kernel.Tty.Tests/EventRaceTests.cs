// SPDX-License-Identifier: MPL-2.0
using System;
using System.Threading;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Events;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Time;
using Kernel.Events;
using NSubstitute;
using Ostd.Memory;
using Xunit;
using Task = System.Threading.Tasks.Task;

namespace Kernel.Tty.Tests;

/// <summary>Several threads at one event file at once: hosted tasks are threads of the machine, so that the races are real.</summary>
public class EventRaceTests
{
    private const uint OneShot = (uint)PollEvents.POLLIN | (uint)EventPollFlags.EPOLLONESHOT;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    private readonly EventFiles _files;
    private readonly IThread _thread = Substitute.For<IThread>();

    public EventRaceTests()
    {
        var inodes = Substitute.For<IAnonymousInodes>();
        inodes.Create(default, "", 0, null!).ReturnsForAnyArgs(_ => new FakeInode(InodeType.Anonymous));
        _files = new EventFiles(new Late<IAnonymousInodes>(inodes), new Late<ITimeKeeper>(Substitute.For<ITimeKeeper>()));
    }

    [Fact]
    public async Task OneShot_WithSeveralWaiters_IsReportedOncePerArming()
    {
        const int rounds = 1000;
        var poll = (IEventPoll)_files.CreateEventPoll(_thread);
        var file = new SlowFile(PollEvents.POLLIN);
        Assert.Equal(Errno.Success, poll.Control(EventPollOperation.Add, file, 3, 0, 0));
        var sink = new Counter();
        var isOver = false;
        var waiters = new Task[2];
        for (var i = 0; i < waiters.Length; i++)
        {
            waiters[i] = Task.Run(() =>
            {
                while (!Volatile.Read(ref isOver))
                {
                    Assert.True(poll.Wait(sink, 4, 0).IsOk);
                }
            });
        }

        for (var round = 1; round <= rounds; round++)
        {
            Assert.Equal(Errno.Success, poll.Control(EventPollOperation.Modify, file, 3, OneShot, (ulong)round));
            Assert.True(
                SpinWait.SpinUntil(
                    () =>
                    {
                        file.Notify();
                        return sink.Count >= round;
                    },
                    s_limit),
                "an armed event was lost");
        }

        Volatile.Write(ref isOver, true);
        await Task.WhenAll(waiters).WaitAsync(s_limit);
        Assert.Equal(rounds, sink.Count);
    }

    [Fact]
    public async Task AddAndDelete_ByTwoThreads_LeaveNoRegistration()
    {
        var poll = (IEventPoll)_files.CreateEventPoll(_thread);
        var file = new SlowFile(PollEvents.None);
        var isOver = false;
        var deleter = Task.Run(() =>
        {
            while (!Volatile.Read(ref isOver))
            {
                poll.Control(EventPollOperation.Delete, file, 3, 0, 0);
            }
        });
        for (var added = 0; added < 500;)
        {
            added += poll.Control(EventPollOperation.Add, file, 3, (uint)PollEvents.POLLIN, 0) == Errno.Success ? 1 : 0;
        }

        Volatile.Write(ref isOver, true);
        await deleter.WaitAsync(s_limit);
        poll.Control(EventPollOperation.Delete, file, 3, 0, 0);
        Assert.Equal(0, file.Registrations);
    }

    [Fact]
    public async Task TimerFd_SetWhileItExpires_KeepsTheNewDeadline()
    {
        var file = _files.CreateTimerFd(ClockId.CLOCK_MONOTONIC, OpenFlags.O_RDONLY, _thread);
        var timer = (ITimerFile)file;
        await Task.Run(() =>
        {
            var buffer = new byte[8];
            for (var round = 0; round < 500; round++)
            {
                // The first expiry's callback sets the timer to the next one, an hour away.
                timer.Set(new TimerSetting(1 + round % 7 * 2000, 3600L * 1_000_000_000), isAbsolute: false, cancelsOnSet: false);
                Thread.SpinWait(round % 64);
                timer.Set(new TimerSetting(100_000, 0), isAbsolute: false, cancelsOnSet: false);
                var writer = new VmWriter(buffer);
                Assert.Equal(8, file.Read(ref writer).Value);
            }
        }).WaitAsync(s_limit);
        file.Release();
    }

    [Fact]
    public async Task PollQueue_RegisterAgainstNotify_MissesNoChange()
    {
        const int rounds = 20_000;
        var queue = new PollQueue();
        var observer = new Counter();
        var isReady = 0;
        var turn = 0;
        var done = 0;
        var notifier = Task.Run(() =>
        {
            for (var round = 1; round <= rounds; round++)
            {
                AwaitTurn(ref turn, round);
                Volatile.Write(ref isReady, 1);
                queue.Notify(PollEvents.POLLIN);
                Volatile.Write(ref done, round);
            }
        });

        for (var round = 1; round <= rounds; round++)
        {
            Volatile.Write(ref isReady, 0);
            var before = observer.Count;
            Volatile.Write(ref turn, round);
            queue.Register(observer);
            var hasSeen = Volatile.Read(ref isReady) != 0;
            AwaitTurn(ref done, round);
            Assert.True(hasSeen || observer.Count > before, "neither the change was seen nor its notification came");
            queue.Unregister(observer);
        }

        await notifier.WaitAsync(s_limit);
    }

    private static void AwaitTurn(ref int turn, int round)
    {
        var spinner = default(SpinWait);
        while (Volatile.Read(ref turn) != round)
        {
            spinner.SpinOnce(sleep1Threshold: -1);
        }
    }

    private sealed class Counter : IEventPollSink, IPollObserver
    {
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public bool Add(PollEvents events, ulong data)
        {
            // As long as a copy to the program takes.
            Thread.SpinWait(1000);
            Interlocked.Increment(ref _count);
            return true;
        }

        public void OnReady(PollEvents events) => Interlocked.Increment(ref _count);
    }

    /// <summary>Always says the same, and takes its time about it, so that others come in between. Knows who is registered.</summary>
    private sealed class SlowFile(PollEvents ready) : OpenFile(new FakeInode(InodeType.Anonymous), OpenFlags.O_RDWR)
    {
        private readonly System.Collections.Generic.List<IPollObserver> _observers = [];

        public int Registrations
        {
            get
            {
                lock (_observers)
                {
                    return _observers.Count;
                }
            }
        }

        public void Notify()
        {
            IPollObserver[] observers;
            lock (_observers)
            {
                observers = [.. _observers];
            }

            foreach (var observer in observers)
            {
                observer.OnReady(PollEvents.POLLIN);
            }
        }

        public override PollEvents Poll(IPollObserver? observer)
        {
            Thread.SpinWait(1000);
            if (observer is not null)
            {
                lock (_observers)
                {
                    _observers.Add(observer);
                }
            }

            return ready;
        }

        public override void StopPolling(IPollObserver observer)
        {
            lock (_observers)
            {
                _observers.Remove(observer);
            }
        }
    }
}
