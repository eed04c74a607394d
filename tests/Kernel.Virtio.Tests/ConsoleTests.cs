// SPDX-License-Identifier: MPL-2.0
using System;
using System.Text;
using System.Threading;
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Terminals;
using Kernel.Drivers.VirtioConsole;
using NSubstitute;
using Ostd.Hosting;
using Xunit;

namespace Kernel.Virtio.Tests;

/// <summary>The console driver over a device that keeps to the rules, and over one that does not.</summary>
public sealed class ConsoleTests
{
    private const int TimeoutMs = 20_000;
    private const int In = 0;
    private const int Out = 1;
    private const ulong SizeFeature = 1;

    private readonly ScriptedDevice _script = new() { QueueCount = 2 };
    private readonly VirtioDevice _device;
    private readonly FakeLine _line = new();
    private ITerminalDriver? _port;

    public ConsoleTests() => _device = new VirtioDevice(_script);

    [Fact]
    public void Write_ReachesTheDevice_AndWhatGathersMeanwhileGoesInOnePiece()
    {
        Attach();
        _port!.Write("one"u8);
        _port.Write("two"u8);
        _port.Write("three"u8);
        Assert.Equal(11, _port.PendingOutput);
        Assert.Equal("one", Drain());
        Assert.Equal("twothree", Drain());
        Assert.Null(Drain());
        Assert.Equal(0, _port.PendingOutput);
        Assert.True(SpinWait.SpinUntil(() => _line.Progress > 0, TimeoutMs));
    }

    [Fact]
    public void Write_WhileTheDeviceReadsNothing_FillsTheRingAndNoMore()
    {
        Attach();
        _port!.Write("x"u8);
        var room = _port.WriteRoom;
        _port.Write(new byte[room]);
        Assert.Equal(0, _port.WriteRoom);
        Assert.Equal("x", Drain());
        Assert.Equal(room, _port.WriteRoom);
        Assert.Equal(room, Drain()!.Length);
    }

    [Fact]
    public void StoppedOutput_WaitsForTheRestart()
    {
        Attach();
        _port!.SetOutputStopped(true);
        _port.Write("later"u8);
        Assert.Null(Drain());
        _port.SetOutputStopped(false);
        Assert.Equal("later", Drain());
    }

    [Fact]
    public void FlushedOutput_IsForgotten()
    {
        Attach();
        _port!.Write("with the device"u8);
        _port.Write("lost"u8);
        _port.FlushOutput();
        Assert.Equal("with the device", Drain());
        Assert.Null(Drain());
    }

    [Fact]
    public void Input_ReachesTheTerminalInOrder_AndBuffersComeBack()
    {
        Attach();
        Assert.Equal(Errno.Success, _port!.OnOpen(isFirst: true));
        var expected = new StringBuilder();
        for (var i = 0; i < 50; i++)
        {
            Type("line " + i + "\n");
            expected.Append("line ").Append(i).Append('\n');
        }

        Assert.True(SpinWait.SpinUntil(() => _line.Received == expected.ToString(), TimeoutMs), _line.Received);
    }

    [Fact]
    public void Input_BeforeTheFirstOpen_Waits()
    {
        Attach();
        Type("ahead");

        // Deferred work runs in its order: the port's has run when this one has.
        using var hasRun = new ManualResetEventSlim();
        new Ostd.Tasks.DeferredWork(hasRun.Set, "a later one").Queue();
        Assert.True(hasRun.Wait(TimeoutMs));
        Assert.Equal("", _line.Received);
        Assert.Equal(Errno.Success, _port!.OnOpen(isFirst: true));
        Assert.True(SpinWait.SpinUntil(() => _line.Received == "ahead", TimeoutMs));
    }

    [Fact]
    public void Input_ThatTheTerminalDoesNotTake_IsKept()
    {
        Attach();
        Assert.Equal(Errno.Success, _port!.OnOpen(isFirst: true));
        _line.Room = 3;
        Type("abcdef");
        Type("ghi");
        Assert.True(SpinWait.SpinUntil(() => _line.Received == "abc", TimeoutMs));
        _line.Room = 100;
        _port.ResumeInput();
        Assert.True(SpinWait.SpinUntil(() => _line.Received == "abcdefghi", TimeoutMs));
    }

    [Fact]
    public void FlushedInput_IsForgotten_AndItsBuffersComeBack()
    {
        Attach();
        for (var i = 0; i < 4; i++)
        {
            Type("lost");
        }

        Assert.False(_script[In].TryReceive(out _));
        _port!.FlushInput();
        Assert.Equal(Errno.Success, _port.OnOpen(isFirst: true));
        Type("kept");
        Assert.True(SpinWait.SpinUntil(() => _line.Received == "kept", TimeoutMs), _line.Received);
    }

    [Fact]
    public void WindowSize_IsTheDevices_AndFollowsIt()
    {
        _script.Features |= SizeFeature;
        _script.Configuration = [80, 0, 24, 0];
        Attach();
        Assert.True(SpinWait.SpinUntil(() => _line.Size == new WindowSize(24, 80, 0, 0), TimeoutMs));
        _script.Configuration = [0x2c, 1, 50, 0];
        _script.InterruptConfiguration();
        Assert.True(SpinWait.SpinUntil(() => _line.Size == new WindowSize(50, 300, 0, 0), TimeoutMs));
    }

    [Fact]
    public void WindowSize_WithoutTheFeature_IsNotRead()
    {
        _script.Configuration = [80, 0, 24, 0];
        Attach();
        _script.InterruptConfiguration();
        Type("x");
        _ = _port!.OnOpen(isFirst: true);
        Assert.True(SpinWait.SpinUntil(() => _line.Received == "x", TimeoutMs));
        Assert.Equal(default, _line.Size);
    }

