// SPDX-License-Identifier: MPL-2.0
using System.Runtime;
using Ostd.Arch;
using Ostd.Memory;
using Ostd.Runtime;
using Ostd.Traps;

namespace Ostd.Tasks;

/// <summary>What a task is to the machine and to the C# runtime: a kernel stack, a saved stack pointer, the runtime's record.</summary>
internal static unsafe class TaskRuntime
{
    /// <summary>Gives a new task its stack.</summary>
    /// <returns>False when memory is short.</returns>
    public static bool TryCreate(Task task)
    {
        ulong bottom = KernelSpace.MapStack();
        if (bottom == 0)
        {
            return false;
        }

        ulong end = bottom + (uint)KernelSpace.StackSizeBytes;
        RuntimeThread* thread = RuntimeThread.Create((nuint)bottom, (nuint)end);
        if (thread == null)
        {
            KernelSpace.ReleaseStack(bottom);
            return false;
        }

        // SAFETY: the stack is mapped and nobody's; the collector reads it from the saved stack pointer to its end.
        thread->SavedStackPointer = TaskContext.Prepare((nuint)end);
        task.StackStart = bottom;
        task.StackEnd = end;
        task.RuntimeThread = (nint)thread;
        return true;
    }

    /// <summary>Makes the boot stack, on which the caller runs, that of the boot task.</summary>
    [InterruptSafe]
    public static void Adopt(Task task)
    {
        // SAFETY: the boot stub set the current record.
        RuntimeThread* thread = RuntimeThread.Current;
        task.RuntimeThread = (nint)thread;
        task.StackStart = thread->StackLow;
        task.StackEnd = thread->StackHigh;
    }

    /// <summary>Takes the stack away from a task that never runs again.</summary>
    [InterruptSafe]
    public static void Release(Task task)
    {
        if (task.RuntimeThread == 0)
        {
            // Its stack may be another task's by now.
            Boot.Panic.Halt("a task's stack is released twice");
        }

        // SAFETY: the task is dead and switched away from; the boot stack is part of the image and stays.
        RuntimeThread.Destroy((RuntimeThread*)task.RuntimeThread);
        task.RuntimeThread = 0;
        if (task.StackStart != 0 && !task.IsOnBootStack)
        {
            if (task.StackReserve != StackReserve.Closed)
            {
                KernelSpace.CloseReserve(task.StackStart);
            }

            KernelSpace.ReleaseStack(task.StackStart);
        }
    }

    /// <summary>Saves the running task and goes on with another. Returns when the first runs again.</summary>
    [InterruptSafe]
    public static void Switch(Task current, Task next)
    {
        // SAFETY: interrupts are off; the records live in native memory for as long as their tasks.
        RuntimeThread* from = (RuntimeThread*)current.RuntimeThread;
        RuntimeThread* to = (RuntimeThread*)next.RuntimeThread;
        nuint stackPointer = RuntimeThread.BeginSwitch(from, to);
        TaskContext.Switch(&from->SavedStackPointer, stackPointer);
    }

    /// <summary>Makes an allocation by the current task a panic until <see cref="AllowAllocation"/>.</summary>
    [InterruptSafe]
    public static void ForbidAllocation() => RuntimeThread.ForbidAllocation();

    /// <summary>Takes one <see cref="ForbidAllocation"/> back.</summary>
    [InterruptSafe]
    public static void AllowAllocation() => RuntimeThread.AllowAllocation();

    // The first switch to a task ends up here, on its new stack, with interrupts off.
    [RuntimeExport("TaskEntry")]
    private static void OnTaskEntry()
    {
        Scheduler.FinishSwitch();
        Interrupts.Enable();
        Task.Current.Run();
        Task.Exit();
    }
}
