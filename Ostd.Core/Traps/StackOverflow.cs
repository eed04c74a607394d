// SPDX-License-Identifier: MPL-2.0
using Ostd.Arch;
using Ostd.Memory;
using Ostd.Runtime;
using Ostd.Tasks;

namespace Ostd.Traps;

/// <summary>
/// A kernel stack that runs into its reserve: the page fault cannot be pushed, so the CPU reports a double fault, on a stack of its own. The reserve is opened; the exception is thrown and unwound on it.
/// </summary>
/// <remarks>
/// <para>In a task with interrupts on the faulting instruction throws <see cref="System.StackOverflowException"/>. Elsewhere an exception would be the end (an interrupt handler cannot throw, the framework's
/// innermost locks have no guards): there the instruction is tried again with the upper part of the reserve as more stack. That serves an interrupt that comes when the task has all but used up its
/// stack; the task's own overflow is then noticed at the lower part.</para>
/// <para>The reserve is taken away again once the task stands above it: at the end of an interrupt, or before it enters user mode. A second overflow before that, or a frame larger than the
/// reserve, is a panic.</para>
/// <para>The SDM calls the registers that a double fault saves undefined for aborts in general (volume 3, interrupt 8); for a fault while pushing a page fault's frame CPUs save those of the faulting
/// instruction, on which Linux's handler for the same case relies too.</para>
/// </remarks>
// SAFETY: the frame is the stub's, on the double fault's own stack, and is used during the call alone.
internal static unsafe class StackOverflow
{
    // The dispatcher of exceptions and what runs in its second pass, with an interrupt on top.
    private const uint NeededBytes = 8 * 1024;

    // What the end of an interrupt still needs below its frame.
    private const uint ExitBytes = 4 * 1024;

    /// <summary>Deals with a double fault if that is an overflow of the running task's stack.</summary>
    /// <returns>False when it is something else, or too late.</returns>
    [InterruptSafe]
    public static bool TryHandle(TrapFrame* frame, ulong address)
    {
        if (ThisCpu.CurrentTask is not Task task || task.IsOnBootStack || task.StackReserve == StackReserve.Open)
        {
            return false;
        }

        ulong reserveEnd = task.StackStart + (uint)KernelSpace.StackReserveBytes;
        if (address < task.StackStart || address >= reserveEnd || frame->StackPointer < task.StackStart + NeededBytes || frame->StackPointer > task.StackEnd)
        {
            return false;
        }

        bool mayThrow = frame->InterruptsWereEnabled && !ThisCpu.InInterrupt;
        bool isWhole = mayThrow || task.StackReserve == StackReserve.OpenForInterrupt;
        task.StackReserve = isWhole ? StackReserve.Open : StackReserve.OpenForInterrupt;
        KernelSpace.OpenReserve(task.StackStart, isWhole);
        if (mayThrow)
        {
            HardwareExceptions.TryRaise(frame, HardwareFault.StackOverflow);
        }

        return true;
    }

    /// <summary>Takes the reserve away if neither the interrupted code nor this handler stands on it. With interrupts off.</summary>
    [InterruptSafe]
    public static void OnInterruptExit(TrapFrame* frame)
    {
        if (ThisCpu.CurrentTask is Task task && task.StackReserve != StackReserve.Closed && (ulong)frame - ExitBytes >= task.StackStart + (uint)KernelSpace.StackReserveBytes)
        {
            Close(task);
        }
    }

    /// <summary>Takes the running task's reserve away; its stack is all but empty.</summary>
    [InterruptSafe]
    public static void Close(Task task)
    {
        KernelSpace.CloseReserve(task.StackStart);
        task.StackReserve = StackReserve.Closed;
    }
}

/// <summary>How much of the reserve below a task's stack is accessible.</summary>
internal enum StackReserve
{
    /// <summary>Nothing.</summary>
    Closed,

    /// <summary>The upper part: the rest is still there to notice that the task itself overflows.</summary>
    OpenForInterrupt,

    /// <summary>All.</summary>
    Open,
}
