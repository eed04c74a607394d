// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;
using System.Threading;
using Kernel.Abstractions;
using Kernel.Abstractions.Terminals;
using Ostd.Hosting;
using Xunit;

namespace Kernel.Virtio.Tests;

/// <summary>A console that tells the truth most of the time, and else writes whatever it likes to the memory that it shares with the driver. A seed decides.</summary>
internal sealed class LyingConsole
{
    private const int Steps = 300;

    private readonly Random _random;
    private readonly ScriptedDevice _script = new() { QueueCount = 2 };
    private readonly VirtioDevice _device;
    private readonly FakeLine _line = new();
    private readonly ITerminalDriver _port;
    private readonly List<ushort>[] _received = [[], []];

    public LyingConsole(int seed)
    {
        _random = new Random(seed);
        _device = new VirtioDevice(_script);
        _port = ConsoleTests.AttachTo(_device, _line);
    }

    /// <summary>Lets it run: no exception, no more bytes than the device gave, and in the end a terminal that is hung up.</summary>
    public void Run()
    {
        Assert.Equal(Errno.Success, _port.OnOpen(isFirst: true));
        for (var step = 0; step < Steps; step++)
        {
            Step();
        }

        _device.Fail("the test is over");
        Assert.True(SpinWait.SpinUntil(() => _line.HangUps > 0, 10_000), "the terminal was left alone");
        Assert.Equal(0, _port.PendingOutput);
    }

    private void Step()
    {
        var index = _random.Next(2);
        switch (_random.Next(13))
        {
            case < 3:
                _port.Write(new byte[Math.Min(_port.WriteRoom, _random.Next(2000))]);
                break;
            case < 6:
                while (_script[index].TryReceive(out var head))
                {
                    _received[index].Add((ushort)(head % _script[index].Queue.Size));
                }

                break;
            case < 9 when _received[index].Count > 0:
                var which = _random.Next(_received[index].Count);
                _script[index].Use(_received[index][which], index == 0 ? (uint)_random.Next(1026) : _random.Next(50) == 0 ? 1u : 0);
                _received[index].RemoveAt(which);
                break;
            case 9 when _random.Next(20) == 0:
                Scribble(index);
                break;
            case 10:
                _port.FlushInput();
                break;
            case 11:
                _line.Room = _random.Next(3000);
                _port.ResumeInput();
                break;
            default:
                _script.Interrupt(index);
                break;
        }
    }

    private void Scribble(int index)
    {
        Span<byte> rubbish = stackalloc byte[_random.Next(1, 5)];
        _random.NextBytes(rubbish);
        var queue = _script[index].Queue;
        var (start, length) = _random.Next(3) switch
        {
            0 => (queue.DescriptorAddress, queue.Size * 16),
            1 => (queue.AvailableAddress, 6 + queue.Size * 2),
            _ => (queue.UsedAddress, 6 + queue.Size * 8),
        };
        DeviceBus.Write(start + (ulong)_random.Next(length - rubbish.Length), rubbish);
    }
}
