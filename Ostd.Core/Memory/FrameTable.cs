// SPDX-License-Identifier: MPL-2.0
using System.Runtime.CompilerServices;
using System.Threading;
using Ostd.Arch;

namespace Ostd.Memory;

/// <summary>
/// Metadata of one page: a word of state (low half, <see cref="FrameState"/>) and generation (high half), changed together by compare and
/// exchange, and two links.
/// </summary>
internal struct FrameSlot
{
    /// <summary>State and generation.</summary>
    public long Word;

    /// <summary>Free blocks: page number of the next in the list, 0 for none. Page tables: number of entries in use.</summary>
    public uint Next;

    /// <summary>Free blocks: page number of the previous in the list, 0 for none (the list's head).</summary>
    public uint Previous;

    /// <summary>The state half.</summary>
    public readonly int State => (int)Word;

    /// <summary>The generation half: counted up each time an untyped frame is freed. Never 0.</summary>
    public readonly uint Generation => (uint)(Word >> 32);

    /// <summary>Puts the two halves together.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long MakeWord(int state, uint generation) => (long)(((ulong)generation << 32) | (uint)state);

    /// <summary>Changes the state where nobody else can: under the allocator's lock, or as the only owner.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void SetState(int state) => Volatile.Write(ref Word, MakeWord(state, Generation));
}

/// <summary>The metadata of all pages, indexed by page number. Page 0 is never allocated, so that 0 can end a list.</summary>
internal static unsafe class FrameTable
{
    private static FrameSlot* s_slots;
    private static uint s_count;

    /// <summary>Number of slots: one past the highest page of RAM.</summary>
    public static uint Count => s_count;

    /// <summary>Puts the table at its place and marks all pages as reserved.</summary>
    // SAFETY: the boot path hands over a range of the linear map that is large enough and that nobody else uses, once.
    public static void Initialize(void* memory, uint count)
    {
        s_slots = (FrameSlot*)memory;
        s_count = count;
        for (uint i = 0; i < count; i++)
        {
            s_slots[i] = new FrameSlot { Word = FrameSlot.MakeWord(FrameState.Reserved, 1) };
        }
    }

    /// <summary>The slot of a page that is known to be in range.</summary>
    // SAFETY: callers take page numbers from the allocator's lists or from page tables, which hold managed pages only.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref FrameSlot Slot(uint pageNumber) => ref s_slots[pageNumber];

    /// <summary>The linear map's address of a page.</summary>
    // SAFETY: plain address arithmetic.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* AddressOf(uint pageNumber) => PhysicalMap.ToPointer((ulong)pageNumber << PageTableFormat.PageShift);

    /// <summary>The page number behind an address of the linear map.</summary>
    // SAFETY: plain address arithmetic.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint PageNumberOf(void* address) => (uint)(PhysicalMap.ToPhysical(address) >> PageTableFormat.PageShift);
}
