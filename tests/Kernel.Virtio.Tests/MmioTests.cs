// SPDX-License-Identifier: MPL-2.0
using System;
using System.Buffers.Binary;
using System.Threading;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Devices;
using NSubstitute;
using Ostd.Devices;
using Ostd.Hosting;
using Xunit;

namespace Kernel.Virtio.Tests;

/// <summary>The transport without a bus, over registers that the test writes; and what the command line may say of such devices.</summary>
public sealed class MmioTests : IDisposable
{
    private const int Offset = 0x8000;
    private const int Length = 0x200;

    private readonly IoMem _registers;
    private readonly IVirtqueueHandler _handler = Substitute.For<IVirtqueueHandler>();
    private int _connections;

    public MmioTests()
    {
        Device.Clear();
        Write(0x000, 0x7472_6976);
        Write(0x004, 2);
        Write(0x008, 2);
        Write(0x010, 1); // both halves of the features: VERSION_1 in the upper one
        Write(0x034, 8);
        Assert.True(IoMem.TryAcquire(Address, Length, out var registers));
        _registers = registers;
    }

    private static Span<byte> Device => DeviceRegisters.Of(Address, Length);

    private static ulong Address => DeviceRegisters.Start + Offset;

    public void Dispose() => _registers.Dispose();

    [Fact]
    public void Device_OfVersion2_GoesIntoService()
    {
        var device = Open(out var transport);
        Assert.Equal(2, transport.DeviceId);
        Assert.Equal(Length - 0x100, transport.ConfigurationLength);
        Assert.Equal(1UL << 32, device.Negotiate(0).Value);
        Assert.Equal(1, _connections);
        var queue = device.CreateQueue(0, 64, _handler);
        Assert.Equal(8, queue.Value.Size);
        Assert.Equal(Errno.Success, device.Start());
        var made = (Virtqueue)queue.Value;
        Assert.Equal(made.DescriptorAddress, Read(0x080) | (ulong)Read(0x084) << 32);
        Assert.Equal(made.AvailableAddress, Read(0x090) | (ulong)Read(0x094) << 32);
        Assert.Equal(made.UsedAddress, Read(0x0a0) | (ulong)Read(0x0a4) << 32);
        Assert.Equal(8u, Read(0x038));
        Assert.Equal(1u, Read(0x044));
        Assert.Equal(15u, Read(0x070));
        Write(0x050, uint.MaxValue);
        queue.Value.Kick();
        Assert.Equal(0u, Read(0x050));
    }

    [Fact]
    public void Interrupt_IsAcknowledged_AndReachesTheQueue()
    {
        var device = Open(out var transport);
        _ = device.Negotiate(0);
        var queue = device.CreateQueue(0, 8, _handler).Value;
        Assert.Equal(Errno.Success, device.Start());
        Assert.False(transport.HandleInterrupt());
        _handler.DidNotReceiveWithAnyArgs().OnUsed(default!);
        Write(0x060, uint.MaxValue);
        Assert.True(transport.HandleInterrupt());
        Assert.Equal(3u, Read(0x064));
        _handler.Received(1).OnUsed(queue);
        Write(0x060, 2);
        Assert.True(transport.HandleInterrupt());
        _handler.Received(1).OnUsed(queue);
    }

    [Fact]
    public void SharedLine_WithADeviceThatAlwaysWantsSomething_IsLeft()
    {
        var device = Open(out var transport);
        _ = device.Negotiate(0);
        Assert.Equal(Errno.Success, device.Start());

        // Acknowledging changes nothing: these registers are memory.
        Write(0x060, 2);
        var handler = new Thread(() => VirtioLine.Serve([transport]));
        handler.Start();
        var hasLeft = handler.Join(TimeSpan.FromSeconds(20));
        Write(0x060, 0);
        handler.Join();
        Assert.True(hasLeft);
    }

    [Theory]
    [InlineData(0x000, 0u)]
    [InlineData(0x000, 0xffff_ffffu)]
    [InlineData(0x004, 1u)]
    [InlineData(0x004, 3u)]
    public void StrangeRegisters_AreRefused(int offset, uint value)
    {
        Write(offset, value);
        var reason = VirtioMmioTransport.TryOpen(_registers, "test", static _ => Errno.Success, out var transport);
        Assert.Null(transport);
        Assert.Equal(value == 1, reason!.Contains("legacy", StringComparison.Ordinal));
    }

