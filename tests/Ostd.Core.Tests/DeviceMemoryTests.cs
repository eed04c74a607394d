// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Arch;
using Ostd.Devices;
using Ostd.Memory;
using Xunit;

namespace Ostd.Core.Tests;

/// <summary>What a driver can have of a machine's memory, and what it cannot.</summary>
public sealed class DeviceMemoryTests
{
    [Theory]
    [InlineData(0UL)]
    [InlineData(0x10_0000UL)]
    [InlineData(PhysicalMap.SizeBytes - 4096)]
    [InlineData(PhysicalMap.SizeBytes - 1)]
    public void Memory_IsNoDevice(ulong address) => Assert.False(IoMem.TryAcquire(address, 4096, out _));

    [Theory]
    [InlineData(0UL, 4096)]
    [InlineData(4092UL, 4)]
    [InlineData(0UL, 1)]
    public void InterruptController_IsNoDrivers(ulong offset, int length) =>
        Assert.False(IoMem.TryAcquire(DeviceMemory.Start + DeviceMemory.SensitiveOffset + offset, length, out _));

    [Fact]
    public void RangeAcrossTheInterruptController_IsRefused() =>
        Assert.False(IoMem.TryAcquire(DeviceMemory.Start + DeviceMemory.SensitiveOffset - 4096, 3 * 4096, out _));

    [Theory]
    [InlineData(ulong.MaxValue - 4095, 4096)]
    [InlineData(ulong.MaxValue, 1)]
    [InlineData(1UL << 52, 4096)]
    [InlineData(DeviceMemory.Start, 0)]
    [InlineData(DeviceMemory.Start, -1)]
    public void ImpossibleRange_IsRefused(ulong address, int length) => Assert.False(IoMem.TryAcquire(address, length, out _));

    [Fact]
    public void Range_HasOneOwner()
    {
        Assert.True(IoMem.TryAcquire(DeviceMemory.Start + 0x100, 0x100, out IoMem? first));
        Assert.False(IoMem.TryAcquire(DeviceMemory.Start + 0x1ff, 1, out _));
        Assert.False(IoMem.TryAcquire(DeviceMemory.Start, 0x1000, out _));
        Assert.True(IoMem.TryAcquire(DeviceMemory.Start + 0x200, 0x100, out IoMem? second));
        first.Dispose();
        Assert.Throws<ObjectDisposedException>(() => first.Register<byte>(0));
        Assert.True(IoMem.TryAcquire(DeviceMemory.Start + 0x100, 0x100, out IoMem? again));
        first.Dispose();
        Assert.False(IoMem.TryAcquire(DeviceMemory.Start + 0x100, 1, out _));
        again.Dispose();
        second.Dispose();
    }

    [Fact]
    public void Register_IsReadAndWrittenAtItsSize()
    {
        Assert.True(IoMem.TryAcquire(DeviceMemory.Start + 0x4000, 16, out IoMem? memory));
        memory.Register<ulong>(8).Write(0x0123_4567_89ab_cdef);
        Assert.Equal(0x0123_4567_89ab_cdefUL, memory.Register<ulong>(8).Read());
        Assert.Equal(0x89ab_cdefu, memory.Register<uint>(8).Read());
        Assert.Equal((ushort)0x4567, memory.Register<ushort>(12).Read());
        Assert.Equal((byte)0x01, memory.Register<byte>(15).Read());
        memory.Register<byte>(8).Write(0xff);
        memory.Register<ushort>(10).Write(0xeeee);
        memory.Register<uint>(12).Write(0xdddd_dddd);
        Assert.Equal(0xdddd_dddd_eeee_cdffUL, memory.Register<ulong>(8).Read());
        memory.Dispose();
    }

