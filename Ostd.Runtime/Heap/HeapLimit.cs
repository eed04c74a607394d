// SPDX-License-Identifier: MPL-2.0

namespace Ostd.Runtime;

/// <summary>
/// How large the heap may become, and what happens at the end: an allocation that finds no memory throws; its task may then use a reserve beyond the limit, so that the way out can run.
/// </summary>
// SAFETY: a task's record is changed by the task itself only.
public static unsafe class HeapLimit
{
    /// <summary>What tasks on their way out may take beyond the limit.</summary>
    public const ulong ReserveBytes = 1024 * 1024;

    // Looking for room in vain takes at most a fifth of the time.
    private const ulong IdleFactor = 4;

    // Something was given back since the last look: a task has left the reserve.
    private static bool s_hasReleased;
    private static ulong s_collectedCycles;
    private static ulong s_costCycles;

    /// <summary>The most that may be committed, in bytes; 0 for what memory there is. The kernel parameter <c>heap.limit</c>.</summary>
    public static ulong Bytes { get; set; }

    /// <summary>Whether so much can be allocated before the limit is reached. Collects when that is needed to tell.</summary>
    public static bool HasRoom(ulong sizeBytes)
    {
        if (Bytes == 0 || PageProvider.CommittedBytes + sizeBytes <= Bytes)
        {
            return true;
        }

        RuntimeThread.CheckNotInPolicy();
        nuint flags = GcHeap.Lock.Enter();
        bool hasRoom = HasFreeBlocks(sizeBytes);
        ulong now = ArchRuntime.ReadCycleCounter();
        if (!hasRoom && (s_hasReleased || GcBudget.AllocatedBytes >= sizeBytes / 4 || now - s_collectedCycles >= s_costCycles * IdleFactor))
        {
            s_hasReleased = false;
            Collector.CollectLocked();
            Sweeper.FinishLocked();
            hasRoom = HasFreeBlocks(sizeBytes);
            s_collectedCycles = ArchRuntime.ReadCycleCounter();
            s_costCycles = s_collectedCycles - now;
        }

        GcHeap.Lock.Exit(flags);
        return hasRoom;
    }

    // Whole blocks count alone: free cells in others serve their own size class only.
    private static bool HasFreeBlocks(ulong sizeBytes) => PageProvider.CommittedBytes + sizeBytes <= Bytes + GcHeap.MainRegion->CountFreeBytes();

    /// <summary>Lets the running task use the reserve, until it is taken back as often.</summary>
    public static void EnterReserve() => ArchRuntime.GetThread()->ReserveDepth++;

    /// <summary>Takes one <see cref="EnterReserve"/> back.</summary>
    public static void LeaveReserve()
    {
        ArchRuntime.GetThread()->ReserveDepth--;
        s_hasReleased = true;
    }

    /// <summary>The running task has dealt with an <see cref="System.OutOfMemoryException"/>: no reserve for it any more.</summary>
    public static void EndOutOfMemory() => ArchRuntime.GetThread()->IsOutOfMemory = 0;

    /// <summary>Whether the heap may commit so much more. With the heap's lock held.</summary>
    [NoAlloc]
    internal static bool Allows(ulong sizeBytes)
    {
        RuntimeThread* thread = ArchRuntime.GetThread();
        ulong reserve = thread->IsOutOfMemory != 0 || thread->ReserveDepth != 0 ? ReserveBytes : 0;
        return Bytes == 0 || PageProvider.CommittedBytes + sizeBytes <= Bytes + reserve;
    }

    internal static void OnFailedAllocation() => ArchRuntime.GetThread()->IsOutOfMemory = 1;
}
