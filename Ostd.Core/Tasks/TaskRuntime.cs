// SPDX-License-Identifier: MPL-2.0
using System.Runtime;
using Ostd.Arch;
using Ostd.Memory;

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

        task.StackStart = bottom;
        task.StackEnd = bottom + (uint)KernelSpace.StackSizeBytes;
        task.SavedStackPointer = TaskContext.Prepare((nuint)task.StackEnd);
        return true;
    }

    /// <summary>Takes the stack away from a task that never runs again.</summary>
    public static void Release(Task task)
    {
        if (task.StackStart != 0)
        {
            KernelSpace.ReleaseStack(task.StackStart);
            task.StackStart = 0;
        }
    }

    /// <summary>Saves the running task and goes on with another. Returns when the first runs again.</summary>
    public static void Switch(Task current, Task next)
    {
        // SAFETY: interrupts are off; the collector does not move objects, so the field's address is stable.
        fixed (nuint* saved = &current.SavedStackPointer)
        {
            TaskContext.Switch(saved, next.SavedStackPointer);
        }
    }

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
