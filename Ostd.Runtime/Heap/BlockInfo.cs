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

    /// <summary>Holds the region's own block infos, or a large object that is being zeroed.</summary>
    Reserved = 6,
}

/// <summary>
/// What the heap knows of one block of 32 KiB; kept outside of it, so that collecting touches no dead memory.
/// </summary>
/// <remarks>
/// One byte of <see cref="State"/> for each cell: 0 when it is free, else the mark epoch in which it was last found alive. So marking is one plain
/// store, which two CPUs may both do, and a sweep sets to 0 what has not the current epoch. Cells are handed out in runs and get the current
/// epoch then; such a cell holds an object only when its method table is set.
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = SizeBytes)]
// SAFETY: infos lie in their region's table, never move, and change under the heap's lock only, the states, NeedsRescan and ScanProgress excepted, which
// marking stores without. States are indexed unchecked: a cell's index is below CellCount (at most 1365), or IndexOf an offset below
// 32 KiB (at most 32767 / 24 = 1365), and there are 1368. Next and FreeList are the heap's own lists. The barrier stubs know Kind, Reciprocal and
// State.
internal unsafe struct BlockInfo
{
    internal const int SizeBytes = 64 + StateBytes;
    internal const int StateBytes = 1368; // 32768 / 24 = 1365 cells at most, and words of 8

    private const ulong Ones = 0x0101_0101_0101_0101;
    private const ulong LowBits = 0x7f7f_7f7f_7f7f_7f7f;

    [FieldOffset(0)]
    internal BlockKind Kind;

    [FieldOffset(1)]
    internal byte SizeClass;

    [FieldOffset(2)]
    internal byte IsCommitted;

    /// <summary>A marked object here could not be remembered as grey: all of the block's are to be looked through again.</summary>
    [FieldOffset(3)]
    internal byte NeedsRescan;

    [FieldOffset(4)]
    internal ushort CellCount;

    /// <summary>Small, Native: bytes of a cell. Continuation: blocks back to the first one.</summary>
    [FieldOffset(8)]
    internal uint CellSize;

    /// <summary>ceil(2^32 / CellSize): multiplying by it and shifting divides any offset within a block exactly.</summary>
    [FieldOffset(12)]
    internal uint Reciprocal;

    /// <summary>Small: the cell to consider next. Native: cells handed out so far.</summary>
    [FieldOffset(16)]
    internal uint FreeIndex;

    /// <summary>Native: cells in use. Large: number of blocks.</summary>
    [FieldOffset(20)]
    internal uint UsedCount;

    /// <summary>The collection after which the block was swept last (or got its kind).</summary>
    [FieldOffset(24)]
    internal uint SweptCycle;

    /// <summary>Large: size of the object with its header.</summary>
    [FieldOffset(32)]
    internal nuint LargeSize;

    /// <summary>Large: how far marking has looked through it, in bytes.</summary>
    [FieldOffset(40)]
    internal nuint ScanProgress;

    /// <summary>In the list of partly used blocks of the size class.</summary>
    [FieldOffset(48)]
    internal BlockInfo* Next;

    /// <summary>Native: first free cell.</summary>
    [FieldOffset(56)]
    internal void* FreeList;

    /// <summary>Small: by cell. Large: the first alone. Native: 1 for a cell in use.</summary>
    [FieldOffset(64)]
    internal fixed byte State[StateBytes];

    [InterruptSafe]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal readonly uint IndexOf(uint offset) => (uint)(((ulong)offset * Reciprocal) >> 32);

    /// <summary>Takes the next run of free cells, which then have the given epoch.</summary>
    /// <param name="info">The block.</param>
    /// <param name="maxCells">The longest run wanted.</param>
    /// <param name="epoch">The current epoch.</param>
    /// <param name="first">The run's first cell.</param>
    /// <returns>The run's length; 0 when the block is exhausted.</returns>
    internal static uint TakeRun(BlockInfo* info, uint maxCells, byte epoch, out uint first)
    {
        byte* states = info->State;
        uint count = info->CellCount;
        uint index = info->FreeIndex;
        while (index < count && states[index] != 0)
        {
            // A word without a zero byte is passed over as a whole. The lowest byte found so is exact (Warren, Hacker's Delight, section 6-1).
            ulong word = *(ulong*)(states + (index & ~7u)) | ((1ul << (int)((index & 7) * 8)) - 1);
            ulong zeros = (word - Ones) & ~word & ~LowBits;
            index = (index & ~7u) + (zeros == 0 ? 8 : (uint)BitOperations.TrailingZeroCount(zeros) >> 3);
        }

        first = index;
        if (index >= count)
        {
            info->FreeIndex = count;
            return 0;
        }

        uint end = count - index > maxCells ? index + maxCells : count;
        do
        {
            states[index++] = epoch;
        }
        while (index < end && states[index] == 0);
        info->FreeIndex = index;
        return index - first;
    }

    /// <summary>Frees the cells that the last marking has not reached.</summary>
    /// <returns>The cells that live.</returns>
    [NoAlloc]
    internal static uint Sweep(BlockInfo* info, byte epoch)
    {
        ulong* words = (ulong*)info->State;
        ulong* end = words + ((info->CellCount + 7) >> 3);
        ulong allLive = epoch * Ones;
        uint live = 0;
        for (; words < end; words++)
        {
            ulong word = *words;
            if (word == 0)
            {
                continue;
            }

            if (word == allLive)
            {
                live += 8;
                continue;
            }

            // 0x80 in each byte that equals the epoch (Hacker's Delight, section 6-1, without carries between bytes).
            ulong difference = word ^ allLive;
            ulong equal = ~(((difference & LowBits) + LowBits) | difference | LowBits);
            *words = word & ((equal >> 7) * 0xff);
            live += (uint)(((equal >> 7) * Ones) >> 56);
        }

        info->FreeIndex = 0;
        return live;
    }
}
