// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions.Composition;
using Ostd.Cpus;
using Ostd.Tasks;

namespace Kernel.Sched;

/// <summary>
/// Linux's scheduling classes (man 7 sched): SCHED_FIFO and SCHED_RR by priority before all others; SCHED_OTHER, SCHED_BATCH and SCHED_IDLE by virtual run time. No method allocates, sleeps or throws.
/// A change of policy or nice value takes effect when the task is queued next.
/// </summary>
[Component(Stage = InitStage.Early)]
public sealed class FairScheduler : IScheduler, IInitializable
{
    private readonly RunQueue[] _queues;

    public FairScheduler()
        : this(Cpu.Count)
    {
    }

    internal FairScheduler(int cpuCount)
    {
        _queues = new RunQueue[cpuCount];
        for (var cpu = 0; cpu < cpuCount; cpu++)
            _queues[cpu] = new RunQueue();
    }

    public void Initialize() => Scheduling.Install(this);

    public int SelectCpu(Task task)
    {
        // The CPU whose caches are warm if it has nothing to do, else one that has nothing to do, else the one with the least.
        var affinity = task.Scheduling.Affinity;
        var last = task.LastCpu;
        var best = (affinity >> last & 1) != 0 ? last : -1;
        for (var i = 1; i < _queues.Length && (best < 0 || _queues[best].Load != 0); i++)
        {
            var cpu = (last + i) % _queues.Length;
            if ((affinity >> cpu & 1) != 0 && (best < 0 || _queues[cpu].Load < _queues[best].Load))
                best = cpu;
        }

        // An affinity without a CPU that runs is refused by sched_setaffinity(2); a task is never left without one.
        return best < 0 ? last : best;
    }

    public bool Enqueue(int cpu, Task task, bool isWakeup) => _queues[cpu].Enqueue(task, isWakeup);

    public Task? PickNext(int cpu) => _queues[cpu].PickNext();

    public bool UpdateCurrent(int cpu, Task current, long elapsedNs, bool isTick) => _queues[cpu].UpdateCurrent(current, elapsedNs, isTick);

    public int QueueLength(int cpu) => _queues[cpu].Count;

    public Task? Steal(int fromCpu, int toCpu) => _queues[fromCpu].Steal(toCpu);
}
