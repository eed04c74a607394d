// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;
using System.Threading;
using Kernel.Abstractions;
using Kernel.Abstractions.Block;
using Kernel.Drivers.VirtioBlock;
using NSubstitute;
using Ostd.Devices;
using Ostd.Hosting;
using Xunit;

namespace Kernel.Virtio.Tests;

/// <summary>A disk that tells the truth most of the time, and else writes whatever it likes to the memory that it shares with the driver. A seed decides.</summary>
internal sealed class LyingDisk
{
    private const int Steps = 300;
    private const int MaxOutstanding = 12;

    private static readonly BlockRequest[] s_requests = MakeRequests();

    private readonly Random _random;
    private readonly ScriptedDevice _script = new();
    private readonly VirtioDevice _device;
    private readonly List<ushort> _received = [];
    private readonly Stack<BlockRequest> _idle = new(s_requests);
    private readonly List<(BlockRequest Request, Thread Waiter)> _waiting = [];
    private IBlockDriver? _disk;

    public LyingDisk(int seed)
    {
        _random = new Random(seed);
        _script.Configuration[0] = 64;
        _device = new VirtioDevice(_script);
    }

    /// <summary>Lets it run: no exception, and in the end no request that is left alone.</summary>
    public void Run()
    {
        var disks = Substitute.For<IBlockDevices>();
        disks.Add(Arg.Any<string>(), Arg.Do<IBlockDriver>(disk => _disk = disk)).Returns(Result<string>.Ok("vda"));
        Assert.Equal(Errno.Success, _device.Attach(new VirtioBlockDriver(disks)));
        for (var step = 0; step < Steps; step++)
        {
            Step();
        }

        _device.Fail("the test is over");
        foreach (var (_, waiter) in _waiting)
        {
            Assert.True(waiter.Join(10_000), "a request was left alone");
        }
    }

    private static BlockRequest[] MakeRequests()
    {
        var requests = new BlockRequest[MaxOutstanding];
        for (var i = 0; i < requests.Length; i++)
        {
            Assert.True(DmaCoherent.TryAllocate(4096, out var buffer));
            requests[i] = new BlockRequest(buffer);
        }

        return requests;
    }

    private void Step()
    {
        switch (_random.Next(12))
        {
            case < 4 when _idle.Count > 0:
                Submit();
                break;
            case < 6:
                while (_script.TryReceive(out var head))
                {
                    _received.Add((ushort)(head % _script.Queue.Size));
                }

                break;
            case < 10 when _received.Count > 0:
                var index = _random.Next(_received.Count);
                _script.Use(_received[index], (uint)_random.Next(514));
                _received.RemoveAt(index);
                break;
            case 10 when _random.Next(20) == 0:
                Scribble();
                break;
            default:
                _script.Interrupt();
                break;
        }
    }

    private void Submit()
    {
        var request = _idle.Pop();
        request.Prepare((BlockOperation)_random.Next(2), _random.Next(64), 512);
        _disk!.Start(request);
        var waiter = new Thread(() => request.Wait()) { IsBackground = true };
        waiter.Start();
        _waiting.Add((request, waiter));
    }

    private void Scribble()
    {
        Span<byte> rubbish = stackalloc byte[_random.Next(1, 9)];
        _random.NextBytes(rubbish);
        var (start, length) = _random.Next(3) switch
        {
            0 => (_script.Queue.DescriptorAddress, _script.Queue.Size * 16),
            1 => (_script.Queue.AvailableAddress, 6 + _script.Queue.Size * 2),
            _ => (_script.Queue.UsedAddress, 6 + _script.Queue.Size * 8),
        };
        DeviceBus.Write(start + (ulong)_random.Next(length - rubbish.Length), rubbish);
    }
}
