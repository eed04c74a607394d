// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;
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
using Ostd.Sync;
using Xunit;
using Task = System.Threading.Tasks.Task;

namespace Kernel.Tty.Tests;

public class EventPollTests
{
    private const uint In = (uint)PollEvents.POLLIN;
    private const int TimeoutMs = 20_000;

    private readonly EventFiles _files;
    private readonly IThread _thread = Substitute.For<IThread>();

    public EventPollTests()
    {
        var inodes = Substitute.For<IAnonymousInodes>();
        inodes.Create(default, "", 0, null!).ReturnsForAnyArgs(_ => new FakeInode(InodeType.Anonymous));
        _files = new EventFiles(new Late<IAnonymousInodes>(inodes), new Late<ITimeKeeper>(Substitute.For<ITimeKeeper>()));
    }

    [Fact]
    public void Wait_LevelTriggered_ReportsUntilTheCauseIsGone()
    {
        var (poll, file) = CreateWatched(In);
        Signal(file);

        Assert.Equal([7UL], Wait(poll));
        Assert.Equal([7UL], Wait(poll));
        Drain(file);
        Assert.Empty(Wait(poll));
    }

    [Fact]
    public void Wait_EdgeTriggered_ReportsEachEdgeOnce()
    {
        var (poll, file) = CreateWatched(In | (uint)EventPollFlags.EPOLLET);
        Signal(file);

        Assert.Equal([7UL], Wait(poll));
        Assert.Empty(Wait(poll));
        Signal(file);
        Assert.Equal([7UL], Wait(poll));
    }

    [Fact]
    public void Wait_OneShot_NeedsModifyToReportAgain()
    {
        var (poll, file) = CreateWatched(In | (uint)EventPollFlags.EPOLLONESHOT);
        Signal(file);

        Assert.Equal([7UL], Wait(poll));
        Assert.Empty(Wait(poll));
        Assert.Equal(Errno.Success, poll.Control(EventPollOperation.Modify, file, 3, In | (uint)EventPollFlags.EPOLLONESHOT, 8));
        Assert.Equal([8UL], Wait(poll));
    }

    [Fact]
    public void Control_TwiceAndMissing_AnswersEexistAndEnoent()
    {
        var (poll, file) = CreateWatched(In);

        Assert.Equal(Errno.EEXIST, poll.Control(EventPollOperation.Add, file, 3, In, 0));
        Assert.Equal(Errno.Success, poll.Control(EventPollOperation.Add, file, 4, In, 0));
        Assert.Equal(Errno.ENOENT, poll.Control(EventPollOperation.Delete, file, 5, 0, 0));
        Assert.Equal(Errno.Success, poll.Control(EventPollOperation.Delete, file, 3, 0, 0));
        Assert.Equal(Errno.ENOENT, poll.Control(EventPollOperation.Modify, file, 3, In, 0));
    }

    [Fact]
    public void Close_OfTheFile_RemovesIt()
    {
        var (poll, file) = CreateWatched(In);
        Signal(file);

        file.Release();

        Assert.Empty(Wait(poll));
        Assert.Equal(Errno.Success, poll.Control(EventPollOperation.Add, CreateEventFd(), 3, In, 9));
    }

    [Fact]
    public void Control_Circle_AnswersEloop()
    {
        var first = _files.CreateEventPoll(_thread);
        var second = _files.CreateEventPoll(_thread);
        var third = _files.CreateEventPoll(_thread);

        Assert.Equal(Errno.Success, ((IEventPoll)first).Control(EventPollOperation.Add, second, 3, In, 0));
        Assert.Equal(Errno.Success, ((IEventPoll)second).Control(EventPollOperation.Add, third, 3, In, 0));
        Assert.Equal(Errno.ELOOP, ((IEventPoll)third).Control(EventPollOperation.Add, first, 3, In, 0));
        Assert.Equal(Errno.ELOOP, ((IEventPoll)second).Control(EventPollOperation.Add, first, 3, In, 0));
    }

    [Fact]
    public void Control_LongChain_AnswersEloop()
    {
        var chain = new List<OpenFile>();
        for (var index = 0; index < 7; index++)
        {
            chain.Add(_files.CreateEventPoll(_thread));
        }

        var last = Errno.Success;
        var links = 0;
        for (var index = 0; index + 1 < chain.Count && last == Errno.Success; index++)
        {
            last = ((IEventPoll)chain[index]).Control(EventPollOperation.Add, chain[index + 1], 3, In, 0);
            links += last == Errno.Success ? 1 : 0;
        }

        Assert.Equal(Errno.ELOOP, last);
        Assert.Equal(EventPollTopology.MaxNesting, links);
    }

