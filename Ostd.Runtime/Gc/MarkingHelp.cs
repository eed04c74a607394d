// SPDX-License-Identifier: MPL-2.0

using System.Runtime.CompilerServices;

namespace Ostd.Runtime;

/// <summary>
/// Marking beside the collector's worker: by CPUs that have nothing else to do, and by allocations, so that these cannot outrun it. They take from what is grey and may leave some
/// of it in their CPU's segment: the worker has all segments put up for all before it thinks that nothing is left, and the end stops the world.
/// </summary>
// SAFETY: marks with interrupts off after a look at WriteBarrier.IsMarking: the end of marking needs a stop, or the step of another task on this CPU, and neither comes in between.
[NoAlloc]
internal static unsafe class MarkingHelp
{
    private const int ReferencesPerStep = 400;
    private const int ReferencesPerAssist = 250;

    // Fewer are followed sooner than a helper wakes up.
    private const nuint LeastToShare = 48;

    [NoAlloc]
    private static delegate*<void> s_wakeHelper;

    internal static ulong AssistCount { get; private set; }

    internal static ulong StepCount { get; private set; }

    internal static bool IsWanted => WriteBarrier.IsMarking && !GreyList.IsEmpty;

    internal static void Install([NoAlloc] delegate*<void> wakeHelper) => s_wakeHelper = wakeHelper;

    /// <summary>Marks a little, for an allocation.</summary>
    internal static void Assist()
    {
        nuint flags = ArchRuntime.DisableInterrupts();
        CpuHeap* cpu = CpuHeap.Current;
        if (WriteBarrier.IsMarking && cpu != null)
        {
            ulong start = ArchRuntime.ReadCycleCounter();
            Marker.DrainStep(cpu, ReferencesPerAssist);
            AssistCount++;
            GcStatistics.RecordHold(ArchRuntime.ReadCycleCounter() - start);
        }

        ArchRuntime.RestoreInterrupts(flags);
    }

    /// <summary>Marks a little on a CPU that has nothing else to do.</summary>
    /// <returns>False when nothing is left that it could do.</returns>
    internal static bool Step()
    {
        nuint flags = ArchRuntime.DisableInterrupts();
        CpuHeap* cpu = CpuHeap.Current;
        bool hasMore = false;
        if (WriteBarrier.IsMarking && cpu != null)
        {
            ulong start = ArchRuntime.ReadCycleCounter();
            hasMore = Marker.DrainStep(cpu, ReferencesPerStep);
            StepCount++;
            Share(cpu);
            GcStatistics.RecordHold(ArchRuntime.ReadCycleCounter() - start);
        }

        ArchRuntime.RestoreInterrupts(flags);
        return hasMore;
    }

    /// <summary>Puts something up for others when nothing is and this CPU has enough. With interrupts off, while a collection marks.</summary>
    internal static void Share(CpuHeap* cpu)
    {
        if (s_wakeHelper != null && GreyList.IsEmpty && cpu->Grey->Count >= LeastToShare)
        {
            GreyList.TryShare(cpu);
        }
    }

    /// <summary>Wakes a helper when there is something for it. With no lock held.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void WakeHelper()
    {
        if (s_wakeHelper != null && IsWanted)
        {
            s_wakeHelper();
        }
    }
}
