// SPDX-License-Identifier: MPL-2.0
using System;
using System.Numerics;
using Ostd;
using Ostd.Memory;

namespace Kernel.Memory.Buddy;

/// <summary>
/// A buddy allocator (Knuth, The Art of Computer Programming, vol. 1, 2.5) that keeps its free blocks in one <see cref="BlockSet"/> for each power of two and always takes the lowest one, so that
/// what is free gathers in the upper memory and stays in one piece.
/// </summary>
public sealed class BuddyFrameAllocator : FrameAllocatorPolicy
{
    private readonly BlockSet[] _free;

    // A bit for each order that has a free block.
    private uint _orders;

    /// <summary>For the memory that there is.</summary>
    public BuddyFrameAllocator()
        : this(FrameAllocation.PageNumberLimit, BitOperations.Log2((uint)FrameAllocation.MaxPageCount))
    {
    }

    internal BuddyFrameAllocator(long pageLimit, int maxOrder)
    {
        _free = new BlockSet[maxOrder + 1];
        for (var order = 0; order <= maxOrder; order++)
            _free[order] = new BlockSet((int)((pageLimit >> order) + 1));
    }

    [InterruptSafe]
    private int MaxOrder => _free.Length - 1;

    /// <inheritdoc/>
    public override void AddMemory(ulong firstPage, long pageCount) => AddRun((int)firstPage, pageCount);

    /// <inheritdoc/>
    public override ulong Allocate(int pageCount, int alignment)
    {
        // A block of 2 to the power n pages is aligned to as many.
        var order = BitOperations.Log2(BitOperations.RoundUpToPowerOf2((uint)Math.Max(pageCount, alignment)));
        if (order > MaxOrder)
            return 0;

        var page = Take(order);
        if (page != 0)
            AddRun(page + pageCount, (1L << order) - pageCount);

        return (ulong)page;
    }

    /// <inheritdoc/>
    public override void Free(ulong firstPage, int pageCount) => AddRun((int)firstPage, pageCount);

    // The smallest block that is large enough, cut down to size. 0 when there is none: page 0 is nobody's.
    [InterruptSafe]
    private int Take(int order)
    {
        var orders = _orders >> order;
        if (orders == 0)
            return 0;

        var found = order + BitOperations.TrailingZeroCount(orders);
        var page = _free[found].TakeFirst() << found;
        if (_free[found].IsEmpty)
            _orders &= ~(1u << found);

        while (found > order)
        {
            found--;
            Insert((page >> found) + 1, found);
        }

        return page;
    }

    [InterruptSafe]
    private void AddRun(int page, long pageCount)
    {
        while (pageCount > 0)
        {
            // The largest block that starts here, aligned to its size, and fits.
            var order = Math.Min(BitOperations.Log2((ulong)pageCount), Math.Min(BitOperations.TrailingZeroCount(page), MaxOrder));
            AddBlock(page, order);
            page += 1 << order;
            pageCount -= 1L << order;
        }
    }

    [InterruptSafe]
    private void AddBlock(int page, int order)
    {
        var block = page >> order;
        while (order < MaxOrder && _free[order].Remove(block ^ 1))
        {
            if (_free[order].IsEmpty)
                _orders &= ~(1u << order);

            block >>= 1;
            order++;
        }

        Insert(block, order);
    }

    [InterruptSafe]
    private void Insert(int block, int order)
    {
        _free[order].Add(block);
        _orders |= 1u << order;
    }
}
