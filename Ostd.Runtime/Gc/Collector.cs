// SPDX-License-Identifier: MPL-2.0

namespace Ostd.Runtime;

/// <summary>
/// One collection: stop the world, mark from the roots, clear what is weak, sweep, go on. Marking is precise in the heap, in statics and handles,
/// and conservative on stacks and saved registers.
/// </summary>
/// <remarks>
/// Runs on the allocating task's stack, under the heap's lock and with interrupts off. It allocates nothing, makes no interface call and throws nothing.
/// </remarks>
// SAFETY: the heap's lock is held and interrupts are off from the first root to the end of the sweep, and the other CPUs stand still
// (World.StopOthers): nobody changes objects, handles, block infos or the list of threads meanwhile. A
// stack's range is checked against its bounds; stacks and extra roots stay mapped until RuntimeThread.Destroy by the contract of
// RuntimeThread. Infos are backed up to UsedBlocks.
internal static unsafe class Collector
{
    internal static uint CollectionCount { get; private set; }

    internal static ulong LiveBytes { get; private set; }

    internal static ulong LastPauseCycles { get; private set; }

    internal static ulong LongestPauseCycles { get; private set; }

    internal static ulong TotalPauseCycles { get; private set; }

    /// <summary>Check the heap's invariants after each collection.</summary>
    internal static bool IsVerifying { get; set; }

    /// <summary>Collects and gives all free blocks back: who asks wants the memory elsewhere.</summary>
    internal static void Collect()
    {
        nuint flags = GcHeap.Lock.Enter();
        CollectLocked();
        GcHeap.TrimLocked();
        GcHeap.Lock.Exit(flags);
    }

    internal static void CollectLocked() => ArchRuntime.CallWithSavedRegisters(&CollectFrom, 0);

    private static void CollectFrom(nuint stackPointer, nuint unused)
    {
        ulong start = ArchRuntime.ReadCycleCounter();
        World.StopOthers();
        MarkRoots(stackPointer);
        Marker.Drain();
        HandleTable.MarkDependents();
        HandleTable.ClearDead();
        Sweep();
        if (IsVerifying)
        {
            HeapVerifier.Verify();
        }

        World.ResumeOthers();
        CollectionCount++;
        LastPauseCycles = ArchRuntime.ReadCycleCounter() - start;
        TotalPauseCycles += LastPauseCycles;
        if (LastPauseCycles > LongestPauseCycles)
        {
            LongestPauseCycles = LastPauseCycles;
        }
    }

    private static void MarkRoots(nuint stackPointer)
    {
        RuntimeThread* current = ArchRuntime.GetThread();
        for (RuntimeThread* thread = RuntimeThread.First; thread != null; thread = thread->Next)
        {
            nuint low = thread == current ? stackPointer : thread->SavedStackPointer;
            if (low < thread->StackLow || low > thread->StackHigh)
            {
                RuntimePanic.WriteHex(low);
                RuntimePanic.Fail("a collection found a task whose stack pointer is outside of its stack");
            }

            Marker.MarkRange(low, thread->StackHigh);
            if (thread->ExtraRootsStart != 0)
            {
                Marker.MarkRange(thread->ExtraRootsStart, thread->ExtraRootsStart + thread->ExtraRootsSizeBytes);
            }

            Marker.MarkReference(thread->ThreadStatics);
            Marker.Drain();
        }

        HandleTable.MarkStrong();
        FrozenSegments.MarkAll();
    }

    private static void Sweep()
    {
        GcHeap.BeginSweep();
        ulong live = SweepRegion(GcHeap.BootRegion) + SweepRegion(GcHeap.MainRegion);
        LiveBytes = live;
        GcHeap.EndSweep(live);
    }

    private static ulong SweepRegion(HeapRegion* region)
    {
        ulong liveBytes = 0;
        for (uint i = 0; i < region->UsedBlocks; i++)
        {
            BlockInfo* info = &region->Infos[i];
            if (info->Kind == BlockKind.Small)
            {
                uint live = info->Sweep();
                info->IsCurrent = 0;
                if (live == 0)
                {
                    region->Free(info, 1);
                    continue;
                }

                liveBytes += (ulong)live * info->CellSize;
                if (live < info->CellCount)
                {
                    GcHeap.AddPartial(info);
                }
                else
                {
                    info->FreeIndex = info->CellCount;
                }
            }
            else if (info->Kind == BlockKind.Large)
            {
                uint count = info->UsedCount;
                if (info->IsLargeMarked != 0)
                {
                    info->IsLargeMarked = 0;
                    liveBytes += info->LargeSize;
                }
                else
                {
                    region->Free(info, count);
                }

                i += count - 1;
            }
        }

        return liveBytes;
    }
}
