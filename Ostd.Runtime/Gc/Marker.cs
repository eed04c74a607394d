// SPDX-License-Identifier: MPL-2.0

using System.Runtime.CompilerServices;

namespace Ostd.Runtime;

/// <summary>
/// Marks what is reachable, on any number of CPUs at once. An object found gets the current epoch, one plain store, and waits in the CPU's grey segment to be looked
/// through. When no segment is left, its block is flagged instead, and all marked objects of flagged blocks are looked at again: slower, but it
/// always ends and needs no memory.
/// </summary>
/// <remarks>Two CPUs may find an object at the same moment; then it is looked through twice, which is harmless.</remarks>
// SAFETY: everything here runs with interrupts off while a collection marks (or stopped), on the CPU of the given record. RegionOf lets addresses of blocks ever used
// pass, and their infos are backed. While there is marking, blocks change their kind from free or native alone (the sweep is over), and the kind is stored last; a
// word from a stack counts only when its cell is in use and not of this epoch: such a cell was handed out before the cycle's start, when all caches were
// given back, so it holds an object. Ranges are the caller's, who has checked that they are mapped.
[NoAlloc]
internal static unsafe class Marker
{
    private static byte s_epoch;
    private static byte s_hasOverflowed;

    // The block that is being looked through again, and its next cell. One task at a time does that.
    private static BlockInfo* s_rescanBlock;
    private static uint s_rescanCell;

    /// <summary>The state of a cell that is alive: 1, 2 or 3. Three, so that a cycle can be given up and begun anew.</summary>
    internal static byte Epoch => s_epoch;

    internal static ulong OverflowCount { get; private set; }

    /// <summary>Some blocks are to be looked through again.</summary>
    internal static bool HasOverflowed => s_hasOverflowed != 0 || s_rescanBlock != null;

    internal static void Initialize()
    {
        s_epoch = 1;
        GreyList.Initialize();
    }

    /// <summary>Makes all objects white. With the world stopped or before anybody marks.</summary>
    internal static void NextEpoch()
    {
        s_epoch = (byte)(s_epoch % 3 + 1);
        s_hasOverflowed = 0;
        s_rescanBlock = null;
    }

    /// <summary>Marks by a word that is a reference to an object, null, or a reference to something outside of the heap (frozen objects).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void MarkReference(CpuHeap* cpu, nuint reference)
    {
        HeapRegion* region = GcHeap.RegionOf(reference);
        if (region != null)
        {
            MarkInRegion(cpu, reference, region);
        }
    }

    private static void MarkInRegion(CpuHeap* cpu, nuint reference, HeapRegion* region)
    {
        nuint cell = reference - ObjectLayout.HeaderSize;
        BlockInfo* info = &region->Infos[(cell - region->Base) >> HeapRegion.BlockShift];
        if (info->Kind == BlockKind.Small)
        {
            byte* state = info->State + info->IndexOf((uint)(cell & (HeapRegion.BlockSize - 1)));
            if (*state != s_epoch)
            {
                *state = s_epoch;
                Push(cpu, (byte*)reference, info);
            }
        }
        else
        {
            MarkLarge(cpu, (byte*)reference, info);
        }
    }

    private static void MarkLarge(CpuHeap* cpu, byte* o, BlockInfo* info)
    {
        if (info->Kind != BlockKind.Large)
        {
            RuntimePanic.WriteHex((ulong)o);
            RuntimePanic.Fail("a reference points into the heap, but to no object");
        }

        if (info->State[0] != s_epoch)
        {
            info->State[0] = s_epoch;
            info->ScanProgress = 0;
            Push(cpu, o, info);
        }
    }

    /// <summary>
    /// Marks by a word that may be anything. It counts when it points into an object, at its end (a span's end is held there), or at its header.
    /// </summary>
    internal static void MarkConservatively(CpuHeap* cpu, nuint word)
    {
        // An address at an object's end is the header of the next cell, so the header word counts to the object before it.
        nuint address = word - ObjectLayout.HeaderSize;
        HeapRegion* region = GcHeap.RegionOf(address);
        if (region == null)
        {
            return;
        }

        nuint block = (address - region->Base) >> HeapRegion.BlockShift;
        BlockInfo* info = &region->Infos[block];
        if (info->Kind == BlockKind.Continuation)
        {
            info -= info->CellSize;
        }

        if (info->Kind == BlockKind.Small)
        {
            uint index = info->IndexOf((uint)(address & (HeapRegion.BlockSize - 1)));
            if (index < info->CellCount && info->State[index] != 0 && info->State[index] != s_epoch)
            {
                info->State[index] = s_epoch;
                Push(cpu, region->AddressOf(info) + (nuint)index * info->CellSize + ObjectLayout.HeaderSize, info);
            }
        }
        else if (info->Kind == BlockKind.Large)
        {
            byte* cell = region->AddressOf(info);
            if (address < (nuint)cell + info->LargeSize)
            {
                MarkLarge(cpu, cell + ObjectLayout.HeaderSize, info);
            }
        }
    }

