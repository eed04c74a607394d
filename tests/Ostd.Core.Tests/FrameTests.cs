// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;
using Ostd.Memory;
using Xunit;

namespace Ostd.Core.Tests;

public class FrameTests
{
    [Fact]
    public void Allocate_GivesAZeroedFrameWithOneReference()
    {
        Assert.True(Frame.TryAllocateUninitialized(out Frame dirty));
        dirty.Fill(0, Paging.PageSizeBytes, 0xaa);
        dirty.Release();

        Assert.True(Frame.TryAllocate(out Frame frame));

        byte[] bytes = new byte[Paging.PageSizeBytes];
        frame.Read(0, bytes);
        Assert.Equal(1, frame.ReferenceCount);
        Assert.True(bytes.AsSpan().IndexOfAnyExcept((byte)0) < 0);
        frame.Release();
    }

    [Fact]
    public void Release_OfTheLastReference_MakesTheHandleStale()
    {
        Assert.True(Frame.TryAllocate(out Frame frame));
        frame.Share();
        frame.Release();
        Assert.Equal(1, frame.ReferenceCount);
        frame.Release();

        Assert.Throws<InvalidOperationException>(() => frame.Release());
        Assert.Throws<InvalidOperationException>(() => frame.Read(0, new byte[1]));
        Assert.Throws<InvalidOperationException>(() => default(Frame).Share());
    }

    [Fact]
    public void StaleHandle_DoesNotReachThePageAgain()
    {
        Assert.True(Frame.TryAllocate(out Frame old));
        old.Release();
        Assert.True(Frame.TryAllocate(out Frame young));

        Assert.Equal(old.PageNumber, young.PageNumber);
        Assert.NotEqual(old, young);
        Assert.Throws<InvalidOperationException>(() => old.Write(0, [1]));
        young.Release();
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(4096, 1)]
    [InlineData(4090, 7)]
    [InlineData(1, int.MaxValue)]
    public void Reader_OutsideTheFrame_Throws(int offset, int length)
    {
        Assert.True(Frame.TryAllocate(out Frame frame));
        Assert.Throws<ArgumentOutOfRangeException>(() => frame.Reader(offset, length).Remaining);
        frame.Release();
    }

    [Fact]
    public void AllocatorOfAllMemory_FailsCleanlyAndGivesAllBack()
    {
        long before = PhysicalMemory.FreePages;
        var frames = new List<Frame>();
        while (Frame.TryAllocateUninitialized(out Frame frame))
        {
            frames.Add(frame);
        }
        // The rest is kept for the kernel.
        Assert.Equal(FrameAllocator.ReservePages, PhysicalMemory.FreePages);
        Assert.Equal(before - FrameAllocator.ReservePages, frames.Count);
        foreach (Frame frame in frames)
        {
            frame.Release();
        }
        Assert.Equal(before, PhysicalMemory.FreePages);
    }

    [Fact]
    public void Runs_AfterFragmentation_MergeToLargeOnes()
    {
        long before = PhysicalMemory.FreePages;
        var random = new Random(1);
        var runs = new List<(uint First, uint Count)>();
        for (int round = 0; round < 20_000; round++)
        {
            if (runs.Count > 0 && random.Next(2) == 0)
            {
                int index = random.Next(runs.Count);
                FrameRun.Free(runs[index].First, runs[index].Count);
                runs.RemoveAt(index);
            }
            else
            {
                uint count = (uint)random.Next(1, 100);
                uint first = FrameAllocator.AllocateRun(count, FrameState.Heap);
                Assert.NotEqual(0u, first);
                runs.Add((first, count));
            }
        }
        foreach ((uint first, uint count) in runs)
        {
            FrameRun.Free(first, count);
        }
        Assert.Equal(before, PhysicalMemory.FreePages);
        uint largest = FrameRun.LargestFree();
        Assert.True(largest >= 1024);
        uint large = FrameAllocator.AllocateRun(largest, FrameState.Heap);
        Assert.NotEqual(0u, large);
        FrameRun.Free(large, largest);
        Assert.Equal(before, PhysicalMemory.FreePages);
    }

    [Fact]
    public void ReaderToWriter_CopiesBetweenFrames()
    {
        Assert.True(Frame.TryAllocate(out Frame from));
        Assert.True(Frame.TryAllocate(out Frame to));
        from.Write(10, "hello"u8);
        VmReader reader = from.Reader(10, 5);
        VmWriter writer = to.Writer(4091, 5);

        Assert.Equal(5, reader.CopyTo(ref writer));

        byte[] bytes = new byte[5];
        to.Read(4091, bytes);
        Assert.Equal("hello"u8.ToArray(), bytes);
        Assert.Equal(0, writer.Remaining);
        from.Release();
        to.Release();
    }
}
