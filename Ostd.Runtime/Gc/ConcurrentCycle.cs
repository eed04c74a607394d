// SPDX-License-Identifier: MPL-2.0

using System.Runtime.CompilerServices;
using System.Threading;

namespace Ostd.Runtime;

/// <summary>What a collection is about to do next.</summary>
internal enum CyclePhase
{
    Idle,

    /// <summary>The rest of the last sweep, then the start.</summary>
    FinishSweep,
    MarkHandles,
    MarkFrozen,
    MarkStacks,
    Drain,

    /// <summary>What all CPUs have found is collected.</summary>
    Gather,

    /// <summary>Stacks of tasks that ran meanwhile are looked through again.</summary>
    Preclean,
    Terminate,
    Sweep,
    Trim,
}

/// <summary>
/// A collection beside the running program, as a sequence of short steps: each has interrupts off and follows some hundred references or sweeps a few blocks.
/// </summary>
/// <remarks>
/// <para>Start, without a stop: with the heap's lock held the epoch changes, the write barrier is switched on, and each CPU gives its allocation caches back. From then on all
/// that is allocated counts as alive, all that is stored is shaded, and what was alive at the start is found from the roots. Stacks are read while their tasks run or
/// not; what changes there is seen at the end.</para>
/// <para>End, with the world stopped: the stacks of tasks that ran since they were looked through, then what is grey. When that turns out to be much, the world
/// goes on and so does marking, a few times. Then weak handles are cleared and the barrier is switched off.</para>
/// <para>A collection with the world stopped (<see cref="Collector"/>) may come between any two steps; it begins anew with another epoch, and ends the cycle.</para>
/// </remarks>
// SAFETY: steps run on one task, with interrupts off, so that no stop comes inside of one; the phase and the cursors are theirs, or the stopper's. Marking follows Marker's
// rules. Steps that touch blocks hold the heap's lock and look at the phase again once they have it.
[NoAlloc]
internal static unsafe class ConcurrentCycle
{
    private const int ReferencesPerStep = 400;
    private const int ReferencesWhileStopped = 2000;
    private const int FrozenObjectsPerStep = 100;
    private const uint BlocksPerStep = 8;
    private const uint BlocksPerTrim = 1;
    private const int TerminationAttempts = 4;
    private const int PrecleanCount = 2;
    private const int GatherLimit = 8;
    private const nuint GreyLeftToNextRound = 32;

    private static CyclePhase s_phase;
    private static int s_isRequested;
    private static int s_attempts;
    private static int s_precleans;
    private static int s_gathers;
    [NoAlloc]
    private static delegate*<void> s_wake;

    internal static CyclePhase Phase => s_phase;

    /// <summary>Cycles that came to their end beside the running program.</summary>
    internal static uint CompletedCount { get; private set; }

    /// <summary>Cycles that a stopped collection cut short.</summary>
    internal static uint AbandonedCount { get; private set; }

    /// <summary>Ends of cycles that had to be put off because too much was left to mark.</summary>
    internal static uint PutOffCount { get; private set; }

    /// <summary>A new cycle begins as soon as one ends: for tests.</summary>
    internal static bool IsContinuous { get; set; }

    /// <summary>There is a worker, so collections need not stop the world.</summary>
    internal static bool IsAvailable => s_wake != null;

    internal static bool IsWanted => s_phase != CyclePhase.Idle || Volatile.Read(ref s_isRequested) != 0 || IsContinuous;

    internal static void InstallWorker([NoAlloc] delegate*<void> wake) => s_wake = wake;

    /// <summary>After an allocation's slow path, with no lock held: wakes the worker when a cycle is due, and marks a little while one runs, so that allocation cannot outrun it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void AfterAllocation()
    {
        if (WriteBarrier.IsMarking)
        {
            MarkingHelp.Assist();
        }
        else if (GcBudget.IsExhausted && s_wake != null && s_phase == CyclePhase.Idle)
        {
            Request();
        }
    }

    /// <summary>Asks for a cycle.</summary>
    internal static void Request()
    {
        if (Interlocked.Exchange(ref s_isRequested, 1) == 0 && s_wake != null)
        {
            s_wake();
        }
    }