    /// <summary>As <see cref="MarkConservatively"/> for a word that is a reference or none at all, on a CPU that may have no record yet.</summary>
    internal static void ShadeWord(CpuHeap* cpu, nuint word)
    {
        HeapRegion* region = GcHeap.RegionOf(word);
        if (region != null && IsObject(region, word))
        {
            Shade(cpu, word);
        }
    }

    /// <summary>Whether an address in a region is that of a cell in use.</summary>
    internal static bool IsObject(HeapRegion* region, nuint address)
    {
        nuint cell = address - ObjectLayout.HeaderSize;
        BlockInfo* info = &region->Infos[(cell - region->Base) >> HeapRegion.BlockShift];
        uint offset = (uint)(cell & (HeapRegion.BlockSize - 1));
        if (info->Kind != BlockKind.Small)
        {
            return info->Kind == BlockKind.Large && offset == 0;
        }

        uint index = info->IndexOf(offset);
        return index * info->CellSize == offset && index < info->CellCount && info->State[index] != 0;
    }

    /// <summary>Marks by a run of references.</summary>
    /// <returns>How many there were.</returns>
    internal static int MarkReferences(CpuHeap* cpu, nuint* slot, nuint* end)
    {
        int count = (int)(end - slot);
        for (; slot < end; slot++)
        {
            if (*slot != 0)
            {
                MarkReference(cpu, *slot);
            }
        }

        return count;
    }

    /// <summary>Marks by every aligned word of a range.</summary>
    internal static void MarkRange(CpuHeap* cpu, nuint start, nuint end)
    {
        for (nuint* word = (nuint*)((start + 7) & ~(nuint)7); word + 1 <= (nuint*)end; word++)
        {
            MarkConservatively(cpu, *word);
        }
    }

    /// <summary>Whether an object survives. Those outside of the heap always do.</summary>
    internal static bool IsMarked(nuint reference)
    {
        HeapRegion* region = GcHeap.RegionOf(reference);
        if (region == null)
        {
            return true;
        }

        nuint cell = reference - ObjectLayout.HeaderSize;
        BlockInfo* info = &region->Infos[(cell - region->Base) >> HeapRegion.BlockShift];
        return info->State[info->Kind == BlockKind.Large ? 0 : info->IndexOf((uint)(cell & (HeapRegion.BlockSize - 1)))] == s_epoch;
    }

    /// <summary>As <see cref="MarkReference"/>, for a barrier, on a CPU that may have no record yet.</summary>
    internal static void Shade(CpuHeap* cpu, nuint reference)
    {
        if (cpu != null)
        {
            MarkReference(cpu, reference);
            return;
        }

        HeapRegion* region = GcHeap.RegionOf(reference);
        if (region != null)
        {
            nuint cell = reference - ObjectLayout.HeaderSize;
            BlockInfo* info = &region->Infos[(cell - region->Base) >> HeapRegion.BlockShift];
            info->State[info->Kind == BlockKind.Large ? 0 : info->IndexOf((uint)(cell & (HeapRegion.BlockSize - 1)))] = s_epoch;
            Flag(info);
        }
    }

    /// <summary>Follows everything that was found until nothing is left. With the world stopped.</summary>
    internal static void Drain(CpuHeap* cpu)
    {
        while (DrainStep(cpu, int.MaxValue) || RescanStep(cpu))
        {
        }
    }

    /// <summary>Puts another CPU's grey objects up for all. With the world stopped.</summary>
    internal static void TakeOver(CpuHeap* cpu, CpuHeap* other)
    {
        if (other->Grey->Count == 0 || GreyList.TryPublish(other))
        {
            return;
        }

        while (other->Grey->Count > 0)
        {
            byte* o = (byte*)other->Grey->Entries[--other->Grey->Count];
            GcDescriptor.MarkReferences(cpu, o, ObjectLayout.TypeOf(o));
        }
    }

