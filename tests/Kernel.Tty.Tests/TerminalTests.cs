// SPDX-License-Identifier: MPL-2.0
using System;
using System.Text;
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
using Task = System.Threading.Tasks.Task;

namespace Kernel.Tty.Tests;

public class TerminalTests
{
    private const int TimeoutMs = 20_000;

    private readonly ISignalService _signals = Substitute.For<ISignalService>();
    private readonly ISessionService _sessions = Substitute.For<ISessionService>();
    private readonly FakeDriver _driver = new();
    private readonly Terminal _terminal;

    public TerminalTests()
    {
        var services = new TerminalServices(new Late<ISignalService>(_signals), new Late<ISessionService>(_sessions));
        _terminal = new Terminal("ttyT0", new DeviceNumber(4, 64), _driver, services, ControlModes.B9600 | ControlModes.CS8, isPseudo: false);
    }

    [Fact]
    public void Write_Text_ReachesTheDriverProcessed()
    {
        var file = Open();

        Assert.Equal(6, Write(file, "ab\ncd\n").Value);
        Assert.Equal("ab\r\ncd\r\n", _driver.Sent);
    }

    [Fact]
    public void Write_NonBlockingWithoutRoom_TakesAPartAndThenAnswersEagain()
    {
        var file = Open(OpenFlags.O_NONBLOCK);
        _driver.WriteRoom = 10;

        Assert.Equal(10, Write(file, "0123456789abcdef").Value);
        Assert.Equal(Errno.EAGAIN, Write(file, "abcdef").Error);
    }

    [Fact]
    public async Task Write_WithoutRoom_WaitsForProgress()
    {
        var file = Open();
        _driver.WriteRoom = 4;

        var writer = Task.Run(() => Write(file, "0123456789").Value);
        Assert.True(SpinWait.SpinUntil(() => _driver.Sent == "0123", TimeoutMs));
        _driver.WriteRoom = 100;
        _terminal.OnOutputProgress();

        Assert.Equal(10, await writer.WaitAsync(TimeSpan.FromMilliseconds(TimeoutMs)));
        Assert.Equal("0123456789", _driver.Sent);
    }

    [Fact]
    public async Task Write_StoppedByXoff_GoesOnAfterXon()
    {
        var file = Open();
        _terminal.Receive([0x13]);
        Assert.True(_driver.IsStopped);

        var writer = Task.Run(() => Write(file, "later").Value);
        _terminal.Receive([0x11]);

        Assert.Equal(5, await writer.WaitAsync(TimeSpan.FromMilliseconds(TimeoutMs)));
        Assert.Equal("later", _driver.Sent);
    }

    [Fact]
    public async Task Read_Canonical_WaitsForTheLine()
    {
        var file = Open();

        var reader = Task.Run(() => Read(file));
        _terminal.Receive("hel"u8);
        _terminal.Receive("lo\n"u8);

        Assert.Equal("hello\n", await reader.WaitAsync(TimeSpan.FromMilliseconds(TimeoutMs)));
        Assert.Equal("hello\r\n", _driver.Sent);
    }

    [Fact]
    public void Read_NonBlockingWithoutInput_AnswersEagain() => Assert.Equal(Errno.EAGAIN, TryRead(Open(OpenFlags.O_NONBLOCK)).Error);

    [Fact]
    public void Read_MinimumZeroTimeZero_GivesNothingAtOnce()
    {
        var file = Open();
        SetRaw(minimum: 0, time: 0);

        Assert.Equal("", Read(file));
    }

    [Fact]
    public void Read_MinimumZeroWithTime_EndsAfterTheTime()
    {
        var file = Open();
        SetRaw(minimum: 0, time: 1);
        var start = Environment.TickCount64;

        Assert.Equal("", Read(file));
        Assert.InRange(Environment.TickCount64 - start, 90, TimeoutMs);
    }

    [Fact]
    public async Task Read_MinimumThree_WaitsForThreeBytes()
    {
        var file = Open();
        SetRaw(minimum: 3, time: 0);

        var reader = Task.Run(() => Read(file));
        _terminal.Receive("ab"u8);
        Assert.False(reader.IsCompleted);
        _terminal.Receive("c"u8);

        Assert.Equal("abc", await reader.WaitAsync(TimeSpan.FromMilliseconds(TimeoutMs)));
    }

    [Fact]
    public void Read_MinimumWithTime_EndsWhenBytesStopComing()
    {
        var file = Open();
        SetRaw(minimum: 10, time: 1);
        _terminal.Receive("ab"u8);

        Assert.Equal("ab", Read(file));
    }

