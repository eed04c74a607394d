// SPDX-License-Identifier: MPL-2.0

using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Ostd.Runtime;

internal enum BlockKind : byte
{
    /// <summary>Not in use; backed by memory or not, see <see cref="BlockInfo.IsCommitted"/>.</summary>
    Free = 0,

    /// <summary>Cells of one size with objects.</summary>
    Small = 1,

    /// <summary>First block of a single object.</summary>
    Large = 2,

    /// <summary>A further block of a large object or native run; <see cref="BlockInfo.CellSize"/> counts the blocks back to the first.</summary>
    Continuation = 3,

    /// <summary>Cells of one size with structures of the runtime; not collected.</summary>
    Native = 4,

    /// <summary>First block of a single large structure of the runtime.</summary>
    NativeLarge = 5,

    /// <summary>Holds the region's own block infos.</summary>
    Reserved = 6,
}

/// <summary>
/// What the heap knows of one block of 32 KiB; kept outside of it, so that collecting touches no dead memory.
/// </summary>
/// <remarks>
/// Allocation needs no free lists: cells below <see cref="FreeIndex"/> are all in use, and above it those whose allocation bit is set. A
/// collection's mark bits become the allocation bits. A cell in use holds an object whose method table is set (see GcHeap).
/// </remarks>
[StructLayout(LayoutKind.Sequential)]
// SAFETY: infos lie in their region's table, never move, and change under the heap's lock only. The bit arrays are indexed unchecked: a
// cell's index is below CellCount (at most 1365) or IndexOf an offset below 32 KiB (at most 32767 / 24 = 1365), and there are 22 * 64 =
// 1408 bits. Next and FreeList are the heap's own lists.
internal unsafe struct BlockInfo
{
    internal const int BitWords = 22; // 32768 / 24 = 1365 cells at most

    internal BlockKind Kind;
    internal byte SizeClass;
    internal byte IsCommitted;

    /// <summary>A CPU allocates from it; its unused cells are spoken for.</summary>
    internal byte IsCurrent;

    /// <summary>The mark stack overflowed over an object here.</summary>
    internal byte NeedsRescan;
    internal byte IsLargeMarked;
    internal ushort CellCount;

    /// <summary>Small, Native: bytes of a cell. Continuation: blocks back to the first one.</summary>
    internal uint CellSize;

    /// <summary>ceil(2^32 / CellSize): multiplying by it and shifting divides any offset within a block exactly.</summary>
    internal uint Reciprocal;

    /// <summary>Small: the cell to consider next. Native: cells handed out so far.</summary>
    internal uint FreeIndex;

    /// <summary>Small: cells in use after the last sweep. Native: cells in use. Large: number of blocks.</summary>
    internal uint UsedCount;

    /// <summary>Large: size of the object with its header.</summary>
    internal nuint LargeSize;

    /// <summary>In the list of partly used blocks of the size class.</summary>
    internal BlockInfo* Next;

    /// <summary>Native: first free cell.</summary>
    internal void* FreeList;

    internal fixed ulong AllocationBits[BitWords];
    internal fixed ulong MarkBits[BitWords];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal readonly uint IndexOf(uint offset) => (uint)(((ulong)offset * Reciprocal) >> 32);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal readonly bool IsCellInUse(uint index) => index < FreeIndex || (AllocationBits[index >> 6] >> (int)(index & 63) & 1) != 0;

    /// <summary>Sets a cell's mark bit.</summary>
    /// <returns>False when it was set already.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryMark(uint index)
    {
        ulong bit = 1ul << (int)(index & 63);
        ulong word = MarkBits[index >> 6];
        if ((word & bit) != 0)
        {
            return false;
        }

        MarkBits[index >> 6] = word | bit;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal readonly bool IsMarked(uint index) => (MarkBits[index >> 6] >> (int)(index & 63) & 1) != 0;

    /// <summary>Finds the next unused cell and counts it as used.</summary>
    /// <returns>Its index, or <see cref="CellCount"/> when there is none.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal uint TakeCell()
    {
        uint index = FreeIndex;
        uint count = CellCount;
        while (index < count)
        {
            ulong unused = ~AllocationBits[index >> 6] >> (int)(index & 63);
            if (unused != 0)
            {
                index += (uint)BitOperations.TrailingZeroCount(unused);
                break;
            }

            index = (index | 63) + 1;
        }

        if (index >= count)
        {
            FreeIndex = count;
            return count;
        }

        FreeIndex = index + 1;
        return index;
    }

    /// <summary>Turns the mark bits into the allocation bits.</summary>
    /// <returns>The cells that live.</returns>
    internal uint Sweep()
    {
        int words = (CellCount + 63) >> 6;
        uint live = 0;
        for (int i = 0; i < words; i++)
        {
            ulong marks = MarkBits[i];
            AllocationBits[i] = marks;
            MarkBits[i] = 0;
            live += (uint)BitOperations.PopCount(marks);
        }

        FreeIndex = 0;
        UsedCount = live;
        return live;
    }
}
