// SPDX-License-Identifier: MPL-2.0

namespace Ostd.Runtime;

/// <summary>
/// A collection with the world stopped: give the caches back, mark from the roots, clear what is weak, go on, sweep. Marking is precise in the heap, in statics and
/// handles, and conservative on stacks and saved registers.
/// </summary>
/// <remarks>
/// Runs on the allocating task's stack, under the heap's lock and with interrupts off. It allocates nothing, makes no interface call and throws nothing.
/// </remarks>
// SAFETY: the heap's lock is held and interrupts are off throughout, and the other CPUs stand still (World.StopOthers) from before the caches are given back until the
// sweep begins: nobody changes objects, handles, block infos or the list of threads meanwhile. A CPU that stands still is in no allocation stub before its
// commit, and in no marking.
[NoAlloc]
internal static unsafe class Collector
{
    /// <summary>Collections with the world stopped.</summary>
    internal static uint StoppedCount { get; private set; }

    /// <summary>Check the heap's invariants after each collection.</summary>
    internal static bool IsVerifying { get; set; }

    /// <summary>Collects and gives all free blocks back: who asks wants the memory elsewhere.</summary>
    internal static void Collect()
    {
        RuntimeThread.CheckNotInPolicy();
        nuint flags = GcHeap.Lock.Enter();
        CollectLocked();
        if (GcHeap.MainRegion->BlockCount != 0)
        {
            GcHeap.MainRegion->Trim(0);
        }

        GcHeap.Lock.Exit(flags);
    }

    internal static void CollectLocked()
    {
        ArchRuntime.CallWithSavedRegisters(&CollectFrom, 0);
        Sweeper.FinishLocked();
        if (GcHeap.MainRegion->BlockCount != 0)
        {
            GcHeap.MainRegion->Trim(GcBudget.BlocksToKeep);
        }
    }

    private static void CollectFrom(nuint stackPointer, nuint unused)
    {
        ulong start = ArchRuntime.ReadCycleCounter();
        CpuHeap* cpu = CpuHeap.EnsureLocked();
        if (cpu == null)
        {
            return; // there was not even the memory for this CPU's record, so the caller fails
        }

        World.StopOthers();
        ConcurrentCycle.Abandon();
        for (CpuHeap* each = CpuHeap.First; each != null; each = each->Next)
        {
            CpuHeap.Retire(each);
        }

        Sweeper.FinishLocked();
        GreyList.Clear();
        Marker.NextEpoch();
        GcBudget.OnMarkingBegins();
        Roots.MarkAll(cpu, stackPointer);
        HandleTable.MarkDependents(cpu);
        HandleTable.ClearDead();
        if (IsVerifying)
        {
            HeapVerifier.Verify();
        }

        Sweeper.BeginLocked();
        World.ResumeOthers();
        StoppedCount++;
        GcStatistics.RecordStop(ArchRuntime.ReadCycleCounter() - start);
    }
}
