// SPDX-License-Identifier: MPL-2.0
using System;
using System.Threading;
using Kernel.Abstractions;
using Kernel.Abstractions.Devices;
using Ostd.Devices;
using Xunit;

namespace Kernel.Virtio.Tests;

/// <summary>The queue over a device that keeps to the rules, and over one that does not.</summary>
public sealed class VirtqueueTests : IVirtqueueHandler
{
    private readonly ScriptedDevice _script = new();
    private readonly VirtioDevice _device;
    private readonly IVirtqueue _queue;
    private readonly DmaCoherent _memory;
    private int _broken;

    public VirtqueueTests()
    {
        _device = new VirtioDevice(_script);
        Assert.True(_device.Negotiate(0).IsOk);
        var created = _device.CreateQueue(0, 8, this);
        Assert.True(created.IsOk);
        _queue = created.Value;
        Assert.True(DmaCoherent.TryAllocate(4096, out var memory));
        _memory = memory;
    }

    void IVirtqueueHandler.OnUsed(IVirtqueue queue)
    {
    }

    void IVirtqueueHandler.OnBroken(bool isQuiet) => Interlocked.Increment(ref _broken);

    [Fact]
    public void Requests_ComeAsTheyWereGiven_AndGoInAnyOrder()
    {
        Assert.True(_queue.TryAdd([VirtioBuffer.ToDevice(_memory, 0, 16), VirtioBuffer.FromDevice(_memory, 64, 100), VirtioBuffer.FromDevice(_memory, 200, 1)], 11));
        Assert.True(_queue.TryAdd([VirtioBuffer.FromDevice(_memory, 300, 7)], 22));
        Assert.Equal(4, _queue.FreeCount);
        Assert.False(_queue.TryTake(out _, out _));

        Assert.True(_script.TryReceive(out var first));
        Assert.True(_script.TryReceive(out var second));
        Assert.Equal(
            [new DevicePart(_memory.DeviceAddress, 16, false), new DevicePart(_memory.DeviceAddress + 64, 100, true), new DevicePart(_memory.DeviceAddress + 200, 1, true)],
            _script.PartsOf(first));
        _script.Use(second, 7);
        _script.Use(first, 50);
        Assert.True(_queue.TryTake(out var token, out var length));
        Assert.Equal((22, 7u), (token, length));
        Assert.True(_queue.TryTake(out token, out length));
        Assert.Equal((11, 50u), (token, length));
        Assert.Equal(8, _queue.FreeCount);
        Assert.False(_device.IsBroken);
    }

    [Fact]
    public void Indices_WrapAround()
    {
        for (var i = 0; i < 70_000; i++)
        {
            Assert.True(_queue.TryAdd([VirtioBuffer.ToDevice(_memory, 0, 1), VirtioBuffer.FromDevice(_memory, 8, 8)], i));
            Assert.True(_script.TryReceive(out var head));
            _script.Use(head, 8);
            Assert.True(_queue.TryTake(out var token, out _));
            Assert.Equal(i, token);
        }

        Assert.Equal(8, _queue.FreeCount);
    }

    [Fact]
    public void FullQueue_TakesNoMore()
    {
        for (var i = 0; i < 8; i++)
        {
            Assert.True(_queue.TryAdd([VirtioBuffer.ToDevice(_memory, 0, 1)], i));
        }

        Assert.False(_queue.TryAdd([VirtioBuffer.ToDevice(_memory, 0, 1)], 8));
    }

    [Fact]
    public void Buffers_StayWithinTheirMemory_AndInOrder()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => VirtioBuffer.ToDevice(_memory, 4000, 97));
        Assert.Throws<ArgumentOutOfRangeException>(() => VirtioBuffer.ToDevice(_memory, -1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => VirtioBuffer.FromDevice(_memory, 0, 0));
        Assert.Throws<ArgumentException>(() => _queue.TryAdd([VirtioBuffer.FromDevice(_memory, 0, 1), VirtioBuffer.ToDevice(_memory, 0, 1)], 1));
    }

    [Theory]
    [InlineData("an id beyond the queue")]
    [InlineData("an id of no request")]
    [InlineData("an id inside of a request")]
    [InlineData("an id twice")]
    [InlineData("more bytes than there is room")]
    [InlineData("an index that runs away")]
    [InlineData("an index that goes back")]
    public void Lie_EndsTheDeviceAndNothingElse(string lie)
    {
        Assert.True(_queue.TryAdd([VirtioBuffer.ToDevice(_memory, 0, 16), VirtioBuffer.FromDevice(_memory, 64, 100)], 5));
        Assert.True(_queue.TryAdd([VirtioBuffer.FromDevice(_memory, 300, 7)], 6));
        Assert.True(_script.TryReceive(out var first));
        var taken = 0;
        switch (lie)
        {
            case "an id beyond the queue":
                _script.Use(0xffff_fff8, 1);
                break;
            case "an id of no request":
                _script.Use(7, 1);
                break;
            case "an id inside of a request":
                _script.Use(first + 1u, 1);
                break;
            case "an id twice":
                _script.Use(first, 1);
                _script.Use(first, 1);
                taken = 1;
                break;
            case "more bytes than there is room":
                _script.Use(first, 101);
                break;
            case "an index that runs away":
                _script.SetUsedIndex(3);
                break;
            default:
                _script.SetUsedIndex(0xffff);
                break;
        }

        for (var i = 0; i < taken; i++)
        {
            Assert.True(_queue.TryTake(out _, out _));
        }

        Assert.False(_queue.TryTake(out _, out _));
        Assert.True(_device.IsBroken);
        Assert.Equal(DeviceStatus.Reset, _script.Status);
        Assert.False(_queue.TryAdd([VirtioBuffer.ToDevice(_memory, 0, 1)], 7));
        var kicks = _script.Kicks;
        _queue.Kick();
        Assert.Equal(kicks, _script.Kicks);
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref _broken) == 1, 10_000));
    }

    [Fact]
    public void Broken_IsToldOnce()
    {
        _device.Fail("a test");
        _device.Fail("a test");
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref _broken) == 1, 10_000));
        Assert.Equal(1, Volatile.Read(ref _broken));
    }
}
