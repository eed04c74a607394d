// SPDX-License-Identifier: MPL-2.0

using System.Runtime;

namespace Ostd.Runtime;

/// <summary>System.GC as CoreLib asks the runtime for it. One generation; no finalizers.</summary>
// SAFETY: only GetGcDescSize follows a pointer: to a method table that CoreLib took from a type, and to the word below it when
// ContainsPointers says that there is a GCDesc. Objects are merely compared with the regions' bounds.
internal static unsafe class GcExports
{
    [RuntimeExport("RhpCollect")]
    private static void Collect(int generation, int mode, int isLowMemory) => Collector.Collect();

    [RuntimeExport("RhpGetGcTotalMemory")]
    private static long GetTotalMemory() => (long)Sweeper.LiveBytes;

    [RuntimeExport("RhGetGcCollectionCount")]
    private static int GetCollectionCount(int generation, int isSpecialCount) => (int)(Collector.StoppedCount + ConcurrentCycle.CompletedCount);

    [RuntimeExport("RhGetMaxGcGeneration")]
    private static int GetMaxGeneration() => 0;

    [RuntimeExport("RhGetGeneration")]
    private static int GetGeneration(nuint o) => GcHeap.RegionOf(o) == null ? int.MaxValue : 0;

    [RuntimeExport("RhGetTotalAllocatedBytes")]
    private static long GetTotalAllocatedBytes() => (long)GcHeap.TotalAllocatedBytes;

    [RuntimeExport("RhGetAllocatedBytesForCurrentThread")]
    private static long GetAllocatedBytesForCurrentThread() => (long)GcHeap.TotalAllocatedBytes;

    // GCMemoryInfoData of CoreLib: the caller hands a zeroed object's data; "nothing known" is its zero value.
    [RuntimeExport("RhGetMemoryInfo")]
    private static void GetMemoryInfo(byte* info, int kind)
    {
    }

    [RuntimeExport("RhSuppressFinalize")]
    private static void SuppressFinalize(nuint o)
    {
    }

    [RuntimeExport("RhReRegisterForFinalize")]
    private static int ReRegisterForFinalize(nuint o) => 1;

    [RuntimeExport("RhpGetNextFinalizableObject")]
    private static nuint GetNextFinalizableObject() => 0;

    // The finalizer thread is never started.
    [RuntimeExport("RhpWaitForFinalizerRequest")]
    private static uint WaitForFinalizerRequest()
    {
        RuntimePanic.Fail("the finalizer thread runs");
        return 0;
    }

    [RuntimeExport("RhpSignalFinalizationComplete")]
    private static void SignalFinalizationComplete(uint count, int observedCollections)
    {
    }

    [RuntimeExport("RhWaitForPendingFinalizers")]
    private static void WaitForPendingFinalizers(int allowReentrantWait)
    {
    }

    [RuntimeExport("RhInitializeFinalizerThread")]
    private static void InitializeFinalizerThread()
    {
    }

    // GC.TryStartNoGCRegion: 1 is StartNoGCRegionStatus.NotEnoughMemory, which CoreLib reports as false.
    [RuntimeExport("RhpStartNoGCRegion")]
    private static int StartNoGcRegion(long totalSize, int hasLohSize, long lohSize, int disallowFullBlocking) => 1;

    // 1 is EndNoGCRegionStatus.NotInProgress.
    [RuntimeExport("RhpEndNoGCRegion")]
    private static int EndNoGcRegion() => 1;

    [RuntimeExport("RhpSetThreadDoNotTriggerGC")]
    private static void SetThreadDoNotTriggerGc()
    {
        // CoreLib's second pass holds raw pointers to frames; nothing moves here, and stacks are scanned conservatively.
    }

    [RuntimeExport("RhGetGCDescSize")]
    private static int GetGcDescSize(MethodTable* type)
    {
        if (!type->ContainsPointers)
        {
            return 0;
        }

        nint count = *((nint*)type - 1);
        return count > 0 ? (int)(8 + count * 16) : (int)(8 + 16 + (-count - 1) * 8);
    }
}
