// SPDX-License-Identifier: MPL-2.0

namespace Ostd.Runtime;

/// <summary>Where marking begins: stacks and saved registers (conservatively), thread statics, handles, frozen objects.</summary>
// SAFETY: a stack's range is checked against its bounds; stacks and extra roots stay mapped until RuntimeThread.Destroy by the contract of RuntimeThread.
internal static unsafe class Roots
{
    /// <summary>Marks from everything. With the world stopped.</summary>
    /// <param name="cpu">The running CPU's record.</param>
    /// <param name="stackPointer">Where the calling task's registers lie.</param>
    internal static void MarkAll(CpuHeap* cpu, nuint stackPointer)
    {
        RuntimeThread* current = ArchRuntime.GetThread();
        for (RuntimeThread* thread = RuntimeThread.First; thread != null; thread = thread->Next)
        {
            MarkThread(cpu, thread, thread == current ? stackPointer : thread->SavedStackPointer);
            Marker.Drain(cpu);
        }

        HandleTable.MarkStrong(cpu);
        FrozenSegments.MarkAll(cpu);
        Marker.Drain(cpu);
    }

    /// <summary>Marks from one task's stack, from a stack pointer on.</summary>
    internal static void MarkThread(CpuHeap* cpu, RuntimeThread* thread, nuint stackPointer)
    {
        if (stackPointer < thread->StackLow || stackPointer > thread->StackHigh)
        {
            RuntimePanic.WriteHex(stackPointer);
            RuntimePanic.Fail("a collection found a task whose stack pointer is outside of its stack");
        }

        Marker.MarkRange(cpu, stackPointer, thread->StackHigh);
        if (thread->ExtraRootsStart != 0)
        {
            Marker.MarkRange(cpu, thread->ExtraRootsStart, thread->ExtraRootsStart + thread->ExtraRootsSizeBytes);
        }

        Marker.MarkReference(cpu, thread->ThreadStatics);
    }
}
