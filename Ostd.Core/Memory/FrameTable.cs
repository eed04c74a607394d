// SPDX-License-Identifier: MPL-2.0
using System.Runtime.CompilerServices;
using System.Threading;
using Ostd.Arch;

namespace Ostd.Memory;

/// <summary>
/// Metadata of one page: a word of counts (or a negative state, <see cref="FrameState"/>) and generation, changed together by compare and exchange, and two links.
/// </summary>
/// <remarks>
/// The word of an untyped frame in use counts the references of clients (low 16 bits) apart from those of the framework: page-table mappings, and copies that run at the moment. Handles are values, which a client
/// may release as often as it likes; it never can release more than clients hold, so that no mistake of a client's frees a page which a page table maps or a copy touches.
/// </remarks>
internal struct FrameSlot
{
    /// <summary>One reference of the framework's.</summary>
    public const long OneInternal = 1L << 16;

    /// <summary>References that clients can hold, at most.</summary>
    public const int MaxHandles = (int)OneInternal - 1;

    /// <summary>References that the framework can hold, at most.</summary>
    public const int MaxInternal = (1 << 23) - 1;

    /// <summary>How many of them page tables can hold. The rest is for copies, of which each task runs one at a time, and for page tables of several CPUs that see the last free place at once.</summary>
    public const int MaxMappings = MaxInternal - (1 << 20);

    /// <summary>Where the generation begins in the word.</summary>
    public const int GenerationShift = 40;

    private const int CountsShift = 64 - GenerationShift;

    /// <summary>Counts or state (40 bits, signed) and generation (24 bits).</summary>
    public long Word;

    /// <summary>Free blocks: page number of the next in the list, 0 for none. Page tables: number of entries in use. Untyped frames: how often they are lent to devices (<see cref="Devices.Remapping.DmaSpace"/>).</summary>
    public uint Next;

    /// <summary>Free blocks: page number of the previous in the list, 0 for none (the list's head).</summary>
    public uint Previous;

    /// <summary>The state: positive for an untyped frame in use, else one of <see cref="FrameState"/>.</summary>
    [InterruptSafe]
    public readonly long State => CountsOf(Word);

    /// <summary>The generation half: counted up each time an untyped frame is freed. Never 0.</summary>
    [InterruptSafe]
    public readonly uint Generation => GenerationOf(Word);

    /// <summary>Puts the two halves together.</summary>
    [InterruptSafe]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long MakeWord(int state, uint generation) => (long)((ulong)generation << GenerationShift) | (long)((ulong)state << CountsShift >> CountsShift);

    /// <summary>The counts of a word; positive only for an untyped frame in use.</summary>
    [InterruptSafe]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long CountsOf(long word) => word << CountsShift >> CountsShift;

    /// <summary>References that clients hold.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int HandlesOf(long word) => (int)word & MaxHandles;

    /// <summary>References of the framework's own.</summary>
    public static int InternalOf(long word) => (int)(CountsOf(word) >> 16);

    /// <summary>The generation of a word.</summary>
    [InterruptSafe]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint GenerationOf(long word) => (uint)((ulong)word >> GenerationShift);

    /// <summary>The generation that follows: 0 is left out, since <c>default</c> is no handle.</summary>
    public static uint NextGeneration(uint generation) => generation == (1u << CountsShift) - 1 ? 1 : generation + 1;

    /// <summary>Changes the state where nobody else can: under the allocator's lock, or as the only owner.</summary>
    [InterruptSafe]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void SetState(int state) => Volatile.Write(ref Word, MakeWord(state, Generation));
}

/// <summary>The metadata of all pages, indexed by page number. Page 0 is never allocated, so that 0 can end a list.</summary>
internal static unsafe class FrameTable
{
    private static FrameSlot* s_slots;
    private static uint s_count;

    /// <summary>Number of slots: one past the highest page of RAM.</summary>
    [InterruptSafe]
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
    [InterruptSafe]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref FrameSlot Slot(uint pageNumber) => ref s_slots[pageNumber];

    /// <summary>The linear map's address of a page.</summary>
    // SAFETY: plain address arithmetic.
    [NoAlloc]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* AddressOf(uint pageNumber) => PhysicalMap.ToPointer((ulong)pageNumber << PageTableFormat.PageShift);

    /// <summary>The page number behind an address of the linear map.</summary>
    // SAFETY: plain address arithmetic.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint PageNumberOf(void* address) => (uint)(PhysicalMap.ToPhysical(address) >> PageTableFormat.PageShift);
}