    /// <summary>A stopped collection takes the cycle's place. With the world stopped.</summary>
    internal static void Abandon()
    {
        if (WriteBarrier.IsMarking)
        {
            WriteBarrier.End();
            AbandonedCount++;
        }

        s_phase = CyclePhase.Idle;
        s_isRequested = 0;
    }

    /// <summary>Does the next short piece of a collection; begins one when none is under way.</summary>
    /// <returns>False when the collection is over.</returns>
    internal static bool Step()
    {
        ulong start = ArchRuntime.ReadCycleCounter();
        CyclePhase phase = s_phase;
        switch (phase)
        {
            case CyclePhase.Idle:
                s_isRequested = 0;
                s_phase = CyclePhase.FinishSweep;
                break;
            case CyclePhase.FinishSweep:
                FinishSweepOrBegin();
                break;
            case CyclePhase.Sweep:
                Sweep();
                break;
            case CyclePhase.Trim:
                Trim();
                break;
            case CyclePhase.Gather:
                Gather();
                break;
            case CyclePhase.Terminate:
                Terminate();
                break;
            default:
                nuint flags = ArchRuntime.DisableInterrupts();
                if (s_phase == phase)
                {
                    Mark(phase);
                }

                ArchRuntime.RestoreInterrupts(flags);
                MarkingHelp.WakeHelper();
                break;
        }

        GcStatistics.CountStep(phase, ArchRuntime.ReadCycleCounter() - start);
        return s_phase != CyclePhase.Idle;
    }

    private static void Mark(CyclePhase phase)
    {
        CpuHeap* cpu = CpuHeap.Current;
        if (cpu == null)
        {
            // Nothing was allocated on this CPU yet. What follows an abandoned cycle meanwhile is the next step's matter.
            CpuHeap.Ensure();
            return;
        }

        ulong start = ArchRuntime.ReadCycleCounter();
        switch (phase)
        {
            case CyclePhase.MarkHandles:
                Advance(HandleTable.MarkStrongStep(cpu), CyclePhase.MarkFrozen);
                break;
            case CyclePhase.MarkFrozen:
                Advance(FrozenSegments.MarkStep(cpu, FrozenObjectsPerStep), CyclePhase.MarkStacks);
                break;
            case CyclePhase.MarkStacks:
                Advance(Roots.MarkParkedStep(cpu), CyclePhase.Drain);
                break;
            case CyclePhase.Preclean:
                Advance(Roots.MarkParkedStep(cpu), CyclePhase.Drain);
                break;
            default:
                Drain(cpu);
                break;
        }

        GcStatistics.RecordHold(ArchRuntime.ReadCycleCounter() - start);
    }

    private static void Advance(bool hasMore, CyclePhase next)
    {
        if (!hasMore)
        {
            s_phase = next;
        }
    }

    private static void Drain(CpuHeap* cpu)
    {
        if (Marker.DrainStep(cpu, ReferencesPerStep) || Marker.RescanStep(cpu))
        {
            MarkingHelp.Share(cpu);
            return;
        }

        s_phase = CyclePhase.Gather;
    }

    // What barriers, assists and helpers have found lies in segments of their CPUs. Without this, all of it would be left to the stop.
    private static void Gather()
    {
        nuint flags = GcHeap.Lock.Enter();
        if (s_phase == CyclePhase.Gather)
        {
            // Before the end even one counts: any number of objects may be behind it.
            bool isLastRound = s_precleans >= PrecleanCount;
            if (GreyOfOthers() > (isLastRound ? 0 : GreyLeftToNextRound))
            {
                World.RunOnOthers(&PublishOwnGrey);
            }

            if (s_gathers++ < GatherLimit && (!GreyList.IsEmpty || Marker.HasOverflowed))
            {
                s_phase = CyclePhase.Drain;
            }
            else if (s_precleans++ < PrecleanCount)
            {
                s_gathers = 0;
                Roots.BeginParked(isDirtyOnly: true);
                s_phase = CyclePhase.Preclean;
            }
            else
            {
                s_phase = CyclePhase.Terminate;
            }
        }

        GcHeap.Lock.Exit(flags);
    }

    // A glance: the counts change meanwhile. Segments are never freed.
    private static nuint GreyOfOthers()
    {
        nuint count = 0;
        CpuHeap* own = CpuHeap.Current;
        for (CpuHeap* cpu = CpuHeap.First; cpu != null; cpu = cpu->Next)
        {
            if (cpu != own)
            {
                count += cpu->Grey->Count;
            }
        }

        return count;
    }

