// SPDX-License-Identifier: MPL-2.0

using System.Runtime.InteropServices;

namespace Ostd.Runtime;

/// <summary>A run of zeroed, premarked cells that one CPU allocates from. Both bounds are object addresses, 8 bytes into their cells.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct AllocationCache
{
    internal nuint Next;
    internal nuint Limit;
    internal nuint CellSize;
}

/// <summary>
/// What belongs to one CPU: its allocation caches and its grey objects. The per-CPU block points at it; the allocation stubs and the write barrier know the layout.
/// </summary>
/// <remarks>
/// A cache changes by the allocation stub on its CPU, a restartable sequence; by C# on its CPU with interrupts off; or by another CPU while the world is stopped. The
/// same goes for the grey segment, which the stub of the write barrier fills with interrupts off.
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = SizeBytes)]
// SAFETY: records are native memory, made once for each CPU and never freed. Arrays are indexed by size classes, below SizeClasses.Count, and
// by (size + 7) / 8 with a size of at most LargestCachedSize.
internal unsafe struct CpuHeap
{
    internal const int SizeBytes = 1280;

    /// <summary>Larger objects are not cached.</summary>
    internal const nuint LargestCachedSize = 1024;

    private const int OffsetCount = 129;

    /// <summary>The caches by size class; see <see cref="CacheOf"/>.</summary>
    [FieldOffset(0)]
    private fixed byte _caches[SizeClasses.Count * 24];

    /// <summary>Offset of the cache in <see cref="_caches"/> for (size + 7) / 8.</summary>
    [FieldOffset(864)]
    private fixed ushort _cacheOffsets[OffsetCount];

    /// <summary>Objects of this CPU that are marked and not yet looked through.</summary>
    [FieldOffset(1128)]
    internal GreySegment* Grey;

    /// <summary>The next CPU's.</summary>
    [FieldOffset(1136)]
    internal CpuHeap* Next;

    private static CpuHeap* s_first;

    /// <summary>The first of all CPUs' records.</summary>
    [NoAlloc]
    internal static CpuHeap* First => s_first;

    /// <summary>The running CPU's, or null before <see cref="EnsureLocked"/>. Stable while interrupts are off.</summary>
    [InterruptSafe]
    internal static CpuHeap* Current => ArchRuntime.GetCpuHeap();

    [InterruptSafe]
    internal static AllocationCache* CacheOf(CpuHeap* cpu, int sizeClass) => (AllocationCache*)cpu->_caches + sizeClass;

    /// <summary>Makes the running CPU's record if it has none. With the heap's lock held.</summary>
    /// <returns>Null when memory is out.</returns>
    [NoAlloc]
    internal static CpuHeap* EnsureLocked()
    {
        CpuHeap* cpu = Current;
        return cpu != null ? cpu : Create();
    }

    /// <summary>As <see cref="EnsureLocked"/>, without the lock.</summary>
    [NoAlloc]
    internal static void Ensure()
    {
        nuint flags = GcHeap.Lock.Enter();
        EnsureLocked();
        GcHeap.Lock.Exit(flags);
    }

    [NoAlloc]
    private static CpuHeap* Create()
    {
        CpuHeap* cpu = (CpuHeap*)NativeHeap.AllocateZeroedLocked((nuint)sizeof(CpuHeap));
        GreySegment* grey = (GreySegment*)NativeHeap.AllocateZeroedLocked((nuint)sizeof(GreySegment));
        if (cpu == null || grey == null)
        {
            return null;
        }

        for (int i = 0; i < SizeClasses.Count; i++)
        {
            CacheOf(cpu, i)->CellSize = SizeClasses.CellSize(i);
        }

        for (int i = 0; i < OffsetCount; i++)
        {
            cpu->_cacheOffsets[i] = (ushort)(SizeClasses.ClassOf((nuint)i * 8) * sizeof(AllocationCache));
        }

        cpu->Grey = grey;
        cpu->Next = s_first;
        s_first = cpu;
        ArchRuntime.SetCpuHeap(cpu);
        if (ArchRuntime.GetThread()->NoAllocationDepth == 0)
        {
            ArchRuntime.SetAllocationCache(cpu);
        }

        return cpu;
    }

    /// <summary>Gives the unused cells of a CPU's caches back. On that CPU with interrupts off, or with the world stopped.</summary>
    [InterruptSafe]
    internal static void Retire(CpuHeap* cpu)
    {
        for (int i = 0; i < SizeClasses.Count; i++)
        {
            AllocationCache* cache = CacheOf(cpu, i);
            if (cache->Next < cache->Limit)
            {
                GcHeap.ReleaseCells(cache->Next - ObjectLayout.HeaderSize, cache->Limit - cache->Next);
            }

            cache->Next = 0;
            cache->Limit = 0;
        }
    }
}