    [Theory]
    [InlineData("input longer than its buffer")]
    [InlineData("input in a buffer that it does not have")]
    [InlineData("input in one buffer twice")]
    [InlineData("a used index of the input that runs away")]
    [InlineData("output that it has written to")]
    [InlineData("output that there is not")]
    [InlineData("a reset that it needs")]
    public void Lie_HangsTheTerminalUpAndNothingElse(string lie)
    {
        Attach();
        Assert.Equal(Errno.Success, _port!.OnOpen(isFirst: true));
        _port.Write("out"u8);
        Assert.True(_script[In].TryReceive(out var buffer));
        Assert.True(_script[Out].TryReceive(out var output));
        switch (lie)
        {
            case "input longer than its buffer":
                _script[In].Use(buffer, 1025);
                break;
            case "input in a buffer that it does not have":
                _script[In].Use(4, 1);
                break;
            case "input in one buffer twice":
                _line.Room = 0;
                _script[In].Use(buffer, 1);
                _script[In].Use(buffer, 1);
                break;
            case "a used index of the input that runs away":
                _script[In].SetUsedIndex(0x8000);
                break;
            case "output that it has written to":
                _script[Out].Use(output, 1);
                break;
            case "output that there is not":
                _script[Out].Use(output + 1u, 0);
                break;
            default:
                _script.Forced = DeviceStatus.NeedsReset;
                _script.InterruptConfiguration();
                _script.Forced = 0;
                break;
        }

        _script.Interrupt(In);
        _script.Interrupt(Out);
        Assert.True(_device.IsBroken);
        Assert.True(SpinWait.SpinUntil(() => _line.HangUps > 0, TimeoutMs));
        Assert.Equal(Errno.EIO, _port.OnOpen(isFirst: false));

        // What is still written goes nowhere, and holds nobody up.
        var room = _port.WriteRoom;
        _port.Write(new byte[room]);
        Assert.Equal(room, _port.WriteRoom);
        Assert.Equal(0, _port.PendingOutput);
    }

    [Fact]
    public void Interrupt_BeforeTheStart_FindsNobody()
    {
        _script.OnEnableQueue = () => _script.Interrupt(_script.EnabledQueues - 1);
        Attach();
        Assert.False(_device.IsBroken);
    }

    [Fact]
    public void EmptyBuffersWithoutEnd_LeaveOtherWorkItsTurn()
    {
        Attach();
        Assert.Equal(Errno.Success, _port!.OnOpen(isFirst: true));

        // The device gives back what it has whenever the terminal takes something, so that there is always more: every other buffer has a byte, the rest are empty.
        var isOver = false;
        var given = 0u;
        _line.OnReceive = () =>
        {
            while (!Volatile.Read(ref isOver) && _script[In].TryReceive(out var buffer))
            {
                _script[In].Use(buffer, given++ & 1);
            }

            _script.Interrupt(In);
        };
        using var hasBegun = new ManualResetEventSlim();
        using var hasRun = new ManualResetEventSlim();
        var first = new Ostd.Tasks.DeferredWork(
            () =>
            {
                _line.OnReceive();
                hasBegun.Set();
            },
            "the device's first interrupt");
        var other = new Ostd.Tasks.DeferredWork(hasRun.Set, "another one's");
        first.Queue();
        Assert.True(hasBegun.Wait(TimeoutMs));
        Assert.True(SpinWait.SpinUntil(() => _line.Received.Length > 0, TimeoutMs));
        other.Queue();
        var ran = hasRun.Wait(TimeoutMs);
        Volatile.Write(ref isOver, true);
        Assert.True(ran);
        Assert.False(_device.IsBroken);
    }

    [Fact]
    public void RandomLies_NeverHangOrThrow()
    {
        for (var seed = 1; seed <= 200; seed++)
        {
            new LyingConsole(seed).Run();
        }
    }

    private void Attach() => _port = AttachTo(_device, _line);

    /// <summary>Takes a device into service.</summary>
    internal static ITerminalDriver AttachTo(VirtioDevice device, FakeLine line)
    {
        ITerminalDriver? port = null;
        var terminals = Substitute.For<ITerminalFactory>();
        terminals.Create(Arg.Any<string>(), Arg.Any<DeviceNumber>(), Arg.Do<ITerminalDriver>(driver => port = driver), Arg.Any<ControlModes>()).Returns(line);
        var devices = Substitute.For<IDeviceRegistry>();
        Assert.Equal(Errno.Success, device.Attach(new VirtioConsoleDriver(terminals, devices)));
        devices.Received().Register("hvc0", new DeviceNumber(229, 0), Arg.Any<int>(), line);
        return port!;
    }

    // The device reads a buffer of output.
    private string? Drain()
    {
        if (!_script[Out].TryReceive(out var head))
        {
            return null;
        }

        var part = Assert.Single(_script[Out].PartsOf(head));
        Assert.False(part.IsWritable);
        var bytes = new byte[part.Length];
        DeviceBus.Read(part.Address, bytes);
        _script[Out].Use(head, 0);
        _script.Interrupt(Out);
        return Encoding.Latin1.GetString(bytes);
    }

    // Somebody types at the device.
    private void Type(string text)
    {
        ushort head = 0;
        Assert.True(SpinWait.SpinUntil(() => _script[In].TryReceive(out head), TimeoutMs), "no buffer for input");
        var part = Assert.Single(_script[In].PartsOf(head));
        Assert.True(part.IsWritable);
        DeviceBus.Write(part.Address, Encoding.Latin1.GetBytes(text));
        _script[In].Use(head, (uint)text.Length);
        _script.Interrupt(In);
    }
}
