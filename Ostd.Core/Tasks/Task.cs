// SPDX-License-Identifier: MPL-2.0
using System;

namespace Ostd.Tasks;

/// <summary>A kernel thread of execution with a stack of its own. A user thread is a task that calls <see cref="User.UserMode.Execute"/> in a loop.</summary>
public sealed class Task
{
    /// <summary>The running task.</summary>
    public static Task Current => throw new NotSupportedException();

    /// <summary>What the kernel hangs on the task (its thread object); set at creation.</summary>
    public object? Data => throw new NotSupportedException();

    /// <summary>The user address space that <see cref="Memory.VmSpace.Activate"/> gave it; the context switch calls <see cref="Memory.VmSpace.Load"/> with the next task's.</summary>
    internal Memory.VmSpace? VmSpace { get; set; }

    /// <summary>For logs and traces.</summary>
    public string Name { get; set; } = "";

    /// <summary>Scheduling attributes that the injected scheduler reads and keeps.</summary>
    public SchedulingEntity Scheduling => throw new NotSupportedException();

    /// <summary>Creates a task that is not yet runnable.</summary>
    /// <returns>False when there is no memory for its stack.</returns>
    public static bool TryCreate(Action<object?> entry, object? data, string name, out Task? task) => throw new NotSupportedException();

    /// <summary>Makes a created task runnable, once.</summary>
    public void Start() => throw new NotSupportedException();

    /// <summary>
    /// Marks the task as interrupted: it leaves any interruptible wait, now or at its next one, and <see cref="User.UserMode.Execute"/> returns to the kernel at once. The mark stays until
    /// <see cref="ClearInterrupt"/>. May be called from interrupt handlers.
    /// </summary>
    public void Interrupt() => throw new NotSupportedException();

    /// <summary>Takes the mark away. Called by the task itself, before it looks for the signals that are pending.</summary>
    public void ClearInterrupt() => throw new NotSupportedException();

    /// <summary>True while marked by <see cref="Interrupt"/>.</summary>
    public bool IsInterrupted => throw new NotSupportedException();

    /// <summary>Lets another task run, if one is runnable.</summary>
    public static void Yield() => throw new NotSupportedException();

    /// <summary>Sleeps until the monotonic clock reaches the deadline; interruptible.</summary>
    /// <returns>False when interrupted before.</returns>
    public static bool SleepUntil(long deadlineNs) => throw new NotSupportedException();

    /// <summary>Ends the current task. Its entry returning does the same.</summary>
    public static void Exit() => throw new NotSupportedException();

    /// <summary>Time in user mode and in the kernel, in nanoseconds.</summary>
    public long UserTimeNs => throw new NotSupportedException();

    public long KernelTimeNs => throw new NotSupportedException();

    /// <summary>CPU that it runs on or ran on last.</summary>
    public int LastCpu => throw new NotSupportedException();

    /// <summary>Voluntary and forced switches away from it.</summary>
    public long VoluntarySwitches => throw new NotSupportedException();

    public long InvoluntarySwitches => throw new NotSupportedException();
}

/// <summary>Per-task data of the scheduler, kept in the task so that picking allocates nothing.</summary>
public sealed class SchedulingEntity
{
    /// <summary>Nice value, -20 to 19.</summary>
    public int Nice { get; set; }

    /// <summary>CPUs that it may run on, bit by bit.</summary>
    public ulong Affinity { get; set; } = ulong.MaxValue;

    /// <summary>Policy, with Linux's numbers: SCHED_OTHER 0, FIFO 1, RR 2, BATCH 3, IDLE 5.</summary>
    public int Policy { get; set; }

    /// <summary>Real-time priority, 1 to 99.</summary>
    public int RealTimePriority { get; set; }

    /// <summary>Virtual run time, for the fair policy.</summary>
    public long VirtualRuntimeNs { get; set; }

    /// <summary>Free for the injected scheduler: intrusive links of its queues.</summary>
    public Task? Next { get; set; }

    public Task? Previous { get; set; }

    public object? PolicyData { get; set; }
}

/// <summary>
/// The scheduling policy, injected by <see cref="Scheduling.Install"/> and not trusted: what it returns is validated. All calls come with interrupts off on the CPU in question and under OSTD's lock for
/// that CPU's queue; they must not allocate, sleep or throw.
/// </summary>
public interface IScheduler
{
    /// <summary>Chooses the CPU whose queue a woken or new task goes to.</summary>
    int SelectCpu(Task task);

    /// <summary>Adds a runnable task to a CPU's queue.</summary>
    /// <returns>True when it should preempt that CPU's current task.</returns>
    bool Enqueue(int cpu, Task task, bool isWakeup);

    /// <summary>Takes the next task off the queue, or null when it is empty (the CPU then idles).</summary>
    Task? PickNext(int cpu);

    /// <summary>The current task of the CPU ran for so long; called on ticks and before switches.</summary>
    /// <returns>True when it should be preempted.</returns>
    bool UpdateCurrent(int cpu, Task current, long elapsedNs, bool isTick);

    /// <summary>Number of tasks queued on the CPU, without the running one.</summary>
    int QueueLength(int cpu);
}

/// <summary>Where the policy is put in.</summary>
public static class Scheduling
{
    /// <summary>Installs the policy. Once, before the first task is created; without one a FIFO round robin of OSTD's own is used.</summary>
    public static void Install(IScheduler scheduler) => throw new NotSupportedException();

    /// <summary>Tasks that are runnable or running now, on all CPUs.</summary>
    public static int RunnableCount => throw new NotSupportedException();

    /// <summary>Context switches since boot.</summary>
    public static long ContextSwitches => throw new NotSupportedException();

    /// <summary>Idle time of one CPU since boot, in nanoseconds.</summary>
    public static long IdleTimeNs(int cpu) => throw new NotSupportedException();
}
