// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;
using System.Linq;
using FsCheck.Xunit;
using Ostd.Memory;
using Xunit;

namespace Kernel.Ipc.Tests;

public class PipeBufferTests
{
    private const int Capacity = 16384;

    [Fact]
    public void Fill_PastTheCapacity_TakesWhatFits()
    {
        var buffer = new PipeBuffer(Capacity);
        var source = new VmReader(new byte[Capacity + 100]);

        Assert.Equal(Capacity, buffer.Fill(ref source, int.MaxValue));
        Assert.Equal(0, buffer.Free);
        Assert.Equal(100, source.Remaining);
        buffer.Clear();
    }

    [Fact]
    public void Clear_GivesTheFramesBack()
    {
        var free = PhysicalMemory.FreePages;
        var buffer = new PipeBuffer(Capacity);
        var source = new VmReader(new byte[Capacity]);
        buffer.Fill(ref source, int.MaxValue);
        Assert.Equal(free - Capacity / Paging.PageSizeBytes, PhysicalMemory.FreePages);

        buffer.Clear();

        Assert.Equal(free, PhysicalMemory.FreePages);
    }

    [Fact]
    public void Drain_KeepsOneSpareFrameAtMost()
    {
        var free = PhysicalMemory.FreePages;
        var buffer = new PipeBuffer(Capacity);
        var source = new VmReader(new byte[Capacity]);
        buffer.Fill(ref source, int.MaxValue);
        var destination = new VmWriter(new byte[Capacity]);

        buffer.Drain(ref destination);

        Assert.Equal(free - 1, PhysicalMemory.FreePages);
        buffer.Clear();
    }

    /// <summary>Any sequence of fills, drains, peeks, discards, take-backs and resizes behaves as a plain queue of bytes does.</summary>
    [Property(MaxTest = 200)]
    public void AnyOperations_AgreeWithAQueue((byte Kind, ushort Size)[] operations)
    {
        var free = PhysicalMemory.FreePages;
        var buffer = new PipeBuffer(Capacity);
        var model = new List<byte>();
        byte next = 0;
        foreach (var (kind, rawSize) in operations)
        {
            var size = rawSize % (Capacity + Capacity / 2);
            switch (kind % 6)
            {
                case 0 or 1:
                    var bytes = new byte[size];
                    for (var i = 0; i < size; i++)
                    {
                        bytes[i] = next++;
                    }

                    var source = new VmReader(bytes);
                    var taken = buffer.Fill(ref source, int.MaxValue);
                    Assert.Equal(Math.Min(size, taken), taken);
                    Assert.True(taken == size || buffer.Free == 0);
                    model.AddRange(bytes.Take(taken));
                    break;
                case 2:
                    var drained = new byte[size];
                    var destination = new VmWriter(drained);
                    var count = buffer.Drain(ref destination);
                    Assert.Equal(Math.Min(size, model.Count), count);
                    Assert.Equal(model.Take(count), drained.Take(count));
                    model.RemoveRange(0, count);
                    break;
                case 3:
                    var seen = new byte[size];
                    var window = new VmWriter(seen);
                    var peeked = buffer.Peek(ref window);
                    Assert.Equal(model.Take(size), seen.Take(peeked));
                    break;
                case 4:
                    var dropped = Math.Min(size, model.Count);
                    buffer.Discard(dropped);
                    model.RemoveRange(0, dropped);
                    break;
                default:
                    var back = Math.Min(size, model.Count);
                    buffer.TakeBack(back);
                    model.RemoveRange(model.Count - back, back);
                    break;
            }

            Assert.Equal(model.Count, buffer.Count);
        }

        buffer.Clear();
        Assert.Equal(free, PhysicalMemory.FreePages);
    }
}
