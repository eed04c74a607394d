// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions.Composition;
using Ostd;
using Ostd.Cpus;
using Ostd.Tasks;

namespace Kernel.Sched.RoundRobin;

/// <summary>The simplest fair policy: everybody in turn, for one quantum, whatever the nice value or the priority.</summary>
[Component(Stage = InitStage.Early)]
public sealed class RoundRobinScheduler : IScheduler, IInitializable
{
    private const long QuantumNs = 10_000_000;

    private readonly Queue[] _queues;

    /// <summary>The tasks of one CPU, oldest first.</summary>
    private sealed class Queue
    {
        public TaskQueue Tasks;
        public long RanNs;
        public bool IsRunning;

        /// <summary>Tasks that run or want to.</summary>
        [InterruptSafe]
        public int Load => Tasks.Count + (IsRunning ? 1 : 0);
    }

    public RoundRobinScheduler()
    {
        _queues = new Queue[Cpu.Count];
        for (var cpu = 0; cpu < _queues.Length; cpu++)
            _queues[cpu] = new Queue();
    }

    public void Initialize() => Scheduling.Install(this);

    public int SelectCpu(Task task)
    {
        // The CPU that it knows unless another one has less to do.
        var affinity = task.Scheduling.Affinity;
        var best = task.LastCpu;
        var isAllowed = (affinity >> best & 1) != 0;
        for (var cpu = 0; cpu < _queues.Length; cpu++)
        {
            if ((affinity >> cpu & 1) != 0 && (!isAllowed || _queues[cpu].Load < _queues[best].Load))
            {
                best = cpu;
                isAllowed = true;
            }
        }

        return best;
    }

    public bool Enqueue(int cpu, Task task, bool isWakeup)
    {
        _queues[cpu].Tasks.Append(task);
        return false;
    }

    public Task? PickNext(int cpu)
    {
        var queue = _queues[cpu];
        var task = queue.Tasks.TakeFirst();
        queue.RanNs = 0;
        queue.IsRunning = task is not null;
        return task;
    }

    public bool UpdateCurrent(int cpu, Task current, long elapsedNs, bool isTick)
    {
        var queue = _queues[cpu];
        queue.RanNs += elapsedNs;
        return isTick && queue.Tasks.Count != 0 && queue.RanNs >= QuantumNs;
    }

    public int QueueLength(int cpu) => _queues[cpu].Tasks.Count;

    public Task? Steal(int fromCpu, int toCpu) => _queues[fromCpu].Tasks.TakeAllowed(toCpu);
}