    [Fact]
    public void Receive_Interrupt_SignalsTheForegroundGroupAndFlushes()
    {
        Open();
        _terminal.SetSession(1, 42);

        _terminal.Receive([3]);

        _signals.Received(1).SendToGroup(42, Arg.Is<SignalInfo>(info => info.Signal == Signal.SIGINT));
        Assert.Equal(1, _driver.OutputFlushes);
        Assert.Equal("^C", _driver.Sent);
    }

    [Fact]
    public void Receive_QueueFull_RefusesAndResumesAfterARead()
    {
        var file = Open();
        SetRaw(minimum: 1, time: 0);

        Assert.Equal(4095, _terminal.Receive(new byte[5000]));
        Assert.Equal(0, _driver.Resumes);
        Read(file);

        Assert.Equal(1, _driver.Resumes);
        Assert.Equal(905, _terminal.Receive(new byte[905]));
    }

    [Fact]
    public async Task HangUp_WakesReadersAndKillsFiles()
    {
        var file = Open();
        var reader = Task.Run(() => Read(file));
        _terminal.SetSession(7, 7);

        _terminal.HangUp();

        Assert.Equal("", await reader.WaitAsync(TimeSpan.FromMilliseconds(TimeoutMs)));
        Assert.Equal(Errno.EIO, Write(file, "x").Error);
        Assert.True((file.Poll(null) & PollEvents.POLLHUP) != 0);
        _sessions.Received(1).OnTerminalLost(_terminal, 7, isHangUp: true);
        Assert.Equal(1, Write(Open(), "x").Value);
    }

    [Fact]
    public void OnSessionLeaderExit_HangsUpButSparesTheConsole()
    {
        var console = _terminal.OpenAs(new FakeInode(), OpenFlags.O_RDWR, null, isConsole: true).Value;
        var file = Open();
        _terminal.SetSession(7, 9);

        _terminal.OnSessionLeaderExit();

        Assert.Equal(Errno.EIO, Write(file, "x").Error);
        Assert.Equal(1, Write(console, "x").Value);
        Assert.Equal(0, _terminal.SessionId);
        _signals.Received(1).SendToGroup(9, Arg.Is<SignalInfo>(info => info.Signal == Signal.SIGHUP));
    }

    [Fact]
    public void Poll_FollowsInputAndRoom()
    {
        var file = Open();
        Assert.Equal(PollEvents.Writable, file.Poll(null));

        _terminal.Receive("x\n"u8);
        _driver.WriteRoom = 0;
        Assert.Equal(PollEvents.Readable, file.Poll(null));
    }

    [Fact]
    public async Task PollSet_WakesOnInput()
    {
        var file = Open();
        var set = new PollSet();
        set.Add(file.AddReference(), PollEvents.POLLIN);

        var waiter = Task.Run(() =>
        {
            set.Wait(Ostd.Sync.WaitQueue.Forever, out var count);
            return count;
        });
        _terminal.Receive("x\n"u8);

        Assert.Equal(1, await waiter.WaitAsync(TimeSpan.FromMilliseconds(TimeoutMs)));
        Assert.Equal(PollEvents.POLLIN, set.Ready(0));
        set.Clear();
    }

    [Fact]
    public void PollSet_DeadlinePassed_LooksOnce()
    {
        var set = new PollSet();
        set.Add(Open(), PollEvents.POLLIN);

        Assert.Equal(Ostd.Sync.WaitResult.TimedOut, set.Wait(0, out var count));
        Assert.Equal(0, count);
    }

    private OpenFile Open(OpenFlags flags = OpenFlags.O_RDONLY) => _terminal.Open(new FakeInode(), flags | OpenFlags.O_RDWR, null).Value;

    private void SetRaw(byte minimum, byte time)
    {
        var modes = _terminal.Modes;
        modes.Modes.Local = LocalModes.None;
        modes.Modes.Characters[(int)ControlCharacter.VMIN] = minimum;
        modes.Modes.Characters[(int)ControlCharacter.VTIME] = time;
        _terminal.Change(null, modes, 0);
    }

    private static Result<int> Write(OpenFile file, string text)
    {
        var reader = new VmReader(Encoding.Latin1.GetBytes(text));
        return file.Write(ref reader);
    }

    private static Result<int> TryRead(OpenFile file)
    {
        var writer = new VmWriter(new byte[8192]);
        return file.Read(ref writer);
    }

    private static string Read(OpenFile file)
    {
        var buffer = new byte[8192];
        var writer = new VmWriter(buffer);
        return Encoding.Latin1.GetString(buffer, 0, file.Read(ref writer).Value);
    }
}
