// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;
using Xunit;

namespace Kernel.Memory.Buddy.Tests;

public class BuddyFrameAllocatorTests
{
    private const int PageLimit = 40_000;
    private const int MaxOrder = 10;

    [Fact]
    public void Allocate_WithoutMemory_HasNone()
    {
        var allocator = new BuddyFrameAllocator(PageLimit, MaxOrder);

        Assert.Equal(0ul, allocator.Allocate(1, 1));
    }

    [Fact]
    public void Allocate_OfSinglePages_GivesEachPageOnce()
    {
        var allocator = new BuddyFrameAllocator(PageLimit, MaxOrder);
        allocator.AddMemory(3, 100);
        allocator.AddMemory(500, 77);
        var pages = new HashSet<ulong>();
        while (allocator.Allocate(1, 1) is var page and not 0)
        {
            Assert.True(page is >= 3 and < 103 or >= 500 and < 577);
            Assert.True(pages.Add(page));
        }

        Assert.Equal(177, pages.Count);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 4)]
    [InlineData(4, 4)]
    [InlineData(5, 64)]
    [InlineData(600, 1024)]
    public void Allocate_IsAligned(int pageCount, int alignment)
    {
        var allocator = new BuddyFrameAllocator(PageLimit, MaxOrder);
        allocator.AddMemory(1, PageLimit - 1);
        for (var i = 0; i < 10; i++)
        {
            var page = allocator.Allocate(pageCount, alignment);
            Assert.NotEqual(0ul, page);
            Assert.Equal(0ul, page % (ulong)alignment);
        }
    }

    [Fact]
    public void Allocate_OfMoreThanTheLargestBlock_HasNone()
    {
        var allocator = new BuddyFrameAllocator(PageLimit, MaxOrder);
        allocator.AddMemory(1, PageLimit - 1);

        Assert.Equal(0ul, allocator.Allocate((1 << MaxOrder) + 1, 1));
        Assert.NotEqual(0ul, allocator.Allocate(1 << MaxOrder, 1 << MaxOrder));
    }

    [Fact]
    public void Allocate_TakesTheLowestBlock()
    {
        var allocator = new BuddyFrameAllocator(PageLimit, MaxOrder);
        allocator.AddMemory(20_000, 64);
        allocator.AddMemory(100, 4);
        allocator.AddMemory(8_192, 4);

        Assert.Equal(100ul, allocator.Allocate(4, 4));
        Assert.Equal(8_192ul, allocator.Allocate(4, 4));
        Assert.Equal(20_000ul, allocator.Allocate(4, 4));
    }

    // Every page of 1024 is freed one by one: what is kept apart in front has to be merged before the run is refused.
    [Fact]
    public void Allocate_OfARun_AfterSinglePagesWereFreed_Merges()
    {
        var allocator = new BuddyFrameAllocator(PageLimit, MaxOrder);
        allocator.AddMemory(1024, 1024);
        for (var i = 0; i < 1024; i++)
            Assert.NotEqual(0ul, allocator.Allocate(1, 1));

        for (var i = 0; i < 1024; i++)
            allocator.Free(1024 + (ulong)(i * 389 % 1024), 1);

        Assert.Equal(1024ul, allocator.Allocate(1024, 1024));
    }

    [Fact]
    public void Allocate_OfARunThatIsNoPowerOfTwo_LeavesTheRest()
    {
        var allocator = new BuddyFrameAllocator(PageLimit, MaxOrder);
        allocator.AddMemory(64, 64);

        Assert.Equal(64ul, allocator.Allocate(33, 64));
        Assert.Equal(112ul, allocator.Allocate(16, 16));
        Assert.Equal(104ul, allocator.Allocate(8, 8));
    }

    [Fact]
    public void Operations_AtRandom_NeverGiveAPageTwice_AndLoseNone()
    {
        var random = new Random(7);
        var allocator = new BuddyFrameAllocator(PageLimit, MaxOrder);
        allocator.AddMemory(5, 12_345);
        allocator.AddMemory(20_001, 19_000);
        var isUsed = new bool[PageLimit];
        Array.Fill(isUsed, true);
        Array.Fill(isUsed, false, 5, 12_345);
        Array.Fill(isUsed, false, 20_001, 19_000);
        var runs = new List<(int First, int Count)>();
        for (var round = 0; round < 100_000; round++)
        {
            if (runs.Count > 0 && random.Next(100) < 49)
            {
                var index = random.Next(runs.Count);
                var (first, count) = runs[index];

                // Sometimes a part alone is given back.
                var freed = random.Next(4) == 0 ? random.Next(1, count + 1) : count;
                Array.Fill(isUsed, false, first, freed);
                allocator.Free((ulong)first, freed);
                runs[index] = (first + freed, count - freed);
                if (freed == count)
                    runs.RemoveAt(index);
            }
            else
            {
                var count = random.Next(3) == 0 ? random.Next(1, 200) : 1;
                var page = (int)allocator.Allocate(count, 1);
                if (page == 0)
                    continue;

                for (var i = 0; i < count; i++)
                {
                    Assert.False(isUsed[page + i]);
                    isUsed[page + i] = true;
                }

                runs.Add((page, count));
            }
        }

        foreach (var (first, count) in runs)
        {
            Array.Fill(isUsed, false, first, count);
            allocator.Free((ulong)first, count);
        }

        for (var left = 12_345 + 19_000; left > 0; left--)
        {
            var page = allocator.Allocate(1, 1);
            Assert.NotEqual(0ul, page);
            Assert.False(isUsed[page]);
            isUsed[page] = true;
        }

        Assert.Equal(0ul, allocator.Allocate(1, 1));
    }
}
