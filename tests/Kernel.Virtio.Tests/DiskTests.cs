// SPDX-License-Identifier: MPL-2.0
using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using Kernel.Abstractions;
using Kernel.Abstractions.Block;
using Kernel.Abstractions.Files;
using Kernel.Block;
using Kernel.Drivers.VirtioBlock;
using NSubstitute;
using Ostd.Devices;
using Ostd.Hosting;
using Xunit;

namespace Kernel.Virtio.Tests;

/// <summary>The disk driver over a device that keeps to the rules, and over one that does not.</summary>
public sealed class DiskTests
{
    private const ulong BlockSizeFeature = 1 << 6;
    private const ulong SizeMaxFeature = 1 << 1;

    private readonly ScriptedDevice _script = new();
    private readonly IBlockDevices _disks = Substitute.For<IBlockDevices>();
    private readonly byte[] _medium = new byte[64 * 512];
    private IBlockDriver? _disk;

    public DiskTests()
    {
        SetConfiguration(64, 512, uint.MaxValue);
        new Random(7).NextBytes(_medium);
        _disks.Add(Arg.Any<string>(), Arg.Do<IBlockDriver>(disk => _disk = disk)).Returns(Result<string>.Ok("vda"));
    }

    [Fact]
    public void ReadsAndWrites_ReachTheMedium()
    {
        Assert.Equal(Errno.Success, Attach());
        var request = NewRequest();
        Assert.Equal(Errno.Success, Run(request, BlockOperation.Read, 3, 1024));
        Assert.Equal(_medium.AsSpan(3 * 512, 1024).ToArray(), ContentOf(request, 1024));
        request.Buffer.WriteUInt64(8, 0x0123_4567_89ab_cdef);
        Assert.Equal(Errno.Success, Run(request, BlockOperation.Write, 10, 512));
        Assert.Equal(0x0123_4567_89ab_cdefUL, BinaryPrimitives.ReadUInt64LittleEndian(_medium.AsSpan(10 * 512 + 8)));
        Assert.Equal(Errno.Success, Run(request, BlockOperation.Flush, 0, 0));
    }

    [Fact]
    public void RequestsBeyondTheQueue_AreErrors_AndTheRestGoesOn()
    {
        _script.MaxQueueSize = 8;
        Assert.Equal(Errno.Success, Attach());
        var count = _disk!.Geometry.MaxRequests;
        Assert.Equal(2, count);
        var requests = new List<BlockRequest>();
        for (var i = 0; i <= count; i++)
        {
            requests.Add(NewRequest());
            requests[i].Prepare(BlockOperation.Read, i, 512);
            _disk.Start(requests[i]);
        }

        Assert.Equal(Errno.EIO, requests[count].Wait());
        Serve();
        Assert.Equal(Errno.Success, requests[0].Wait());
        Assert.Equal(Errno.Success, requests[1].Wait());
    }

    [Theory]
    [InlineData(0, 513u, true)]
    [InlineData(0, 512u, false)]
    [InlineData(0, 1u, false)]
    [InlineData(1, 513u, false)]
    [InlineData(2, 513u, false)]
    [InlineData(200, 513u, false)]
    [InlineData(-1, 513u, false)]
    public void Read_CountsOnlyWhenStatusAndLengthAgree(int status, uint length, bool isGood)
    {
        Assert.Equal(Errno.Success, Attach());
        var request = NewRequest();
        request.Prepare(BlockOperation.Read, 0, 512);
        _disk!.Start(request);
        Assert.True(_script.TryReceive(out var head));
        if (status >= 0)
        {
            DeviceBus.Write(_script.PartsOf(head)[^1].Address, [(byte)status]);
        }

        _script.Use(head, length);
        _script.Interrupt();
        Assert.Equal(isGood ? Errno.Success : Errno.EIO, request.Wait());
        Assert.Equal(Errno.Success, Run(request, BlockOperation.Read, 0, 512));
    }

    [Fact]
    public void BrokenDevice_EndsAllRequests()
    {
        Assert.Equal(Errno.Success, Attach());
        BlockRequest[] requests = [NewRequest(), NewRequest()];
        foreach (var request in requests)
        {
            request.Prepare(BlockOperation.Read, 0, 512);
            _disk!.Start(request);
        }

        _script.Forced = DeviceStatus.NeedsReset;
        _script.InterruptConfiguration();
        Assert.Equal(Errno.EIO, requests[0].Wait());
        Assert.Equal(Errno.EIO, requests[1].Wait());
        Assert.Equal(Errno.EIO, Run(requests[0], BlockOperation.Read, 0, 512));
    }

    [Fact]
    public void DeviceThatIsTooOld_OrDoesNotAgree_IsRefused()
    {
        _script.Features = 0;
        Assert.Equal(Errno.EPROTO, Attach());
        _script.Features = ScriptedDevice.Version1;
        _script.Hidden = DeviceStatus.FeaturesOk;
        Assert.Equal(Errno.EPROTO, Attach());
        Assert.Null(_disk);
    }

    [Fact]
    public void DeviceThatWouldBypassTheIommu_IsRefused()
    {
        _script.IsBehindIommu = true;
        Assert.Equal(Errno.EPERM, Attach());
        Assert.Null(_disk);
        _script.Features |= ScriptedDevice.AccessPlatform;
        Assert.Equal(Errno.Success, Attach());
        Assert.Equal(ScriptedDevice.AccessPlatform, _script.Accepted & ScriptedDevice.AccessPlatform);
    }

