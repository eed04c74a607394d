// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;
using FsCheck.Xunit;
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Memory;
using Ostd.Memory;
using Xunit;

namespace Kernel.Fs.Tests;

/// <summary>A file's contents against one array of bytes.</summary>
public class PageCacheTests
{
    private const int MaxLength = 5 * 4096;

    [Property(MaxTest = 100)]
    public void AnySequenceOfWritesAndTruncations_AgreesWithAnArray(int seed)
    {
        var random = new Random(seed);
        var pages = new TestPages();
        var model = new byte[MaxLength * 2];
        var length = 0;
        for (var step = 0; step < 60; step++)
        {
            switch (random.Next(5))
            {
                case 0:
                    var size = random.Next(MaxLength);
                    pages.Resize(size);
                    if (size < length)
                    {
                        model.AsSpan(size).Clear();
                    }

                    length = size;
                    break;
                case 1:
                    var start = random.Next(MaxLength);
                    var count = random.Next(1, MaxLength);
                    pages.PunchHole(start, count);
                    if (start < length)
                    {
                        model.AsSpan(start, Math.Min(count, length - start)).Clear();
                    }

                    break;
                default:
                    var offset = random.Next(MaxLength);
                    var data = new byte[random.Next(1, MaxLength)];
                    random.NextBytes(data);
                    var reader = new VmReader(data);
                    Assert.Equal(data.Length, pages.Write(ref reader, offset, out var end).Value);
                    Assert.Equal(offset + data.Length, end);
                    data.CopyTo(model, offset);
                    length = Math.Max(length, offset + data.Length);
                    break;
            }

            Assert.Equal(length, pages.LengthBytes);
        }

        var actual = new byte[model.Length];
        var writer = new VmWriter(actual);
        Assert.Equal(length, pages.Read(ref writer, 0).Value);
        Assert.Equal(model, actual);
        pages.Clear();
        Assert.Equal(0, pages.Charged);
    }

    [Fact]
    public void SparseFile_KeepsOnlyItsPages()
    {
        var pages = new TestPages();
        foreach (var offset in new[] { 0L, 1L << 20, 1L << 32, 1L << 50, long.MaxValue - 4096 })
        {
            var reader = new VmReader(new byte[] { 7 });
            Assert.True(pages.Write(ref reader, offset, out _).IsOk);
        }

        Assert.Equal(5, pages.PageCount);
        Assert.Equal(1L << 32, pages.FindDataOrHole(5L << 20, data: true).Value);
        Assert.Equal((1L << 32) + 4096, pages.FindDataOrHole(1L << 32, data: false).Value);
        pages.Clear();
        Assert.Equal(0, pages.Charged);
    }

    // A tmpfs has hundreds of thousands of files, most of them small: what each takes of the heap is what the collector has to mark.
    [Fact]
    public void EmptyAndSmallFiles_TakeLittleOfTheHeap()
    {
        AllocatedBytesOf(0);
        AllocatedBytesOf(1);
        Assert.InRange(AllocatedBytesOf(0), 1, 64);
        Assert.InRange(AllocatedBytesOf(1), 65, 384);
    }

    [Fact]
    public void TreeThatGrowsFromOnePage_KeepsIt()
    {
        var pages = new TestPages();
        foreach (var offset in new[] { 0L, 65L << 12, 5000L << 12, 1L << 12 })
        {
            var reader = new VmReader(new[] { (byte)(offset >> 12) });
            Assert.True(pages.Write(ref reader, offset, out _).IsOk);
        }

        foreach (var offset in new[] { 0L, 65L << 12, 5000L << 12, 1L << 12 })
        {
            var actual = new byte[1];
            var writer = new VmWriter(actual);
            Assert.Equal(1, pages.Read(ref writer, offset).Value);
            Assert.Equal((byte)(offset >> 12), actual[0]);
        }

        Assert.Equal(4, pages.PageCount);
        pages.Resize(1);
        Assert.Equal(1, pages.PageCount);
        pages.Clear();
        Assert.Equal(0, pages.Charged);
    }

    [Fact]
    public void Truncation_TellsMappings_AndPagesPastTheEndFault()
    {
        var pages = new TestPages();
        var owner = new Owner();
        var reader = new VmReader(new byte[3 * 4096]);
        pages.Write(ref reader, 0, out _);
        pages.AddMapping(owner);
        var page = pages.GetPage(2, forWrite: false);
        Assert.True(page.IsOk);
        page.Value.Release();
        Assert.Equal(Errno.EFAULT, pages.GetPage(3, forWrite: false).Error);
        pages.Resize(4096);
        Assert.Equal(1, owner.First);
        Assert.Equal(Errno.EFAULT, pages.GetPage(2, forWrite: false).Error);
        pages.RemoveMapping(owner);
        Assert.False(pages.IsMapped);
        pages.Clear();
    }

    [Fact]
    public void Hole_TellsMappingsOfItsPagesAlone()
    {
        var pages = new TestPages();
        var owner = new Owner();
        var reader = new VmReader(new byte[5 * 4096]);
        pages.Write(ref reader, 0, out _);
        pages.AddMapping(owner);
        var removals = pages.RemovalCount;

        Assert.Equal(Errno.Success, pages.PunchHole(4096, 2 * 4096));

        Assert.Equal([1, 2], owner.Removed);
        Assert.Equal(-1, owner.First);
        Assert.NotEqual(removals, pages.RemovalCount);
        pages.RemoveMapping(owner);
        pages.Clear();
    }

    [Fact]
    public void UnlinkedFile_KeepsItsPagesUntilItIsClosed()
    {
        var fs = new FileSystemFixture();
        fs.Write("/f", new string('x', 10000));
        var file = fs.Files.Open(fs.Root, "/f"u8, OpenFlags.O_RDONLY).Value;
        fs.Names.Unlink(fs.Root, FileSystemFixture.Here, "/f"u8);
        Assert.Equal(3, fs.Counters.CachedPages);
        file.Release();
        Assert.Equal(0, fs.Counters.CachedPages);
    }

    private static long AllocatedBytesOf(int contentBytes)
    {
        var content = new byte[contentBytes];
        var before = GC.GetAllocatedBytesForCurrentThread();
        var pages = new TestPages();
        if (contentBytes > 0)
        {
            var reader = new VmReader(content);
            pages.Write(ref reader, 0, out _);
        }

        var bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        pages.Clear();
        return bytes;
    }

    private sealed class TestPages : PageCache.PageCache
    {
        public long Charged { get; private set; }

        protected override Errno Charge()
        {
            Charged++;
            return Errno.Success;
        }

        protected override void Uncharge(long pages) => Charged -= pages;
    }

    private sealed class Owner : IMappingOwner
    {
        public long First { get; private set; } = -1;

        public List<long> Removed { get; } = [];

        public void OnTruncate(IMemoryObject memory, long firstPageIndex) => First = firstPageIndex;

        public void OnPagesRemoved(IMemoryObject memory, ReadOnlySpan<long> pageIndexes, ReadOnlySpan<Frame> frames) => Removed.AddRange(pageIndexes);
    }
}
