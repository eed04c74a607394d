// SPDX-License-Identifier: MPL-2.0

using System.Runtime.CompilerServices;

namespace Ostd.Runtime;

/// <summary>
/// The heap of objects: cells of size classes in blocks of 32 KiB, larger objects in runs of blocks. Nothing ever moves.
/// </summary>
/// <remarks>
/// <para>Everything here runs under <see cref="Lock"/>, with interrupts off, so that an allocation is never seen half done by the collector of this
/// CPU. The method table (and an array's length) are stored before the lock is left.</para>
/// <para>A collection starts inside an allocation only, when enough was allocated since the last one, when memory is out, or at every Nth
/// allocation in stress mode.</para>
/// </remarks>
internal static unsafe class GcHeap
{
    private const ulong MinimumBudget = 4 * 1024 * 1024;
    private const uint KeepFreeBlocks = 32;

    internal static RuntimeLock Lock;

    private static HeapRegion s_boot;
    private static HeapRegion s_main;
    private static BlockLists s_current;
    private static BlockLists s_partial;

    // Bytes handed to allocation (as whole blocks) since the last collection, and how many may be until the next.
    private static ulong s_allocatedSinceCollection;
    private static ulong s_budget;
    private static uint s_stressCountdown;

    private struct BlockLists
    {
        internal fixed ulong Entry[SizeClasses.Count];
    }

    /// <summary>Collect at every Nth allocation; 0 for never.</summary>
    internal static uint StressInterval { get; set; }

    internal static ulong TotalAllocatedBytes { get; private set; }

    internal static void Initialize(ImageTable* image)
    {
        s_boot.InitializeStatic(image->BootHeap, image->BootHeapSize);
        s_budget = MinimumBudget;
        Marker.Initialize();
    }

    internal static void AddMainRegion(nuint start, nuint sizeBytes)
    {
        nuint flags = Lock.Enter();
        s_main.Initialize(start, sizeBytes);
        Lock.Exit(flags);
    }

