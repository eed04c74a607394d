// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;
using System.Threading;
using Kernel.Abstractions;
using Kernel.Abstractions.Block;
using Kernel.Abstractions.Files;
using Kernel.Block;
using Kernel.Drivers.VirtioBlock;
using NSubstitute;
using Ostd.Arch;
using Ostd.Devices;
using Ostd.Memory;
using Xunit;

namespace Kernel.Virtio.Tests;

/// <summary>Disks that take requests and never answer. Time is the tests' to put forward.</summary>
public sealed class SilentDiskTests
{
    private const int TimeoutMs = 20_000;

    private readonly ScriptedDevice _script = new();
    private readonly VirtioDevice _device;
    private readonly BlockDevices _devices;
    private readonly IBlockDevices _disks = Substitute.For<IBlockDevices>();
    private readonly List<(Thread Thread, StrongBox Result)> _readers = [];
    private BlockRange? _disk;

    public SilentDiskTests()
    {
        _script.Configuration[0] = 64;
        var registry = Substitute.For<IDeviceRegistry>();
        registry.RegisterBlock(default!, default, default, Arg.Do<IBlockDevice>(disk => _disk = (BlockRange)disk)).ReturnsForAnyArgs(Errno.Success);
        _device = new VirtioDevice(_script);
        _devices = new BlockDevices(registry);
        Assert.Equal(Errno.Success, _device.Attach(new VirtioBlockDriver(_devices)));
    }

    [Fact]
    public void SearchForPartitions_OfASilentDisk_EndsAfterThirtySeconds()
    {
        var scan = new Thread(_devices.FindPartitions) { IsBackground = true };
        scan.Start();
        WaitForRequests(1);
        TimeStampCounter.Skip(30);
        Assert.True(scan.Join(TimeoutMs), "the search hangs");
        Assert.Single(_devices.GetRanges());
        Assert.True(_device.IsBroken);
    }

    [Fact]
    public void Request_ThatIsNeverAnswered_FailsAfterThirtySeconds_AndTheDeviceIsReset()
    {
        StartReader();
        WaitForRequests(1);
        TimeStampCounter.Skip(20);
        Thread.Sleep(50);
        Assert.False(_device.IsBroken);
        Assert.True(_readers[0].Thread.IsAlive);
        TimeStampCounter.Skip(10);
        Assert.Equal(Errno.EIO, ResultOf(0));
        Assert.True(_device.IsBroken);
        Assert.Equal(DeviceStatus.Reset, _script.Status);
        Assert.False(_script.IsIsolated);
        Assert.Equal(Errno.EIO, Read());
    }

    [Fact]
    public void Request_IsEndedOnlyWhenTheDeviceHasAcknowledgedItsReset()
    {
        StartReader();
        WaitForRequests(1);
        var reads = 0;
        var wasWaiting = false;
        _script.Forced = DeviceStatus.DriverOk;
        _script.OnReadStatus = () =>
        {
            if (++reads == 5)
            {
                wasWaiting = _readers[0].Thread.IsAlive;
                _script.Forced = 0;
            }
        };
        TimeStampCounter.Skip(30);
        Assert.Equal(Errno.EIO, ResultOf(0));
        Assert.True(wasWaiting);
        Assert.False(_script.IsIsolated);
    }

    [Fact]
    public void MemoryOfADevice_ThatDoesNotAcknowledgeItsReset_IsNeverUsedAgain()
    {
        // As many readers as the disk has requests, and one that waits for its turn.
        for (var i = 0; i < 5; i++)
        {
            StartReader();
        }

        WaitForRequests(4);
        _script.Forced = DeviceStatus.DriverOk;
        TimeStampCounter.Skip(30);
        Assert.True(SpinWait.SpinUntil(() => _device.IsBroken, TimeoutMs));
        TimeStampCounter.Skip(1);
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(Errno.EIO, ResultOf(i));
        }

        Assert.True(_script.IsIsolated);

        // No request is left for anybody.
        Assert.Equal(Errno.EIO, Read());
        Assert.Equal(Errno.EIO, Write());
    }

    [Fact]
    public void AbandonedRequest_IsNotGivenOutAgain()
    {
        var pool = RequestPool.TryCreate(2, 4096)!;
        var lost = pool.Rent()!;
        lost.Prepare(BlockOperation.Read, 0, 512);
        lost.Abandon();
        Assert.Equal(Errno.EIO, lost.Wait());
        pool.Return(lost);
        for (var i = 0; i < 3; i++)
        {
            var other = pool.Rent()!;
            Assert.NotSame(lost, other);
            pool.Return(other);
        }
    }

    [Fact]
    public void Expiry_OfARequestThatWasAnsweredAtTheLastMoment_LeavesTheDiskAlone()
    {
        var driver = new VirtioDisk(_device);
        Assert.True(DmaCoherent.TryAllocate(4096, out var memory));
        driver.Expire(new BlockRequest(memory));
        Assert.False(_device.IsBroken);
    }

    private void StartReader()
    {
        var result = new StrongBox();
        var thread = new Thread(() => result.Error = Read()) { IsBackground = true };
        _readers.Add((thread, result));
        thread.Start();
    }

    private Errno ResultOf(int reader)
    {
        Assert.True(_readers[reader].Thread.Join(TimeoutMs), "the reader hangs");
        return _readers[reader].Result.Error;
    }

    private void WaitForRequests(int count)
    {
        var seen = 0;
        Assert.True(SpinWait.SpinUntil(
            () =>
            {
                seen += _script.TryReceive(out _) ? 1 : 0;
                return seen == count;
            },
            TimeoutMs));

        // They have given the request to the device, and are about to wait for it.
        Thread.Sleep(20);
    }

    private Errno Read()
    {
        var destination = new VmWriter(new byte[512]);
        return _disk!.Read(ref destination, 0).Error;
    }

    private Errno Write()
    {
        var source = new VmReader(new byte[512]);
        return _disk!.Write(ref source, 0).Error;
    }

    private sealed class StrongBox
    {
        public Errno Error { get; set; }
    }
}
