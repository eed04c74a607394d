// SPDX-License-Identifier: MPL-2.0

using System.Runtime.InteropServices;

namespace Ostd.Runtime;

/// <summary>Some objects that are marked and not yet looked through; 4 KiB.</summary>
[StructLayout(LayoutKind.Sequential)]
// SAFETY: Count never exceeds Capacity: the writers, the barrier stub among them, look before they push.
internal unsafe struct GreySegment
{
    internal const int Capacity = 510;

    internal GreySegment* Next;
    internal nuint Count;
    internal fixed ulong Entries[Capacity];
}

/// <summary>
/// The grey objects of all CPUs. Each CPU pushes and pops in a segment of its own; full ones, and shares of others, wait here for whoever has nothing to do. The segments are
/// made at boot: marking needs no memory, and when they are used up the blocks of the objects are flagged instead (see <see cref="Marker"/>).
/// </summary>
// SAFETY: a segment is in one place at a time: a CPU's, or one of the two lists, which change under s_lock. A CPU's segment changes on that CPU with interrupts
// off, or on another while the world is stopped. The lock is taken in the middle of a step of marking, where a stop must not come: so its wait doesn't poll.
[NoAlloc]
internal static unsafe class GreyList
{
    private const int SegmentCount = 64;
    private const nuint MostShared = 128;

    private static GreySegment* s_full;
    private static GreySegment* s_free;
    private static RuntimeLock s_lock;

    internal static bool IsEmpty => s_full == null;

    internal static void Initialize()
    {
        for (int i = 0; i < SegmentCount; i++)
        {
            GreySegment* segment = (GreySegment*)NativeHeap.AllocateZeroed((nuint)sizeof(GreySegment));
            if (segment == null)
            {
                RuntimePanic.Fail("the boot heap has no room for the mark stack");
            }

            segment->Next = s_free;
            s_free = segment;
        }
    }

    /// <summary>Puts a CPU's segment up for all and gives the CPU an empty one.</summary>
    /// <returns>False when there is none.</returns>
    [InterruptSafe]
    internal static bool TryPublish(CpuHeap* cpu)
    {
        nuint flags = s_lock.EnterWithoutPoll();
        GreySegment* empty = s_free;
        if (empty != null)
        {
            s_free = empty->Next;
            cpu->Grey->Next = s_full;
            s_full = cpu->Grey;
            empty->Count = 0;
            cpu->Grey = empty;
        }

        s_lock.Exit(flags);
        return empty != null;
    }

    /// <summary>Puts a part of a CPU's segment up for all: what waited longest, behind which most is likely to hang.</summary>
    /// <returns>False when there is no segment for it.</returns>
    internal static bool TryShare(CpuHeap* cpu)
    {
        nuint flags = s_lock.EnterWithoutPoll();
        GreySegment* shared = s_free;
        if (shared != null)
        {
            s_free = shared->Next;
            GreySegment* own = cpu->Grey;
            nuint count = own->Count / 2 < MostShared ? own->Count / 2 : MostShared;
            own->Count -= count;
            for (nuint i = 0; i < count; i++)
            {
                shared->Entries[i] = own->Entries[i];
                own->Entries[i] = own->Entries[own->Count + i];
            }

            shared->Count = count;
            shared->Next = s_full;
            s_full = shared;
        }

        s_lock.Exit(flags);
        return shared != null;
    }

    /// <summary>Gives a CPU whose segment is empty one with work in it.</summary>
    /// <returns>False when there is none.</returns>
    internal static bool TryTake(CpuHeap* cpu)
    {
        if (s_full == null)
        {
            return false;
        }

        nuint flags = s_lock.EnterWithoutPoll();
        GreySegment* full = s_full;
        if (full != null)
        {
            s_full = full->Next;
            cpu->Grey->Next = s_free;
            s_free = cpu->Grey;
            cpu->Grey = full;
        }

        s_lock.Exit(flags);
        return full != null;
    }

    /// <summary>Forgets everything. With the world stopped.</summary>
    internal static void Clear()
    {
        nuint flags = s_lock.EnterWithoutPoll();
        while (s_full != null)
        {
            GreySegment* segment = s_full;
            s_full = segment->Next;
            segment->Next = s_free;
            s_free = segment;
        }

        s_lock.Exit(flags);
        for (CpuHeap* cpu = CpuHeap.First; cpu != null; cpu = cpu->Next)
        {
            cpu->Grey->Count = 0;
        }
    }
}
