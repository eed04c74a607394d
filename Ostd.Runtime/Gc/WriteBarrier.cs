// SPDX-License-Identifier: MPL-2.0

using System.Runtime;
using System.Runtime.InteropServices;
using System.Threading;

namespace Ostd.Runtime;

/// <summary>
/// The C# side of the write barrier: an insertion barrier (Dijkstra, Lamport and others, 1978). While a collection marks, whatever reference is stored into the heap, a handle
/// or a static makes its object grey; stacks are looked through again at the end. So no object that was found alive can come to hide one that was not.
/// </summary>
/// <remarks>A snapshot barrier would need the overwritten value at every store, and ilc calls no barrier to store null.</remarks>
// SAFETY: the state is the stubs' data. It changes with the heap's lock held: marking and epoch while no CPU can be between the two in the stub, which has interrupts
// off there: at a marking's end all others stand still; at its start the epoch is stored before the flag, and x86 keeps the order. A region's bounds only grow; a stub that
// sees old ones takes an object of a new block for none, and that has the current epoch anyway.
[NoAlloc]
internal static unsafe class WriteBarrier
{
    [StructLayout(LayoutKind.Sequential)]
    private struct Bounds
    {
        internal nuint Base;
        internal nuint UsedBytes;
        internal BlockInfo* Infos;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct State
    {
        internal int IsMarking;
        internal int Epoch;
        internal Bounds Main;
        internal Bounds Boot;
    }

    private static State* s_state;

    internal static bool IsMarking => Volatile.Read(ref s_state->IsMarking) != 0;

    internal static void Initialize() => s_state = (State*)ArchRuntime.BarrierState();

    /// <summary>Tells the stubs the regions' bounds. With the heap's lock held, when they have grown.</summary>
    internal static void PublishRegions()
    {
        Publish(GcHeap.BootRegion, &s_state->Boot);
        Publish(GcHeap.MainRegion, &s_state->Main);
    }

    internal static void Begin()
    {
        s_state->Epoch = Marker.Epoch;
        Interlocked.Exchange(ref s_state->IsMarking, 1);
    }

    internal static void End() => Interlocked.Exchange(ref s_state->IsMarking, 0);

    /// <summary>Makes an object grey that the collection might not find otherwise; null and what is outside of the heap are let pass.</summary>
    internal static void Shade(nuint reference)
    {
        if (!IsMarking)
        {
            return;
        }

        nuint flags = ArchRuntime.DisableInterrupts();
        CpuHeap* cpu = CpuHeap.Current;
        if (IsMarking)
        {
            Marker.Shade(cpu, reference);
        }

        ArchRuntime.RestoreInterrupts(flags);
    }

    private static void Publish(HeapRegion* region, Bounds* bounds)
    {
        bounds->Base = region->Base;
        bounds->Infos = region->Infos;
        bounds->UsedBytes = region->UsedBytes;
    }

    // From the stubs, with interrupts off.
    [RuntimeExport("RuntimeShade")]
    private static void ShadeExport(nuint reference) => Shade(reference);

    // From the stubs, with interrupts off while a collection marks. A piece of a bulk copy: whole words, some of which may be no references.
    [RuntimeExport("RuntimeShadeRange")]
    private static void ShadeRange(nuint* start, nuint sizeBytes)
    {
        CpuHeap* cpu = CpuHeap.Current;
        for (nuint* word = start; word < start + sizeBytes / 8; word++)
        {
            Marker.ShadeWord(cpu, *word);
        }
    }
}