    [Fact]
    public void Register_OutsideOfTheRange_OrNotAligned_OrOfAnotherType_IsRefused()
    {
        Assert.True(IoMem.TryAcquire(DeviceMemory.Start + 0x5002, 10, out IoMem? memory));
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.Register<byte>(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.Register<byte>(10));
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.Register<ushort>(9));
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.Register<uint>(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.Register<uint>(7));
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.Register<ulong>(int.MinValue));
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.Register<ulong>(int.MaxValue - 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.Register<byte>(int.MaxValue));
        Assert.Throws<NotSupportedException>(() => memory.Register<int>(2));
        Assert.Throws<NotSupportedException>(() => memory.Register<Guid>(0));
        memory.Register<uint>(2).Write(1);
        memory.Dispose();
        Assert.Throws<ObjectDisposedException>(() => memory.Register<uint>(2));
    }

    [Fact]
    public void CoherentMemory_IsZeroContiguousAndChecked()
    {
        Assert.True(DmaCoherent.TryAllocate(5000, out DmaCoherent? memory));
        Assert.Equal(8192, memory.Length);
        Assert.Equal(0UL, memory.DeviceAddress % 4096);
        Assert.Equal(0UL, memory.ReadUInt64(8184));
        memory.WriteUInt32(4096, 0xaabb_ccdd);
        Assert.Equal((ushort)0xaabb, memory.ReadUInt16(4098));
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.ReadUInt64(8188));
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.ReadUInt16(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.WriteByte(8192, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.Reader(8000, 193));
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.Writer(-1, 1));
    }

    [Fact]
    public void CoherentMemory_IsNobodyElses()
    {
        Assert.True(DmaCoherent.TryAllocate(4096, out DmaCoherent? first));
        Assert.True(DmaCoherent.TryAllocate(4096, out DmaCoherent? second));
        Assert.NotEqual(first.DeviceAddress, second.DeviceAddress);
        Assert.False(IoMem.TryAcquire(first.DeviceAddress, 4096, out _));
    }

    [Fact]
    public void LentFrame_StaysUntilItIsTakenBack()
    {
        Assert.True(Frame.TryAllocate(out Frame frame));
        var stream = new DmaStream();
        Assert.Throws<InvalidOperationException>(() => stream.DeviceAddress);
        stream.Map(frame, DmaDirection.FromDevice);
        Assert.Equal(2, frame.ReferenceCount);
        Assert.Throws<InvalidOperationException>(() => stream.Map(frame, DmaDirection.Both));
        Assert.Equal(frame.PageNumber << 12, stream.DeviceAddress);
        stream.SyncFromDevice();
        Assert.Throws<InvalidOperationException>(stream.SyncToDevice);
        frame.Release();
        Assert.Equal(1, frame.ReferenceCount);
        stream.Unmap();
        Assert.Throws<InvalidOperationException>(() => frame.ReferenceCount);
        Assert.Throws<InvalidOperationException>(stream.Unmap);
        Assert.Throws<InvalidOperationException>(() => stream.Map(frame, DmaDirection.Both));
    }

    [Fact]
    public void LentFrame_ReleasedTooOften_StaysTheDevices()
    {
        Assert.True(Frame.TryAllocate(out Frame frame));
        var stream = new DmaStream();
        stream.Map(frame, DmaDirection.FromDevice);
        frame.Release();

        Assert.Throws<InvalidOperationException>(frame.Release);

        Assert.Equal(1, frame.ReferenceCount);
        stream.Unmap();
    }

    [Fact]
    public void Unmap_InARace_GivesTheFrameBackOnce()
    {
        for (int round = 0; round < 2000; round++)
        {
            Assert.True(Frame.TryAllocate(out Frame frame));
            var stream = new DmaStream();
            stream.Map(frame, DmaDirection.FromDevice);
            int count = 0;
            System.Threading.Tasks.Parallel.For(0, 2, _ =>
            {
                try
                {
                    stream.Unmap();
                    System.Threading.Interlocked.Increment(ref count);
                }
                catch (InvalidOperationException)
                {
                }
            });
            Assert.Equal(1, count);
            Assert.Equal(1, frame.ReferenceCount);
            frame.Release();
        }
    }
}
