// SPDX-License-Identifier: MPL-2.0

namespace Ostd.Runtime;

/// <summary>
/// Memory for the runtime's own structures and for CoreLib's native allocations: never moved, never collected. Cells of a power of two in blocks
/// of the heap; larger ones are runs of blocks.
/// </summary>
internal static unsafe class NativeHeap
{
    private const int SmallestShift = 5;
    private const int LargestShift = 13;

    private static NativeLists s_partial;

    private struct NativeLists
    {
        internal fixed ulong First[LargestShift - SmallestShift + 1];
    }

    /// <summary>Allocates zeroed memory, aligned to 16 bytes and to its size when that is a power of two up to 8 KiB.</summary>
    /// <returns>Null when there is none.</returns>
    [NoAlloc]
    internal static void* AllocateZeroed(nuint sizeBytes)
    {
        RuntimeThread.CheckNotInPolicy();
        nuint flags = GcHeap.Lock.Enter();
        byte* memory = AllocateLocked(sizeBytes);
        GcHeap.Lock.Exit(flags);
        if (memory != null)
        {
            ArchRuntime.Zero(memory, sizeBytes);
        }

        return memory;
    }

    /// <summary>As <see cref="AllocateZeroed"/>, with the heap's lock held.</summary>
    [NoAlloc]
    internal static void* AllocateZeroedLocked(nuint sizeBytes)
    {
        byte* memory = AllocateLocked(sizeBytes);
        if (memory != null)
        {
            ArchRuntime.Zero(memory, sizeBytes);
        }

        return memory;
    }

    [InterruptSafe]
    internal static void Free(void* memory)
    {
        if (memory == null)
        {
            return;
        }

        RuntimeThread.CheckNotInPolicy();
        nuint flags = GcHeap.Lock.Enter();
        HeapRegion* region = GcHeap.RegionOf((nuint)memory);
        if (region == null)
        {
            RuntimePanic.Fail("memory was freed that is not the heap's");
        }

        // SAFETY: the memory came from AllocateLocked, so its block's info says what it is.
        BlockInfo* info = &region->Infos[((nuint)memory - region->Base) >> HeapRegion.BlockShift];
        if (info->Kind == BlockKind.NativeLarge)
        {
            region->Free(info, info->UsedCount);
        }
        else if (info->Kind == BlockKind.Native)
        {
            uint index = (uint)((nuint)memory & (HeapRegion.BlockSize - 1)) >> info->SizeClass;
            if (info->State[index] == 0 || ((nuint)memory & (info->CellSize - 1)) != 0)
            {
                RuntimePanic.Fail("native memory was freed twice, or by an address inside of it");
            }

            info->State[index] = 0;
            bool wasFull = info->UsedCount == info->CellCount;
            *(void**)memory = info->FreeList;
            info->FreeList = memory;
            info->UsedCount--;
            if (wasFull)
            {
                PushPartial(info);
            }
        }
        else
        {
            RuntimePanic.Fail("native memory was freed that was not allocated");
        }

        GcHeap.Lock.Exit(flags);
    }

    [NoAlloc]
    private static byte* AllocateLocked(nuint sizeBytes)
    {
        int shift = SmallestShift;
        while (shift <= LargestShift && (nuint)1 << shift < sizeBytes)
        {
            shift++;
        }

        if (shift > LargestShift)
        {
            return AllocateRun(sizeBytes);
        }

        BlockInfo* info = (BlockInfo*)s_partial.First[shift - SmallestShift];
        if (info == null)
        {
            info = GcHeap.TakeBlocksLocked(1, out _);
            if (info == null)
            {
                return null;
            }

            info->Kind = BlockKind.Native;
            info->SizeClass = (byte)shift;
            info->CellSize = 1u << shift;
            info->CellCount = (ushort)(HeapRegion.BlockSize >> shift);
            info->FreeIndex = 0;
            info->UsedCount = 0;
            info->FreeList = null;
            ArchRuntime.Zero(info->State, BlockInfo.StateBytes);
            PushPartial(info);
        }

        byte* cell = (byte*)info->FreeList;
        HeapRegion* region = GcHeap.RegionOfInfo(info);
        if (cell != null)
        {
            info->FreeList = *(void**)cell;
        }
        else
        {
            cell = region->AddressOf(info) + (nuint)info->FreeIndex++ * info->CellSize;
        }

        info->State[(uint)(cell - region->AddressOf(info)) >> shift] = 1;
        if (++info->UsedCount == info->CellCount)
        {
            s_partial.First[shift - SmallestShift] = (ulong)info->Next;
        }

        return cell;
    }

    [NoAlloc]
    private static byte* AllocateRun(nuint sizeBytes)
    {
        // More blocks than a count holds are more than any region has.
        if (sizeBytes > (nuint)uint.MaxValue << HeapRegion.BlockShift)
        {
            return null;
        }

        uint count = (uint)((sizeBytes + HeapRegion.BlockSize - 1) >> HeapRegion.BlockShift);
        BlockInfo* info = GcHeap.TakeBlocksLocked(count, out HeapRegion* region);
        if (info == null)
        {
            return null;
        }

        info->Kind = BlockKind.NativeLarge;
        info->UsedCount = count;
        for (uint i = 1; i < count; i++)
        {
            info[i].CellSize = i; // before the kind: stacks are looked through meanwhile
            info[i].Kind = BlockKind.Continuation;
        }

        return region->AddressOf(info);
    }

    [InterruptSafe]
    private static void PushPartial(BlockInfo* info)
    {
        info->Next = (BlockInfo*)s_partial.First[info->SizeClass - SmallestShift];
        s_partial.First[info->SizeClass - SmallestShift] = (ulong)info;
    }
}