    [Fact]
    public void DeviceThatNeverFinishesItsReset_IsRefused()
    {
        _script.Forced = DeviceStatus.DriverOk;
        Assert.Equal(Errno.EIO, Attach());
    }

    [Fact]
    public void ConfigurationThatNeverStandsStill_IsRefused()
    {
        byte generation = 0;
        _script.NextGeneration = () => generation++;
        Assert.Equal(Errno.EPROTO, Attach());
    }

    [Fact]
    public void ConfigurationTooShort_IsRefused()
    {
        _script.Configuration = new byte[7];
        Assert.Equal(Errno.EPROTO, Attach());
    }

    [Fact]
    public void NoQueue_IsRefused()
    {
        _script.MaxQueueSize = 0;
        Assert.Equal(Errno.ENODEV, Attach());
    }

    [Theory]
    [InlineData(1UL << 63, 512u, uint.MaxValue)]
    [InlineData(ulong.MaxValue, 512u, uint.MaxValue)]
    [InlineData(1UL << 55, 512u, uint.MaxValue)]
    [InlineData(64UL, 0u, uint.MaxValue)]
    [InlineData(64UL, 513u, uint.MaxValue)]
    [InlineData(64UL, 8192u, uint.MaxValue)]
    [InlineData(64UL, 0x8000_0000u, uint.MaxValue)]
    [InlineData(65UL, 4096u, uint.MaxValue)]
    [InlineData(64UL, 512u, 0u)]
    [InlineData(64UL, 512u, 4095u)]
    public void ImpossibleGeometry_IsRefused(ulong capacity, uint blockSize, uint sizeMax)
    {
        var registry = Substitute.For<IDeviceRegistry>();
        var error = Attach(new BlockDevices(registry), capacity, blockSize, sizeMax);
        Assert.Equal(Errno.EINVAL, error);
        registry.DidNotReceiveWithAnyArgs().RegisterBlock(default!, default, default, default!);
    }

    [Theory]
    [InlineData(0UL, 512u)]
    [InlineData(1UL << 54, 512u)]
    [InlineData(64UL, 4096u)]
    public void OddButPossibleGeometry_IsTaken(ulong capacity, uint blockSize)
    {
        var registry = Substitute.For<IDeviceRegistry>();
        registry.RegisterBlock(default!, default, default, default!).ReturnsForAnyArgs(Errno.Success);
        var error = Attach(new BlockDevices(registry), capacity, blockSize, uint.MaxValue);
        Assert.Equal(capacity > long.MaxValue / 512 ? Errno.EINVAL : Errno.Success, error);
    }

    [Fact]
    public void RandomLies_NeverHangOrThrow()
    {
        for (var seed = 1; seed <= 200; seed++)
        {
            new LyingDisk(seed).Run();
        }
    }

    private Errno Attach(IBlockDevices? disks = null)
    {
        return new VirtioDevice(_script).Attach(new VirtioBlockDriver(disks ?? _disks));
    }

    private Errno Attach(IBlockDevices disks, ulong capacity, uint blockSize, uint sizeMax)
    {
        SetConfiguration(capacity, blockSize, sizeMax);
        _script.Features |= BlockSizeFeature | SizeMaxFeature;
        return Attach(disks);
    }

    private void SetConfiguration(ulong capacity, uint blockSize, uint sizeMax)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_script.Configuration, capacity);
        BinaryPrimitives.WriteUInt32LittleEndian(_script.Configuration.AsSpan(8), sizeMax);
        BinaryPrimitives.WriteUInt32LittleEndian(_script.Configuration.AsSpan(20), blockSize);
    }

    private static BlockRequest NewRequest()
    {
        Assert.True(DmaCoherent.TryAllocate(4096, out var buffer));
        return new BlockRequest(buffer);
    }

    private static byte[] ContentOf(BlockRequest request, int length)
    {
        var content = new byte[length];
        _ = request.Buffer.Reader(0, length).Read(content);
        return content;
    }

    private Errno Run(BlockRequest request, BlockOperation operation, long sector, int length)
    {
        request.Prepare(operation, sector, length);
        _disk!.Start(request);
        Serve();
        return request.Wait();
    }

    // The device does what it is told.
    private void Serve()
    {
        Span<byte> header = stackalloc byte[16];
        while (_script.TryReceive(out var head))
        {
            var parts = _script.PartsOf(head);
            DeviceBus.Read(parts[0].Address, header);
            var at = (int)BinaryPrimitives.ReadUInt64LittleEndian(header[8..]) * 512;
            uint written = 1;
            switch (BinaryPrimitives.ReadUInt32LittleEndian(header))
            {
                case 0:
                    DeviceBus.Write(parts[1].Address, _medium.AsSpan(at, (int)parts[1].Length));
                    written += parts[1].Length;
                    break;
                case 1:
                    DeviceBus.Read(parts[1].Address, _medium.AsSpan(at, (int)parts[1].Length));
                    break;
                default:
                    break;
            }

            DeviceBus.Write(parts[^1].Address, [0]);
            _script.Use(head, written);
        }

        _script.Interrupt();
    }
}