    // In an interrupt or a wait. The lock of the lists is never held where either can come in, so taking it here is no danger.
    [InterruptSafe]
    private static void PublishOwnGrey()
    {
        CpuHeap* cpu = CpuHeap.Current;
        if (cpu != null && cpu->Grey->Count > 0)
        {
            GreyList.TryPublish(cpu);
        }
    }

    private static void FinishSweepOrBegin()
    {
        nuint flags = GcHeap.Lock.Enter();
        if (s_phase == CyclePhase.FinishSweep && !Sweeper.StepLocked(BlocksPerStep))
        {
            ulong start = ArchRuntime.ReadCycleCounter();
            Begin();
            GcStatistics.RecordHold(ArchRuntime.ReadCycleCounter() - start);
        }

        GcHeap.Lock.Exit(flags);
    }

    private static void Begin()
    {
        Marker.NextEpoch();
        GcBudget.OnMarkingBegins();
        WriteBarrier.Begin();
        World.RunOnOthers(&RetireOwnCaches);
        RetireOwnCaches();
        HandleTable.BeginStrong();
        FrozenSegments.Begin();
        Roots.BeginParked(isDirtyOnly: false);
        s_attempts = 0;
        s_precleans = 0;
        s_gathers = 0;
        s_phase = CyclePhase.MarkHandles;
    }

    [InterruptSafe]
    private static void RetireOwnCaches()
    {
        CpuHeap* cpu = CpuHeap.Current;
        if (cpu != null)
        {
            CpuHeap.Retire(cpu);
        }
    }

    private static void Terminate()
    {
        nuint flags = GcHeap.Lock.Enter();
        if (s_phase == CyclePhase.Terminate)
        {
            ArchRuntime.CallWithSavedRegisters(&TerminateFrom, 0);
        }

        GcHeap.Lock.Exit(flags);
    }

    private static void TerminateFrom(nuint stackPointer, nuint unused)
    {
        ulong start = ArchRuntime.ReadCycleCounter();
        World.StopOthers();
        if (TryEndMarking(CpuHeap.EnsureLocked(), stackPointer))
        {
            if (Collector.IsVerifying)
            {
                HeapVerifier.Verify();
            }

            WriteBarrier.End();
            Sweeper.BeginLocked();
            CompletedCount++;
            s_phase = CyclePhase.Sweep;
        }
        else
        {
            PutOffCount++;
            s_gathers = 0;
            s_phase = CyclePhase.Drain;
        }

        World.ResumeOthers();
        GcStatistics.RecordStop(ArchRuntime.ReadCycleCounter() - start);
    }

    private static bool TryEndMarking(CpuHeap* cpu, nuint stackPointer)
    {
        if (cpu == null)
        {
            return false;
        }

        Roots.MarkStopped(cpu, stackPointer);
        bool mustEnd = s_attempts++ >= TerminationAttempts;
        for (CpuHeap* other = CpuHeap.First; other != null; other = other->Next)
        {
            if (other != cpu)
            {
                Marker.TakeOver(cpu, other);
            }
        }

        if (mustEnd)
        {
            Marker.Drain(cpu);
        }
        else if (Marker.DrainStep(cpu, ReferencesWhileStopped) || Marker.HasOverflowed)
        {
            return false;
        }

        HandleTable.MarkDependents(cpu);
        HandleTable.ClearDead();
        return true;
    }

    private static void Sweep()
    {
        nuint flags = GcHeap.Lock.Enter();
        if (s_phase == CyclePhase.Sweep && !Sweeper.StepLocked(BlocksPerStep))
        {
            GcHeap.MainRegion->BeginTrim(GcBudget.BlocksToKeep);
            s_phase = CyclePhase.Trim;
        }

        GcHeap.Lock.Exit(flags);
    }

    private static void Trim()
    {
        nuint flags = GcHeap.Lock.Enter();
        if (s_phase == CyclePhase.Trim && !GcHeap.MainRegion->TrimStep(BlocksPerTrim))
        {
            s_phase = CyclePhase.Idle;
        }

        GcHeap.Lock.Exit(flags);
    }
}
