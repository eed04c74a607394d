// SPDX-License-Identifier: MPL-2.0

using System.Runtime.CompilerServices;
using System.Threading;

namespace Ostd.Runtime;

/// <summary>
/// The heap of objects: cells of size classes in blocks of 32 KiB, larger objects in runs of blocks. Nothing ever moves.
/// </summary>
/// <remarks>
/// <para>Small objects come from the running CPU's <see cref="AllocationCache"/> in a stub. This is the rest: filling a cache with the next run of free cells, and objects
/// that are not cached. It runs under <see cref="Lock"/>, with interrupts off. An object's method table (and an array's length) are stored before the lock is
/// left.</para>
/// <para>Memory for a run is looked for in this order: the size class's current block, a swept block with room, blocks not swept yet, a fresh
/// block, a collection with the world stopped.</para>
/// </remarks>
// SAFETY: all members but the ones that only read the regions' bounds run with Lock held. A run's cells are inside of their block by TakeRun, and nobody else's until
// their states are 0 again. Caches belong to the running CPU while interrupts are off.
internal static unsafe class GcHeap
{
    private const uint RunBytes = 8192;
    private const uint SweptInVainLimit = 16;

    internal static RuntimeLock Lock;

    private static HeapRegion s_boot;
    private static HeapRegion s_main;
    private static BlockLists s_current;
    private static BlockLists s_partial;
    private static uint s_stressCountdown;

    private struct BlockLists
    {
        internal fixed ulong Entry[SizeClasses.Count];
    }

    /// <summary>Collect at every Nth allocation; 0 for never.</summary>
    internal static uint StressInterval { get; set; }

    internal static ulong TotalAllocatedBytes { get; private set; }

    internal static ulong BootHeapBytes => (ulong)s_boot.BlockCount << HeapRegion.BlockShift;

    /// <summary>How much of the boot heap had been used when the main region came.</summary>
    internal static ulong BootHeapUsedBytes { get; private set; }

    [NoAlloc]
    internal static HeapRegion* BootRegion => (HeapRegion*)Unsafe.AsPointer(ref s_boot);

    [NoAlloc]
    internal static HeapRegion* MainRegion => (HeapRegion*)Unsafe.AsPointer(ref s_main);

    internal static void Initialize(ImageTable* image)
    {
        WriteBarrier.Initialize();
        s_boot.InitializeStatic(image->BootHeap, image->BootHeapSize);
        Marker.Initialize();
    }

    internal static void AddMainRegion(nuint start, nuint sizeBytes)
    {
        nuint flags = Lock.Enter();
        s_main.Initialize(start, sizeBytes);
        BootHeapUsedBytes = s_boot.UsedBytes;
        Lock.Exit(flags);
    }

    /// <summary>Allocates a zeroed object where the stubs could not.</summary>
    /// <param name="type">Its type, stored in it.</param>
    /// <param name="size">Its size with header, a multiple of 8.</param>
    /// <param name="arrayLength">The length to store, or -1 when the type has none.</param>
    /// <returns>The object, or null when memory is out even after a collection.</returns>
    internal static byte* Allocate(MethodTable* type, nuint size, int arrayLength)
    {
        // Before the lock, which may be held where none may be.
        if (ArchRuntime.GetThread()->NoAllocationDepth > 0 || RuntimeThread.IsInPolicy)
        {
            RuntimePanic.Fail("an object was allocated where none may be");
        }

        nuint flags = Lock.Enter();
        if (HeapFailure.FailsLocked())
        {
            Lock.Exit(flags);
            return null;
        }

        if (StressInterval != 0 && ++s_stressCountdown >= StressInterval)
        {
            s_stressCountdown = 0;
            Collector.CollectLocked();
        }

        byte* o = size <= SizeClasses.LargestCell ? AllocateSmall(size) : AllocateLarge(size, ref flags);
        if (o != null)
        {
            *(MethodTable**)o = type;
            if (arrayLength >= 0)
            {
                *(int*)(o + ObjectLayout.ArrayLengthOffset) = arrayLength;
            }
        }

        Lock.Exit(flags);
        ConcurrentCycle.AfterAllocation();
        return o;
    }

    private static byte* AllocateSmall(nuint size)
    {
        int sizeClass = SizeClasses.ClassOf(size);
        CpuHeap* cpu = CpuHeap.EnsureLocked();
        if (cpu == null || size > CpuHeap.LargestCachedSize || StressInterval != 0 || HeapFailure.IsOn)
        {
            byte* cell = TakeRun(sizeClass, 1, out _);
            return cell == null ? null : cell + ObjectLayout.HeaderSize;
        }

        // Its cache may have cells: for callers that do not come from a stub, as CoreLib's, and for a task that came here from a CPU without.
        AllocationCache* cache = CpuHeap.CacheOf(cpu, sizeClass);
        if (cache->Next >= cache->Limit)
        {
            byte* run = TakeRun(sizeClass, RunBytes / SizeClasses.CellSize(sizeClass), out nuint runBytes);
            if (run == null)
            {
                return null;
            }

            // The search may have collected, which leaves every cache empty.
            cache->Next = (nuint)run + ObjectLayout.HeaderSize;
            cache->Limit = cache->Next + runBytes;
        }

        // An array's allocation that a stub began in this cell and restarted elsewhere may have left its length.
        byte* o = (byte*)cache->Next;
        *(ulong*)(o + ObjectLayout.ArrayLengthOffset) = 0;
        cache->Next += cache->CellSize;
        return o;
    }