    /// <summary>Looks through some grey objects. Most of a collection's time goes by here, so what stays the same is held in locals, and the common case is inline.</summary>
    /// <param name="cpu">The running CPU's record.</param>
    /// <param name="budget">About how many references to follow.</param>
    /// <returns>False when nothing is left that this CPU could do.</returns>
    internal static bool DrainStep(CpuHeap* cpu, int budget)
    {
        HeapRegion* main = GcHeap.MainRegion;
        nuint firstCell = main->Base + ObjectLayout.HeaderSize;
        nuint usedBytes = main->UsedBytes;
        byte* infos = (byte*)main->Infos;
        byte epoch = s_epoch;
        while (budget > 0)
        {
            GreySegment* grey = cpu->Grey;
            if (grey->Count == 0)
            {
                if (!GreyList.TryTake(cpu))
                {
                    return false;
                }

                continue;
            }

            byte* o = (byte*)grey->Entries[--grey->Count];
            MethodTable* type = ObjectLayout.TypeOf(o);
            nint series = *((nint*)type - 1);
            if (series <= 0 || type->HasComponentSize)
            {
                budget -= GcDescriptor.MarkReferences(cpu, o, type);
                continue;
            }

            nint* description = (nint*)type - 3;
            do
            {
                nuint* slot = (nuint*)(o + description[1]);
                nuint* end = (nuint*)((byte*)slot + description[0] + type->BaseSize);
                budget -= (int)(end - slot) + 1;
                for (; slot < end; slot++)
                {
                    nuint reference = *slot;
                    if (reference == 0)
                    {
                        continue;
                    }

                    nuint offset = reference - firstCell;
                    BlockInfo* info = (BlockInfo*)(infos + (offset >> HeapRegion.BlockShift) * BlockInfo.SizeBytes);
                    if (offset >= usedBytes || info->Kind != BlockKind.Small)
                    {
                        MarkReference(cpu, reference);
                        continue;
                    }

                    byte* state = info->State + info->IndexOf((uint)offset & (uint)(HeapRegion.BlockSize - 1));
                    if (*state != epoch)
                    {
                        *state = epoch;
                        Push(cpu, (byte*)reference, info);
                    }
                }

                description -= 2;
            }
            while (--series > 0);
        }

        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Push(CpuHeap* cpu, byte* o, BlockInfo* info)
    {
        MethodTable* type = ObjectLayout.TypeOf(o);
        if (!type->ContainsPointers)
        {
            return;
        }

        GreySegment* grey = cpu->Grey;
        if (grey->Count < GreySegment.Capacity)
        {
            grey->Entries[grey->Count++] = (ulong)o;
        }
        else
        {
            PushToNextSegment(cpu, o, info);
        }
    }

    private static void PushToNextSegment(CpuHeap* cpu, byte* o, BlockInfo* info)
    {
        if (GreyList.TryPublish(cpu))
        {
            cpu->Grey->Entries[cpu->Grey->Count++] = (ulong)o;
            return;
        }

        Flag(info);
    }

    private static void Flag(BlockInfo* info)
    {
        info->NeedsRescan = 1;
        s_hasOverflowed = 1;
    }

    /// <summary>Has an object looked through that was taken from a segment only in part.</summary>
    internal static void PushAgain(CpuHeap* cpu, byte* o, BlockInfo* info)
    {
        if (cpu->Grey->Count < GreySegment.Capacity)
        {
            cpu->Grey->Entries[cpu->Grey->Count++] = (ulong)o;
        }
        else
        {
            PushToNextSegment(cpu, o, info);
        }
    }

    /// <summary>Looks through some objects of a flagged block. By one task at a time.</summary>
    /// <returns>False when there is none.</returns>
    internal static bool RescanStep(CpuHeap* cpu)
    {
        const uint cellsPerStep = 64;
        if (s_rescanBlock == null && !TakeFlaggedBlock())
        {
            return false;
        }

        BlockInfo* info = s_rescanBlock;
        byte* block = GcHeap.RegionOfInfo(info)->AddressOf(info);
        if (info->Kind == BlockKind.Large)
        {
            s_rescanBlock = null;
            info->ScanProgress = 0;
            PushAgain(cpu, block + ObjectLayout.HeaderSize, info);
            return true;
        }

        uint end = s_rescanCell + cellsPerStep;
        for (; s_rescanCell < end && s_rescanCell < info->CellCount; s_rescanCell++)
        {
            if (info->State[s_rescanCell] == s_epoch)
            {
                byte* o = block + (nuint)s_rescanCell * info->CellSize + ObjectLayout.HeaderSize;
                MethodTable* type = ObjectLayout.TypeOf(o);

                // A cell of a cache has no type yet.
                if (type != null && type->ContainsPointers)
                {
                    GcDescriptor.MarkReferences(cpu, o, type);
                }
            }
        }

        if (s_rescanCell >= info->CellCount)
        {
            s_rescanBlock = null;
        }

        return true;
    }

    private static bool TakeFlaggedBlock()
    {
        if (s_hasOverflowed == 0)
        {
            return false;
        }

        if (TakeFlaggedBlock(GcHeap.BootRegion) || TakeFlaggedBlock(GcHeap.MainRegion))
        {
            return true;
        }

        s_hasOverflowed = 0;

        // A flag may have been set meanwhile, behind the search.
        return TakeFlaggedBlock(GcHeap.BootRegion) || TakeFlaggedBlock(GcHeap.MainRegion);
    }

    private static bool TakeFlaggedBlock(HeapRegion* region)
    {
        for (uint i = 0; i < region->UsedBlocks; i++)
        {
            BlockInfo* info = &region->Infos[i];
            if (info->NeedsRescan != 0)
            {
                info->NeedsRescan = 0;
                OverflowCount++;
                s_rescanBlock = info;
                s_rescanCell = 0;
                return true;
            }
        }

        return false;
    }
}
