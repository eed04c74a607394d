// SPDX-License-Identifier: MPL-2.0

using System.Threading;

namespace Ostd.Runtime;

/// <summary>Where marking begins: stacks and saved registers (conservatively), thread statics, handles, frozen objects.</summary>
// SAFETY: a stack's range is checked against its bounds; stacks and extra roots stay mapped until RuntimeThread.Destroy by the contract of RuntimeThread.
[NoAlloc]
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

    /// <summary>Marks what the tasks' stacks hold that ran since they were looked through, at the end of a marking. With the world stopped.</summary>
    internal static void MarkStopped(CpuHeap* cpu, nuint stackPointer)
    {
        RuntimeThread* current = ArchRuntime.GetThread();
        for (RuntimeThread* thread = RuntimeThread.First; thread != null; thread = thread->Next)
        {
            if (thread == current)
            {
                MarkThread(cpu, thread, stackPointer);
            }
            else if (thread->HasRunSinceScan != 0)
            {
                MarkThread(cpu, thread, thread->SavedStackPointer);
            }
        }
    }

    /// <summary>Begins to mark from the stacks of tasks that don't run, one by one.</summary>
    /// <param name="isDirtyOnly">Only of those that ran since they were looked through last.</param>
    internal static void BeginParked(bool isDirtyOnly)
    {
        s_isDirtyOnly = isDirtyOnly;
        RuntimeThread.BeginVisit();
    }

    /// <summary>Marks from one task's stack.</summary>
    /// <returns>False when there was none left.</returns>
    internal static bool MarkParkedStep(CpuHeap* cpu) => RuntimeThread.VisitNext(cpu, &MarkParked);

    private static bool s_isDirtyOnly;

    // While the thread cannot be destroyed. It may begin to run at any time; then it is marked as dirty and looked through again.
    private static void MarkParked(CpuHeap* cpu, RuntimeThread* thread)
    {
        if (s_isDirtyOnly && thread->HasRunSinceScan == 0)
        {
            return;
        }

        Interlocked.Exchange(ref thread->HasRunSinceScan, 0);
        nuint stackPointer = Volatile.Read(ref thread->SavedStackPointer);
        if (stackPointer == 0)
        {
            // It runs. A switch to it, and the end of World.Answer, clear the stack pointer first and set the flag after that: it is set in the end whoever comes first.
            Volatile.Write(ref thread->HasRunSinceScan, 1);
            return;
        }

        MarkThread(cpu, thread, stackPointer);
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
        if (thread->StaticBlock != null)
        {
            Marker.MarkRange(cpu, (nuint)thread->StaticBlock, (nuint)thread->StaticBlock + thread->StaticBlockSize);
        }
    }
}
