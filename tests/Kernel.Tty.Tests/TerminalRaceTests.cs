// SPDX-License-Identifier: MPL-2.0
using System;
using System.Linq;
using System.Threading;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Signals;
using Kernel.Abstractions.Terminals;
using NSubstitute;
using Ostd.Memory;
using Xunit;

namespace Kernel.Tty.Tests;

/// <summary>What several CPUs do to one terminal at once.</summary>
public class TerminalRaceTests
{
    private const int Rounds = 2000;

    private readonly FakeDriver _driver = new();
    private readonly Terminal _terminal;

    public TerminalRaceTests()
    {
        var services = new TerminalServices(new Late<ISignalService>(Substitute.For<ISignalService>()), new Late<ISessionService>(Substitute.For<ISessionService>()));
        _terminal = new Terminal("ttyT0", new DeviceNumber(4, 64), _driver, services, ControlModes.B9600 | ControlModes.CS8, isPseudo: false);
    }

    [Fact]
    public void OpenAndClose_LeaveTheDriverOpenWhileAFileIs()
    {
        var failures = 0;
        OnThreads(4, _ =>
        {
            var file = Open();
            if (!_driver.IsOpen)
            {
                Interlocked.Increment(ref failures);
            }

            file.Release();
        });

        Assert.Equal(0, failures);
        Assert.False(_driver.IsOpen);
    }

    [Fact]
    public void Open_HungUpWhileItOpens_IsDead()
    {
        _driver.Opening = _terminal.HangUp;
        var file = Open();

        Assert.True((file.Poll(null) & PollEvents.POLLHUP) != 0);
        var writer = new VmWriter(new byte[1]);
        Assert.Equal(0, file.Read(ref writer).Value);
        var reader = new VmReader([1]);
        Assert.Equal(Errno.EIO, file.Write(ref reader).Error);
    }

    [Fact]
    public void HangUp_WithRefusedInput_LetsTheDriverGoOn()
    {
        Open();
        var modes = _terminal.Modes;
        modes.Modes.Local = LocalModes.None;
        _terminal.Change(null, modes, 0);
        Assert.Equal(4095, _terminal.Receive(new byte[5000]));
        Assert.True(_driver.IsPaused);

        _terminal.HangUp();

        Assert.False(_driver.IsPaused);
    }

    [Fact]
    public void Change_ByTwoThreads_LeavesDriverAndTerminalWithTheSameSpeed()
    {
        OnThreads(2, index =>
        {
            var modes = _terminal.Modes;
            modes.InputSpeed = modes.OutputSpeed = index == 0 ? 1200u : 2400u;
            _terminal.Change(null, modes, 0);
        });

        Assert.Equal(_driver.Speed, _terminal.Modes.OutputSpeed);
    }

    private OpenFile Open() => _terminal.Open(new FakeInode(), OpenFlags.O_RDWR, null).Value;

    private static void OnThreads(int count, Action<int> action)
    {
        using var start = new Barrier(count);
        Exception? failure = null;
        var threads = Enumerable.Range(0, count).Select(index => new Thread(() =>
        {
            start.SignalAndWait();
            try
            {
                for (var round = 0; round < Rounds; round++)
                {
                    action(index);
                }
            }
            catch (Exception exception)
            {
                failure = exception;
            }
        })).ToArray();
        Array.ForEach(threads, static thread => thread.Start());
        Array.ForEach(threads, static thread => thread.Join());
        Assert.Null(failure);
    }
}
