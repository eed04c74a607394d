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
        Assert.Contains(held.PageNumber, next.Pages);
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
        Assert.Contains(wanted, _policy.Pages);
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
        uint first = FrameAllocator.AllocateRun(5, FrameState.Dma);

        Assert.Equal((5, 8), _policy.LastRequest);
        Assert.All(Enumerable.Range((int)first, 5), page => Assert.Equal(FrameState.Dma, FrameTable.Slot((uint)page).State));
        FrameAllocator.FreeRun(first, 2);
        Assert.Contains(first + 1ul, _policy.Pages);
        Assert.DoesNotContain(first + 2ul, _policy.Pages);
        FrameAllocator.FreeRun(first + 2, 3);
        Assert.Equal(PhysicalMemory.FreePages, _policy.Pages.Count);
    }

    [Fact]
    public void Reserve_IsKeptWhateverThePolicyHas()
    {
        var frames = new List<Frame>();
        while (Frame.TryAllocateUninitialized(out Frame frame))
        {
            frames.Add(frame);
        }

        Assert.Equal(FrameAllocator.ReservePages, _policy.Pages.Count);
        frames.ForEach(frame => frame.Release());
    }

    [Fact]
    public void OwnAllocator_WhenItIsBack_HasLargeRuns()
    {
        Assert.True(Frame.TryAllocate(out Frame frame));
        frame.Release();
        FrameAllocator.Install(null);

        uint large = FrameAllocator.AllocateRun((64 * 1024) - 1, FrameState.Heap);
        Assert.NotEqual(0u, large);
        FrameAllocator.FreeRun(large, (64 * 1024) - 1);
    }

    /// <summary>An honest policy over a sorted set.</summary>
    private sealed class SetPolicy : FrameAllocatorPolicy
    {
        public SortedSet<ulong> Pages { get; } = [];

        public ulong Chosen { get; set; }

        public bool IsEmpty { get; set; }

        public (int PageCount, int Alignment) LastRequest { get; private set; }

        public override void AddMemory(ulong firstPage, long pageCount) => Add(firstPage, pageCount);

        public override void Free(ulong firstPage, int pageCount) => Add(firstPage, pageCount);

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
