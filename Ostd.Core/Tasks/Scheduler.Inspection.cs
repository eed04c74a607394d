// SPDX-License-Identifier: MPL-2.0
using System.Threading;
using Ostd.Runtime;

namespace Ostd.Tasks;

/// <content>What diagnostics ask about tasks.</content>
internal static partial class Scheduler
{
    /// <summary>The record of the CPU that calls.</summary>
    [InterruptSafe]
    public static CpuState ThisCpuState => This;

    /// <summary>What a CPU runs; it may have moved on.</summary>
    [InterruptSafe]
    public static Task CurrentOf(int cpu) => Volatile.Read(ref s_cpus[cpu].Current);

    /// <summary>Walks the stack of a task that sleeps.</summary>
    /// <returns>The number of addresses written; 0 when it does not sleep.</returns>
    // SAFETY: under the lock of its CPU a task that is on no queue stays switched away from, and keeps its stack.
    public static unsafe int CaptureSleeping(Task task, nint* buffer, int capacity)
    {
        bool wereEnabled = Arch.Interrupts.Disable();
        CpuState cpu = LockCpuOf(task);
        bool sleeps = task.State == TaskState.Sleeping && !task.IsOnQueue;
        int count = sleeps ? StackWalker.CaptureParked((RuntimeThread*)task.RuntimeThread, buffer, capacity) : 0;
        cpu.Lock.Exit(wereEnabled);
        return count;
    }
}
