// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;
using System.Linq;
using Ostd.Memory;
using Xunit;

namespace Ostd.Core.Tests;

/// <summary>What OSTD tells a policy for physical memory, and does with its answers. The lies, each of which ends a machine, are the cases panic/policy-page-* and the like.</summary>
public sealed class FrameAllocatorPolicyTests : IDisposable
{
    private readonly SetPolicy _policy = new();

    public FrameAllocatorPolicyTests() => FrameAllocator.Install(_policy);

    public void Dispose() => FrameAllocator.Install(null);

    [Fact]
    public void Install_HandsOverWhatIsFreeAndNothingElse()
    {
        Assert.Equal(PhysicalMemory.FreePages, _policy.Pages.Count);
        Assert.All(_policy.Pages, page => Assert.Equal(FrameState.Free, FrameTable.Slot((uint)page).State));
        Assert.DoesNotContain(0ul, _policy.Pages);
    }

    [Fact]
    public void Install_OfAnotherPolicy_TakesTheMemoryAway()
    {
        Assert.True(Frame.TryAllocate(out Frame held));
        var next = new SetPolicy();
        FrameAllocator.Install(next);

        Assert.Equal(PhysicalMemory.FreePages, next.Pages.Count);
        Assert.DoesNotContain(held.PageNumber, next.Pages);
        held.Release();
        Assert.True(Frame.TryAllocate(out Frame again));
        Assert.Equal(held.PageNumber, again.PageNumber);
        again.Release();
    }

    [Fact]
    public void Allocate_TakesThePageThatThePolicyChose()
    {
        ulong wanted = _policy.Pages.Max;
        _policy.Chosen = wanted;
        Assert.True(Frame.TryAllocate(out Frame frame));

        Assert.Equal(wanted, frame.PageNumber);
        byte[] bytes = new byte[Paging.PageSizeBytes];
        frame.Read(0, bytes);
        Assert.True(bytes.AsSpan().IndexOfAnyExcept((byte)0) < 0);
        frame.Release();
        Assert.Throws<InvalidOperationException>(() => frame.Read(0, bytes));
        Assert.Equal(FrameState.Cached, FrameTable.Slot((uint)wanted).State);
    }

    [Fact]
    public void SinglePages_AreAskedForSeveralAtOnce_AndThoseFreedLastAreUsedAgainFirst()
    {
        Assert.True(Frame.TryAllocate(out Frame first));
        int left = _policy.Pages.Count;
        Assert.True(Frame.TryAllocate(out Frame second));
        first.Release();
        Assert.True(Frame.TryAllocate(out Frame again));

        Assert.Equal(first.PageNumber, again.PageNumber);
        Assert.Equal(left, _policy.Pages.Count);
        again.Release();
        second.Release();
    }

    [Fact]
    public void SinglePages_BeyondWhatIsCached_GoBackToThePolicy()
    {
        var frames = Enumerable.Range(0, 2000).Select(_ =>
        {
            Assert.True(Frame.TryAllocateUninitialized(out Frame frame));
            return frame;
        }).ToList();
        int withThemInUse = _policy.Pages.Count;
        frames.ForEach(frame => frame.Release());

        Assert.InRange(_policy.Pages.Count, withThemInUse + 1400, withThemInUse + 2000);
        Assert.True(_policy.FreedPagesWereFree);
    }

    [Fact]
    public void Run_WhenThePolicyHasNone_IsMadeOfCachedPages()
    {
        Assert.True(Frame.TryAllocateUninitialized(out Frame frame));
        frame.Release();
        _policy.Pages.Clear();

        uint first = FrameAllocator.AllocateRun(4, FrameState.Dma);
        Assert.NotEqual(0u, first);
        FrameRun.Free(first, 4);
    }

    [Fact]
    public void Allocate_WhenThePolicyHasNone_Fails()
    {
        long free = PhysicalMemory.FreePages;
        _policy.IsEmpty = true;

        Assert.False(Frame.TryAllocate(out _));
        Assert.Equal(0u, FrameAllocator.AllocateRun(5, FrameState.Dma));
        Assert.Equal(free, PhysicalMemory.FreePages);
    }

    [Fact]
    public void Run_IsAskedForWithItsAlignment_AndGivenBackInParts()
    {
        long free = PhysicalMemory.FreePages;
        uint first = FrameAllocator.AllocateRun(5, FrameState.Dma);

        Assert.Equal((5, 8), _policy.LastRequest);
        Assert.All(Enumerable.Range((int)first, 5), page => Assert.Equal(FrameState.Dma, FrameTable.Slot((uint)page).State));
        FrameRun.Free(first, 2);
        Assert.Equal(FrameState.Cached, FrameTable.Slot(first + 1).State);
        Assert.Equal(FrameState.Dma, FrameTable.Slot(first + 2).State);
        FrameRun.Free(first + 2, 3);
        Assert.Equal(free, PhysicalMemory.FreePages);
        Assert.Equal(free, _policy.Pages.Count + CachedPages);
    }

    [Fact]
    public void Reserve_IsKeptWhateverThePolicyHas()
    {
        var frames = new List<Frame>();
        while (Frame.TryAllocateUninitialized(out Frame frame))
        {
            frames.Add(frame);
        }

        Assert.Equal(FrameAllocator.ReservePages, PhysicalMemory.FreePages);
        Assert.Equal(FrameAllocator.ReservePages, _policy.Pages.Count + CachedPages);
        frames.ForEach(frame => frame.Release());
    }

    [Fact]
    public void OwnAllocator_WhenItIsBack_HasLargeRuns()
    {
        Assert.True(Frame.TryAllocate(out Frame frame));
        frame.Release();
        FrameAllocator.Install(null);

        uint largest = FrameRun.LargestFree();
        Assert.True(largest >= 1024);
        uint large = FrameAllocator.AllocateRun(largest, FrameState.Heap);
        Assert.NotEqual(0u, large);
        FrameRun.Free(large, largest);
    }

    private static int CachedPages => Enumerable.Range(0, (int)FrameTable.Count).Count(page => FrameTable.Slot((uint)page).State == FrameState.Cached);

    /// <summary>An honest policy over a sorted set.</summary>
    private sealed class SetPolicy : FrameAllocatorPolicy
    {
        public SortedSet<ulong> Pages { get; } = [];

        public ulong Chosen { get; set; }

        public bool IsEmpty { get; set; }

        public (int PageCount, int Alignment) LastRequest { get; private set; }

        public bool FreedPagesWereFree { get; private set; } = true;

        public override void AddMemory(ulong firstPage, long pageCount) => Add(firstPage, pageCount);

        public override void Free(ulong firstPage, int pageCount)
        {
            FreedPagesWereFree &= FrameTable.Slot((uint)firstPage).State == FrameState.Free;
            Add(firstPage, pageCount);
        }

        public override ulong Allocate(int pageCount, int alignment)
        {
            LastRequest = (pageCount, alignment);
            if (IsEmpty || Pages.Count == 0)
            {
                return 0;
            }

            ulong first = Chosen != 0 ? Chosen : Pages.Min;
            Chosen = 0;
            while (pageCount > 1 && (first % (ulong)alignment != 0 || !Enumerable.Range(0, pageCount).All(i => Pages.Contains(first + (ulong)i))))
            {
                first++;
            }

            for (ulong page = first; page < first + (ulong)pageCount; page++)
            {
                Pages.Remove(page);
            }

            return first;
        }

        private void Add(ulong firstPage, long pageCount)
        {
            for (ulong page = firstPage; page < firstPage + (ulong)pageCount; page++)
            {
                Assert.True(Pages.Add(page));
            }
        }
    }
}
