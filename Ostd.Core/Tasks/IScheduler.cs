// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Tasks;

/// <summary>
/// The scheduling policy, injected by <see cref="Scheduling.Install"/> and not trusted: what it returns is validated. All calls come with interrupts off and, <see cref="SelectCpu"/> excepted, under OSTD's
/// lock for the queue of the CPU in question; they must not allocate, sleep or throw (an exception is a panic). A task whose affinity does not hold its CPU is moved by OSTD when it would run next.
/// </summary>
[InterruptSafe]
public interface IScheduler
{
    /// <summary>Chooses the CPU whose queue a woken or new task goes to. Called under no lock: what it reads of the queues may be out of date the next moment.</summary>
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

    /// <summary>Takes a task off a CPU's queue that may run on another one (<see cref="SchedulingEntity.Affinity"/>): that one has nothing, or much less, to do. Called under the lock of the first CPU's queue.</summary>
    /// <returns>Null when there is none, or none that is worth it.</returns>
    Task? Steal(int fromCpu, int toCpu);
}
