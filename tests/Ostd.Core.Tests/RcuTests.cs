// SPDX-License-Identifier: MPL-2.0
using System;
using System.Threading;
using Ostd.Memory;
using Ostd.Sync;
using Ostd.Tasks;
using Xunit;

namespace Ostd.Core.Tests;

/// <summary>Read-copy-update over threads of the host. tests/Kernel.Tests.Ostd has the grace periods of CPUs.</summary>
public class RcuTests
{
    private sealed class Page(Frame frame, uint stamp)
    {
        public Frame Frame { get; } = frame;

        public uint Stamp { get; } = stamp;
    }

    [Fact]
    public void Update_AndCompareExchange_SayWhatWasReplaced()
    {
        var cell = new Rcu<string>("first");

        Assert.Equal("first", cell.Update("second"));
        Assert.False(cell.CompareExchange("third", "first"));
        Assert.Equal("second", cell.Current);
        Assert.True(cell.CompareExchange("third", cell.Current));
        using RcuReadGuard<string> guard = cell.Read();
        Assert.Equal("third", guard.Value);
        Assert.True(AtomicMode.IsActive);
    }

    [Fact]
    public void Readers_OfReplacedFrames_NeverMeetAFreedOne()
    {
        long free = PhysicalMemory.FreePages;
        var cell = new Rcu<Page>(Make(0));
        uint last = 0;
        Action read = () =>
        {
            for (int i = 0; i < 20_000; i++)
            {
                using RcuReadGuard<Page> guard = cell.Read();
                VmReader reader = guard.Value.Frame.Reader(8, sizeof(uint));
                Assert.True(reader.TryRead(out uint stamp));
                Assert.Equal(guard.Value.Stamp, stamp);
            }
        };
        Action write = () =>
        {
            for (int i = 0; i < 500; i++)
            {
                Page old = cell.Update(Make(Interlocked.Increment(ref last)));
                if ((i & 31) == 0)
                {
                    Rcu.Synchronize();
                    old.Frame.Release();
                }
                else
                {
                    Rcu.Defer(static page => ((Page)page!).Frame.Release(), old);
                }
            }
        };

        Race.Run(1, read, write, read, write);

        Rcu.Barrier();
        cell.Current.Frame.Release();
        Assert.Equal(free, PhysicalMemory.FreePages);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Synchronize_WaitsForASectionOfAnotherThread(bool isInterruptsOff)
    {
        int stage = 0;
        bool isDone = false;
        bool wasDone = true;
        Action section = () =>
        {
            if (isInterruptsOff)
            {
                using InterruptGuard guard = InterruptGuard.Disable();
                Stay();
            }
            else
            {
                using PreemptGuard guard = PreemptGuard.Disable();
                Stay();
            }

            void Stay()
            {
                Volatile.Write(ref stage, 1);
                SpinWait.SpinUntil(() => Volatile.Read(ref stage) == 2);
                Thread.Sleep(20);
                wasDone = Volatile.Read(ref isDone);
            }
        };
        Action synchronizer = () =>
        {
            SpinWait.SpinUntil(() => Volatile.Read(ref stage) == 1);
            Volatile.Write(ref stage, 2);
            Rcu.Synchronize();
            Volatile.Write(ref isDone, true);
        };

        Race.Run(1, section, synchronizer);

        Assert.False(wasDone);
    }

    [Fact]
    public void Callback_ThatQueuesItself_RunsAgain()
    {
        int runs = 0;
        RcuCallback? callback = null;
        callback = new RcuCallback(
            _ =>
            {
                if (Interlocked.Increment(ref runs) < 10)
                {
                    callback!.Queue();
                }
            },
            null);
        callback.Queue();
        while (Volatile.Read(ref runs) < 10)
        {
            Rcu.Barrier();
        }

        Rcu.Barrier();
        Assert.Equal(10, runs);
    }

    private static Page Make(uint stamp)
    {
        Assert.True(Frame.TryAllocate(out Frame frame));
        VmWriter writer = frame.Writer(8, sizeof(uint));
        Assert.True(writer.TryWrite(stamp));
        return new Page(frame, stamp);
    }
}