    [Fact]
    public void Wait_Nested_SeesThroughTheInnerInstance()
    {
        var (inner, file) = CreateWatched(In);
        var outer = (IEventPoll)_files.CreateEventPoll(_thread);
        Assert.Equal(Errno.Success, outer.Control(EventPollOperation.Add, (OpenFile)inner, 4, In, 99));

        Assert.Empty(Wait(outer));
        Signal(file);
        Assert.Equal([99UL], Wait(outer));
        Drain(file);
        Assert.Empty(Wait(outer));
    }

    [Fact]
    public async Task Wait_Blocking_WakesOnReadiness()
    {
        var (poll, file) = CreateWatched(In);

        var waiter = Task.Run(() => Wait(poll, WaitQueue.Forever));
        Signal(file);

        Assert.Equal([7UL], await waiter.WaitAsync(TimeSpan.FromMilliseconds(TimeoutMs)));
    }

    [Fact]
    public void Wait_MoreThanMaximum_RotatesThroughAll()
    {
        var poll = (IEventPoll)_files.CreateEventPoll(_thread);
        for (var index = 0; index < 4; index++)
        {
            var file = CreateEventFd();
            Signal(file);
            poll.Control(EventPollOperation.Add, file, index, In, (ulong)index);
        }

        Assert.Equal([0UL, 1UL], Wait(poll, 0, 2));
        Assert.Equal([2UL, 3UL], Wait(poll, 0, 2));
        Assert.Equal([0UL, 1UL], Wait(poll, 0, 2));
    }

    [Fact]
    public async Task TimerFd_Periodic_CountsExpirations()
    {
        var file = _files.CreateTimerFd(ClockId.CLOCK_MONOTONIC, OpenFlags.O_RDONLY, _thread);
        ((ITimerFile)file).Set(new TimerSetting(20_000_000, 20_000_000), isAbsolute: false, cancelsOnSet: false);

        var first = await Task.Run(() => ReadCounter(file)).WaitAsync(TimeSpan.FromMilliseconds(TimeoutMs));
        Assert.True(first >= 1);
        Assert.InRange(((ITimerFile)file).Get().ValueNs, 1, 20_000_000);
        Assert.Equal(20_000_000, ((ITimerFile)file).Set(default, false, false).IntervalNs);
        file.Release();
    }

    [Fact]
    public void EventFd_Semaphore_GivesOneAtATime()
    {
        var file = _files.CreateEventFd(2, isSemaphore: true, OpenFlags.O_NONBLOCK, _thread);

        Assert.Equal(1UL, ReadCounter(file));
        Assert.Equal(1UL, ReadCounter(file));
        var writer = new VmWriter(new byte[8]);
        Assert.Equal(Errno.EAGAIN, file.Read(ref writer).Error);
    }

    private (IEventPoll Poll, OpenFile File) CreateWatched(uint events)
    {
        var poll = (IEventPoll)_files.CreateEventPoll(_thread);
        var file = CreateEventFd();
        Assert.Equal(Errno.Success, poll.Control(EventPollOperation.Add, file, 3, events, 7));
        return (poll, file);
    }

    private OpenFile CreateEventFd() => _files.CreateEventFd(0, false, OpenFlags.O_NONBLOCK, _thread);

    private static void Signal(OpenFile file)
    {
        var reader = new VmReader(BitConverter.GetBytes(1UL));
        Assert.Equal(8, file.Write(ref reader).Value);
    }

    private static void Drain(OpenFile file) => ReadCounter(file);

    private static ulong ReadCounter(OpenFile file)
    {
        var buffer = new byte[8];
        var writer = new VmWriter(buffer);
        Assert.Equal(8, file.Read(ref writer).Value);
        return BitConverter.ToUInt64(buffer);
    }

    private static List<ulong> Wait(IEventPoll poll, long deadlineNs = 0, int maximum = 16)
    {
        var sink = new Sink();
        Assert.True(poll.Wait(sink, maximum, deadlineNs).IsOk);
        return sink.Data;
    }

    private sealed class Sink : IEventPollSink
    {
        public List<ulong> Data { get; } = [];

        public bool Add(PollEvents events, ulong data)
        {
            Data.Add(data);
            return true;
        }
    }
}
