// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;
using Ostd.Memory;
using Xunit;

namespace Ostd.Core.Tests;

/// <summary>Runs of untyped frames: contents across pages, and what a client can do with slices, frames and readers that outlive them.</summary>
public class SegmentTests : ActiveSpaceTests
{
    private const ulong Base = 0x4000_0000;
    private static readonly int s_page = Paging.PageSizeBytes;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(16)]
    public void Allocate_GivesZeroedPagesThatFollowOneAnother(int pageCount)
    {
        Assert.True(Segment.TryAllocateUninitialized(pageCount, out Segment? dirty));
        dirty.Fill(0, dirty.Length, 0xaa);
        dirty.Dispose();

        Assert.True(Segment.TryAllocate(pageCount, out Segment? segment));

        byte[] bytes = new byte[segment.Length];
        segment.Read(0, bytes);
        Assert.True(bytes.AsSpan().IndexOfAnyExcept((byte)0) < 0);
        Assert.Equal(pageCount, segment.PageCount);
        for (int i = 0; i < pageCount; i++)
        {
            Assert.Equal(segment[0].PageNumber + (uint)i, segment[i].PageNumber);
            Assert.Equal(1, segment[i].ReferenceCount);
        }

        segment.Dispose();
    }

    [Fact]
    public void Write_AcrossPages_IsWhatTheFramesHold()
    {
        Assert.True(Segment.TryAllocate(3, out Segment? segment));
        byte[] source = Pattern(2 * s_page);

        segment.Write(s_page / 2, source);

        byte[] back = new byte[source.Length];
        segment.Read(s_page / 2, back);
        Assert.Equal(source, back);
        byte[] middle = new byte[s_page];
        segment[1].Read(0, middle);
        Assert.Equal(source.AsSpan(s_page / 2, s_page).ToArray(), middle);
        segment.Dispose();
    }

    [Fact]
    public void ReaderAndWriter_CopyBetweenAllKindsOfMemory()
    {
        Assert.True(Segment.TryAllocate(3, out Segment? from));
        Assert.True(Segment.TryAllocate(4, out Segment? to));
        Map(Base, 3);
        byte[] source = Pattern(from.Length - 11);

        // Kernel to segment, segment to user, user to segment, segment to segment, segment to kernel: at odd offsets.
        var kernel = new VmReader(source);
        VmWriter writer = from.Writer(11, source.Length);
        Assert.Equal(source.Length, kernel.CopyTo(ref writer));
        VmReader reader = from.Reader(11, source.Length);
        writer = VmWriter.FromUser(Base + 7, source.Length);
        Assert.Equal(source.Length, reader.CopyTo(ref writer));
        from.Fill(0, from.Length, 0);
        reader = VmReader.FromUser(Base + 7, source.Length);
        writer = from.Writer(3, source.Length);
        Assert.Equal(source.Length, reader.CopyTo(ref writer));
        reader = from.Reader(3, source.Length);
        writer = to.Writer(s_page - 1, source.Length);
        Assert.Equal(source.Length, reader.CopyTo(ref writer));
        Assert.Equal(0, writer.Remaining);
        reader = to.Reader(s_page - 1, source.Length);
        byte[] back = new byte[source.Length];
        Assert.Equal(back.Length, reader.Read(back));

        Assert.Equal(source, back);
        from.Dispose();
        to.Dispose();
    }

    [Fact]
    public void CopyToUser_ThatFaultsHalfWay_StopsThere()
    {
        Assert.True(Segment.TryAllocate(3, out Segment? segment));
        Map(Base, 2);
        VmReader reader = segment.Reader(100, 2 * s_page + 500);
        VmWriter writer = VmWriter.FromUser(Base + 50, 3 * s_page);

        Assert.Equal(2 * s_page - 50, reader.CopyTo(ref writer));

        Assert.True(writer.HasFaulted);
        Assert.Equal(550, reader.Remaining);
        segment.Dispose();
    }

    [Fact]
    public void Slice_OutlivesItsSegment_AndTheRestIsFreed()
    {
        long free = PhysicalMemory.FreePages;
        Assert.True(Segment.TryAllocate(4, out Segment? segment));
        segment.Fill(0, segment.Length, 0x11);
        segment.Fill(s_page, s_page, 0x22);
        Segment slice = segment.Slice(1, 2);
        Frame outside = segment[0];
        Segment inner = slice.Slice(1, 1);

        segment.Dispose();
        segment.Dispose();

        Assert.Equal(free - 2, PhysicalMemory.FreePages);
        Assert.Throws<InvalidOperationException>(() => outside.Read(0, new byte[1]));
        byte[] bytes = new byte[slice.Length];
        slice.Read(0, bytes);
        Assert.True(bytes.AsSpan(0, s_page).IndexOfAnyExcept((byte)0x22) < 0);
        Assert.True(bytes.AsSpan(s_page).IndexOfAnyExcept((byte)0x11) < 0);
        slice.Dispose();
        Assert.Equal(free - 1, PhysicalMemory.FreePages);
        Assert.Equal(0x11, First(inner));
        inner.Dispose();
    }

    [Fact]
    public void EveryUse_AfterDispose_Throws()
    {
        Assert.True(Segment.TryAllocate(2, out Segment? segment));
        Segment slice = segment.Slice(0, 2);
        segment.Dispose();

        Assert.Throws<ObjectDisposedException>(() => segment[0]);
        Assert.Throws<ObjectDisposedException>(() => segment.Slice(0, 1));
        Assert.Throws<ObjectDisposedException>(() => segment.Read(0, new byte[1]));
        Assert.Throws<ObjectDisposedException>(() => segment.Write(0, [1]));
        Assert.Throws<ObjectDisposedException>(() => segment.Fill(0, 1, 1));
        Assert.Throws<ObjectDisposedException>(() => segment.Reader(0, 1).Remaining);
        Assert.Throws<ObjectDisposedException>(() => segment.Writer(0, 1).Remaining);
        slice.Dispose();
    }

    [Fact]
    public void ReaderAndWriter_ThatOutliveTheirSegment_Throw()
    {
        Assert.True(Segment.TryAllocate(2, out Segment? segment));
        Assert.Throws<ObjectDisposedException>(() =>
        {
            VmReader reader = segment.Reader(0, 8);
            segment.Dispose();
            reader.TryRead(out ulong _);
        });
        Assert.True(Segment.TryAllocate(2, out Segment? other));
        Assert.Throws<ObjectDisposedException>(() =>
        {
            VmReader source = other.Reader(0, 8);
            VmWriter writer = other.Writer(0, 8);
            other.Dispose();
            source.CopyTo(ref writer);
        });
    }

    [Fact]
    public void FramesReleasedBehindTheSegmentsBack_DoNotReachTheNextOwner()
    {
        Assert.True(Segment.TryAllocate(1, out Segment? segment));
        segment[0].Release();
        Assert.True(Frame.TryAllocate(out Frame next));

        Assert.Throws<InvalidOperationException>(() => segment.Write(0, [1]));
        Assert.Throws<InvalidOperationException>(segment.Dispose);

        Assert.Equal(1, next.ReferenceCount);
        next.Release();
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(8192, 1)]
    [InlineData(8190, 3)]
    [InlineData(1, int.MaxValue)]
    [InlineData(0, -1)]
    public void Range_OutsideTheSegment_Throws(int offset, int length)
    {
        Assert.True(Segment.TryAllocate(2, out Segment? segment));
        Assert.Throws<ArgumentOutOfRangeException>(() => segment.Reader(offset, length).Remaining);
        Assert.Throws<ArgumentOutOfRangeException>(() => segment.Writer(offset, length).Remaining);
        Assert.Throws<ArgumentOutOfRangeException>(() => segment.Fill(offset, length, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => segment.Slice(offset, length));
        Assert.Throws<ArgumentOutOfRangeException>(() => segment[2]);
        segment.Dispose();
    }

    [Fact]
    public void Segments_OfAllMemory_LeaveTheKernelsReserve()
    {
        var segments = new List<Segment>();
        for (int pages = 1024; pages > 0; pages >>= 1)
        {
            while (Segment.TryAllocateUninitialized(pages, out Segment? segment))
            {
                segments.Add(segment);
            }
        }

        Assert.Equal(FrameAllocator.ReservePages, PhysicalMemory.FreePages);
        segments.ForEach(static segment => segment.Dispose());
    }

    private static byte First(Segment segment)
    {
        byte[] bytes = new byte[1];
        segment.Read(0, bytes);
        return bytes[0];
    }

    private static byte[] Pattern(int length)
    {
        byte[] bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    private void Map(ulong address, int pageCount)
    {
        Assert.True(Segment.TryAllocate(pageCount, out Segment? pages));
        using VmCursor cursor = Space.Open(address);
        VmCursor same = cursor;
        for (int i = 0; i < pageCount; i++)
        {
            Assert.True(same.TryMap(pages[i].Share(), PageProtection.Read | PageProtection.Write));
        }

        pages.Dispose();
    }
}