    [Fact]
    public void TooFewRegisters_AreRefused()
    {
        Assert.True(IoMem.TryAcquire(Address + Length, 0xfc, out var few));
        using (few)
        {
            Assert.NotNull(VirtioMmioTransport.TryOpen(few, "test", static _ => Errno.Success, out _));
        }
    }

    [Fact]
    public void Queue_ThatIsInUse_OrOfAnImpossibleSize_IsNotTaken()
    {
        var device = Open(out _);
        _ = device.Negotiate(0);
        Write(0x044, 1);
        Assert.Equal(Errno.ENODEV, device.CreateQueue(0, 8, _handler).Error);
        Write(0x044, 0);
        Write(0x034, 0);
        Assert.Equal(Errno.ENODEV, device.CreateQueue(0, 8, _handler).Error);
        Write(0x034, uint.MaxValue);
        Assert.Equal(8, device.CreateQueue(0, 8, _handler).Value.Size);
    }

    [Fact]
    public void InterruptThatCannotBeHad_IsAnError()
    {
        Assert.Null(VirtioMmioTransport.TryOpen(_registers, "test", static _ => Errno.EBUSY, out var transport));
        Assert.Equal(Errno.EBUSY, new VirtioDevice(transport!).Negotiate(0).Error);
    }

    [Theory]
    [InlineData("512@0xfeb00000:5", 512, 0xfeb0_0000UL, 5)]
    [InlineData("4K@0xfeb00e00:12:0", 4096, 0xfeb0_0e00UL, 12)]
    [InlineData("0x200@4G:010:3", 512, 1UL << 32, 8)]
    public void Parameter_IsUnderstood(string text, int length, ulong address, int irq)
    {
        Assert.True(VirtioMmioParameter.TryParse(text, out var parameter));
        Assert.Equal(new VirtioMmioParameter(length, address, irq), parameter);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("512")]
    [InlineData("512@")]
    [InlineData("512@0xfeb00000")]
    [InlineData("512@0xfeb00000:")]
    [InlineData("512@0xfeb00000:5:")]
    [InlineData("512@0xfeb00000:5:0:1")]
    [InlineData("512@0xfeb00000:5x")]
    [InlineData("255@0xfeb00000:5")]
    [InlineData("2M@0xfeb00000:5")]
    [InlineData("512@0xfeb00001:5")]
    [InlineData("512@0xfeb00002:5")]
    [InlineData("-512@0xfeb00000:5")]
    [InlineData("512@0x10000000000000000:5")]
    [InlineData("512@18446744073709551616:5")]
    [InlineData("512@17179869184G:5")]
    [InlineData("512@0xfeb00000:4294967296")]
    public void Parameter_ThatMakesNoSense_IsRefused(string? text) => Assert.False(VirtioMmioParameter.TryParse(text, out _));

    [Fact]
    public void Bus_LeavesMemoryAndTheInterruptControllerAlone()
    {
        var driver = Substitute.For<IVirtioDriver>();
        var line = new KernelCommandLine("virtio_mmio.device=512@0x1000:5 virtio_mmio.device=512@0x" + DeviceRegisters.Sensitive.ToString("x") + ":5 virtio_mmio.device=junk");
        new VirtioMmioBus(line, [new VirtioDriverEntry(2, driver)]).Initialize();
        driver.DidNotReceiveWithAnyArgs().Attach(default!);
    }

    [Fact]
    public void Bus_OffersEachDeviceToTheDriverOfItsType()
    {
        // The bus keeps what it has given to a driver: these registers are this test's alone.
        var address = Address + 0x2000;
        Device.CopyTo(DeviceRegisters.Of(address, Length));
        var driver = Substitute.For<IVirtioDriver>();
        var other = Substitute.For<IVirtioDriver>();
        var line = new KernelCommandLine("virtio_mmio.device=512@0x" + address.ToString("x") + ":5 -- virtio_mmio.device=512@0:5");
        new VirtioMmioBus(line, [new VirtioDriverEntry(3, other), new VirtioDriverEntry(2, driver)]).Initialize();
        driver.Received(1).Attach(Arg.Any<IVirtioDevice>());
        other.DidNotReceiveWithAnyArgs().Attach(default!);
    }

    private VirtioDevice Open(out VirtioMmioTransport transport)
    {
        Assert.Null(VirtioMmioTransport.TryOpen(_registers, "test", _ => Connect(), out var opened));
        transport = opened!;
        return new VirtioDevice(opened!);
    }

    private Errno Connect()
    {
        _connections++;
        return Errno.Success;
    }

    private static uint Read(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(Device[offset..]);

    private static void Write(int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Device[offset..], value);
}
