// SPDX-License-Identifier: MPL-2.0
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
        Race.Run(Rounds, OpenAndClose, OpenAndClose, OpenAndClose);

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
        Race.Run(Rounds, () => SetSpeed(1200), () => SetSpeed(2400));

        Assert.Equal(_driver.Speed, _terminal.Modes.OutputSpeed);
    }

    private void OpenAndClose()
    {
        var file = Open();
        Assert.True(_driver.IsOpen);
        file.Release();
    }

    private void SetSpeed(uint speed)
    {
        var modes = _terminal.Modes;
        modes.InputSpeed = modes.OutputSpeed = speed;
        _terminal.Change(null, modes, 0);
    }

    private OpenFile Open() => _terminal.Open(new FakeInode(), OpenFlags.O_RDWR, null).Value;
}