    // Zeroed cells that have the current epoch.
    private static byte* TakeRun(int sizeClass, uint maxCells, out nuint runBytes)
    {
        BlockInfo* info = (BlockInfo*)s_current.Entry[sizeClass];
        while (true)
        {
            if (info != null)
            {
                uint count = BlockInfo.TakeRun(info, maxCells, Marker.Epoch, out uint first);
                if (count != 0)
                {
                    byte* run = RegionOfInfo(info)->AddressOf(info) + (nuint)first * info->CellSize;
                    runBytes = (nuint)count * info->CellSize;
                    ArchRuntime.Zero(run, runBytes);
                    CountAllocated(runBytes);
                    return run;
                }
            }

            info = NextBlock(sizeClass);
            s_current.Entry[sizeClass] = (ulong)info;
            if (info == null)
            {
                runBytes = 0;
                return null;
            }
        }
    }

    // Replaces a size class's exhausted block. This is where a small allocation may collect.
    private static BlockInfo* NextBlock(int sizeClass)
    {
        if (GcBudget.MustStop)
        {
            Collector.CollectLocked();
        }

        BlockInfo* info = FindBlock(sizeClass);
        if (info == null)
        {
            Collector.CollectLocked();
            info = FindBlock(sizeClass);
        }

        return info;
    }

    private static BlockInfo* FindBlock(int sizeClass)
    {
        for (uint swept = 0; swept < SweptInVainLimit; swept++)
        {
            BlockInfo* info = TakePartial(sizeClass);
            if (info != null)
            {
                return info;
            }

            if (!Sweeper.StepLocked(1))
            {
                break;
            }
        }

        BlockInfo* fresh = TakeEmpty(sizeClass);
        while (fresh == null && Sweeper.StepLocked(SweptInVainLimit))
        {
            fresh = TakePartial(sizeClass);
            fresh = fresh != null ? fresh : TakeEmpty(sizeClass);
        }

        return fresh != null ? fresh : TakePartial(sizeClass);
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
            info->SweptCycle = Sweeper.Cycle;
            info->Next = null;
            info->NeedsRescan = 0;
            ArchRuntime.Zero(info->State, BlockInfo.StateBytes);
            Volatile.Write(ref *(byte*)&info->Kind, (byte)BlockKind.Small);
        }

        return info;
    }

    private static byte* AllocateLarge(nuint size, ref nuint flags)
    {
        ulong count = ((ulong)size + HeapRegion.BlockSize - 1) >> HeapRegion.BlockShift;
        if (count > uint.MaxValue)
        {
            return null;
        }

        if (GcBudget.MustStop)
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

        info->NeedsRescan = 0;
        info->LargeSize = size;
        info->UsedCount = (uint)count;
        for (uint i = 1; i < count; i++)
        {
            info[i].CellSize = i;
            info[i].Kind = BlockKind.Continuation;
        }

        CountAllocated(size);

        // Zeroing takes long, so the lock is left meanwhile; the blocks are taken, and no object yet.
        info->Kind = BlockKind.Reserved;
        Lock.Exit(flags);
        byte* cell = region->AddressOf(info);
        ArchRuntime.Zero(cell, size);
        flags = Lock.Enter();
        info->ScanProgress = 0;
        info->SweptCycle = Sweeper.Cycle;
        info->State[0] = Marker.Epoch;
        Volatile.Write(ref *(byte*)&info->Kind, (byte)BlockKind.Large);
        return cell + ObjectLayout.HeaderSize;
    }

    private static void CountAllocated(nuint bytes)
    {
        TotalAllocatedBytes += bytes;
        GcBudget.AllocatedBytes += bytes;
    }

    /// <summary>Takes adjacent blocks. The caller gives them their kinds before it leaves the lock.</summary>
    [NoAlloc]
    internal static BlockInfo* TakeBlocksLocked(uint count, out HeapRegion* region)
    {
        // The boot heap's memory is there anyway, so it is used up first.
        region = BootRegion;
        BlockInfo* info = region->Take(count);
        if (info == null && s_main.BlockCount != 0)
        {
            region = MainRegion;
            info = region->Take(count);
        }

        WriteBarrier.PublishRegions();
        return info;
    }

    /// <summary>
    /// Makes cells free again that were handed out and not used. With the lock held, or the world stopped, or by the collector's request on the CPU whose cache had them.
    /// </summary>
    [InterruptSafe]
    internal static void ReleaseCells(nuint start, nuint sizeBytes)
    {
        HeapRegion* region = RegionOf(start);
        BlockInfo* info = &region->Infos[(start - region->Base) >> HeapRegion.BlockShift];
        uint first = info->IndexOf((uint)(start & (HeapRegion.BlockSize - 1)));
        uint count = (uint)sizeBytes / info->CellSize;
        ArchRuntime.Zero(info->State + first, count);
    }

    [InterruptSafe]
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
    [NoAlloc]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static HeapRegion* RegionOfInfo(BlockInfo* info) => RegionOf((nuint)info);

    /// <summary>Forgets all lists of blocks with room: after marking, each block is to be swept before it gives cells again.</summary>
    [NoAlloc]
    internal static void ForgetBlocks()
    {
        for (int i = 0; i < SizeClasses.Count; i++)
        {
            s_current.Entry[i] = 0;
            s_partial.Entry[i] = 0;
        }
    }

    /// <summary>Puts a swept block with room into its size class's list.</summary>
    [NoAlloc]
    internal static void AddPartial(BlockInfo* info)
    {
        info->Next = (BlockInfo*)s_partial.Entry[info->SizeClass];
        s_partial.Entry[info->SizeClass] = (ulong)info;
    }
}