    /// <summary>Allocates a zeroed object.</summary>
    /// <param name="type">Its type, stored in it.</param>
    /// <param name="size">Its size with header, a multiple of 8.</param>
    /// <param name="arrayLength">The length to store, or -1 when the type has none.</param>
    /// <returns>The object, or null when memory is out even after a collection.</returns>
    internal static byte* Allocate(MethodTable* type, nuint size, int arrayLength)
    {
        nuint flags = Lock.Enter();
        RuntimeThread* thread = ArchRuntime.GetThread();
        if (thread->NoAllocationDepth > 0)
        {
            RuntimePanic.Fail("an object was allocated where none may be");
        }

        if (StressInterval != 0 && ++s_stressCountdown >= StressInterval)
        {
            s_stressCountdown = 0;
            Collector.CollectLocked();
        }

        byte* cell = size <= SizeClasses.LargestCell ? AllocateSmall(size) : AllocateLarge(size);
        byte* o = null;
        if (cell != null)
        {
            o = cell + ObjectLayout.HeaderSize;
            *(MethodTable**)o = type;
            if (arrayLength >= 0)
            {
                *(int*)(o + ObjectLayout.ArrayLengthOffset) = arrayLength;
            }
        }

        Lock.Exit(flags);
        return o;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte* AllocateSmall(nuint size)
    {
        int sizeClass = SizeClasses.ClassOf(size);
        BlockInfo* info = (BlockInfo*)s_current.Entry[sizeClass];
        while (true)
        {
            if (info != null)
            {
                uint index = info->TakeCell();
                if (index < info->CellCount)
                {
                    byte* cell = RegionOfInfo(info)->AddressOf(info) + (nuint)index * info->CellSize;
                    ArchRuntime.Zero(cell, info->CellSize);
                    return cell;
                }
            }

            info = NextBlock(sizeClass);
            if (info == null)
            {
                return null;
            }
        }
    }

    // Replaces a size class's exhausted block. This is where a small allocation may collect.
    private static BlockInfo* NextBlock(int sizeClass)
    {
        BlockInfo* old = (BlockInfo*)s_current.Entry[sizeClass];
        if (old != null)
        {
            old->IsCurrent = 0;
            s_current.Entry[sizeClass] = 0;
        }

        if (s_allocatedSinceCollection >= s_budget)
        {
            Collector.CollectLocked();
        }

        BlockInfo* info = TakePartial(sizeClass);
        if (info == null)
        {
            info = TakeEmpty(sizeClass);
            if (info == null)
            {
                Collector.CollectLocked();
                info = TakePartial(sizeClass);
                if (info == null)
                {
                    info = TakeEmpty(sizeClass);
                    if (info == null)
                    {
                        return null;
                    }
                }
            }
        }

        ulong bytes = (ulong)(info->CellCount - info->UsedCount) * info->CellSize;
        s_allocatedSinceCollection += bytes;
        TotalAllocatedBytes += bytes;
        info->IsCurrent = 1;
        s_current.Entry[sizeClass] = (ulong)info;
        return info;
    }

    private static BlockInfo* TakePartial(int sizeClass)
    {
        BlockInfo* info = (BlockInfo*)s_partial.Entry[sizeClass];
        if (info != null)
        {
            s_partial.Entry[sizeClass] = (ulong)info->Next;
            info->Next = null;
        }

        return info;
    }

    private static BlockInfo* TakeEmpty(int sizeClass)
    {
        BlockInfo* info = TakeBlocksLocked(1, out _);
        if (info != null)
        {
            uint cellSize = SizeClasses.CellSize(sizeClass);
            info->SizeClass = (byte)sizeClass;
            info->CellSize = cellSize;
            info->CellCount = (ushort)(HeapRegion.BlockSize / cellSize);
            info->Reciprocal = (uint)((0x1_0000_0000ul + cellSize - 1) / cellSize);
            info->FreeIndex = 0;
            info->UsedCount = 0;
            info->Next = null;
            info->NeedsRescan = 0;
            for (int i = 0; i < BlockInfo.BitWords; i++)
            {
                info->AllocationBits[i] = 0;
                info->MarkBits[i] = 0;
            }

            info->Kind = BlockKind.Small;
        }

        return info;
    }

    private static byte* AllocateLarge(nuint size)
    {
        ulong count = ((ulong)size + HeapRegion.BlockSize - 1) >> HeapRegion.BlockShift;
        if (count > uint.MaxValue)
        {
            return null;
        }

        if (s_allocatedSinceCollection + size >= s_budget && s_allocatedSinceCollection > 0)
        {
            Collector.CollectLocked();
        }

        BlockInfo* info = TakeBlocksLocked((uint)count, out HeapRegion* region);
        if (info == null)
        {
            Collector.CollectLocked();
            info = TakeBlocksLocked((uint)count, out region);
            if (info == null)
            {
                return null;
            }
        }

        info->IsLargeMarked = 0;
        info->NeedsRescan = 0;
        info->LargeSize = size;
        info->UsedCount = (uint)count;
        for (uint i = 1; i < count; i++)
        {
            info[i].Kind = BlockKind.Continuation;
            info[i].CellSize = i;
        }

        s_allocatedSinceCollection += size;
        TotalAllocatedBytes += size;
        byte* cell = region->AddressOf(info);
        ArchRuntime.Zero(cell, size);
        info->Kind = BlockKind.Large;
        return cell;
    }

    /// <summary>Takes adjacent blocks. The caller gives them their kinds before it leaves the lock.</summary>
    internal static BlockInfo* TakeBlocksLocked(uint count, out HeapRegion* region)
    {
        // SAFETY: the regions are unmanaged statics, which never move.
        fixed (HeapRegion* main = &s_main, boot = &s_boot)
        {
            // The boot heap's memory is there anyway, so it is used up first.
            region = boot;
            BlockInfo* info = boot->Take(count);
            if (info == null && main->BlockCount != 0)
            {
                region = main;
                info = main->Take(count);
            }

            return info;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static HeapRegion* RegionOf(nuint address)
    {
        if (address - s_main.Base < s_main.UsedBytes)
        {
            return (HeapRegion*)Unsafe.AsPointer(ref s_main);
        }

        return address - s_boot.Base < s_boot.UsedBytes ? (HeapRegion*)Unsafe.AsPointer(ref s_boot) : null;
    }

    // A region's infos lie at its own beginning.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static HeapRegion* RegionOfInfo(BlockInfo* info) => RegionOf((nuint)info);

    internal static HeapRegion* BootRegion => (HeapRegion*)Unsafe.AsPointer(ref s_boot);

    internal static HeapRegion* MainRegion => (HeapRegion*)Unsafe.AsPointer(ref s_main);

    /// <summary>After marking: forgets all lists, so that the sweep can build them anew.</summary>
    internal static void BeginSweep()
    {
        for (int i = 0; i < SizeClasses.Count; i++)
        {
            s_current.Entry[i] = 0;
            s_partial.Entry[i] = 0;
        }
    }

    /// <summary>Puts a swept block with room into its size class's list.</summary>
    internal static void AddPartial(BlockInfo* info)
    {
        info->Next = (BlockInfo*)s_partial.Entry[info->SizeClass];
        s_partial.Entry[info->SizeClass] = (ulong)info;
    }

    /// <summary>Ends a collection: the next one is due when as much was allocated as is alive now.</summary>
    internal static void EndSweep(ulong liveBytes)
    {
        s_allocatedSinceCollection = 0;
        s_budget = liveBytes > MinimumBudget ? liveBytes : MinimumBudget;
        if (s_main.BlockCount != 0)
        {
            s_main.Trim(KeepFreeBlocks);
        }
    }

    internal static void TrimLocked()
    {
        if (s_main.BlockCount != 0)
        {
            s_main.Trim(0);
        }
    }
}
