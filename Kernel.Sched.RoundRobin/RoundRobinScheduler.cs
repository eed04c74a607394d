// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions.Composition;
using Ostd.Cpus;
using Ostd.Tasks;

namespace Kernel.Sched.RoundRobin;

/// <summary>The simplest fair policy: everybody in turn, for one quantum, whatever the nice value or the priority.</summary>
[Component(Stage = InitStage.Early)]
public sealed class RoundRobinScheduler : IScheduler, IInitializable
{
    private const long QuantumNs = 10_000_000;

    private readonly Queue[] _queues;

    /// <summary>The tasks of one CPU, oldest first; the links lie in the tasks.</summary>
    private sealed class Queue
    {
        public Task? First;
        public Task? Last;
        public int Count;
        public long RanNs;
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
        var last = task.LastCpu;
        for (var cpu = 0; cpu < _queues.Length; cpu++)
        {
            if ((task.Scheduling.Affinity >> last & 1) != 0)
                return last;
            last = (last + 1) % _queues.Length;
        }

        return task.LastCpu;
    }

    public bool Enqueue(int cpu, Task task, bool isWakeup)
    {
        var queue = _queues[cpu];
        task.Scheduling.Next = null;
        if (queue.Last is null)
            queue.First = task;
        else
            queue.Last.Scheduling.Next = task;
        queue.Last = task;
        queue.Count++;
        return false;
    }

    public Task? PickNext(int cpu)
    {
        var queue = _queues[cpu];
        queue.RanNs = 0;
        if (queue.First is not { } task)
            return null;
        queue.First = task.Scheduling.Next;
        if (queue.First is null)
            queue.Last = null;
        task.Scheduling.Next = null;
        queue.Count--;
        return task;
    }

    public bool UpdateCurrent(int cpu, Task current, long elapsedNs, bool isTick)
    {
        var queue = _queues[cpu];
        queue.RanNs += elapsedNs;
        return isTick && queue.Count != 0 && queue.RanNs >= QuantumNs;
    }

    public int QueueLength(int cpu) => _queues[cpu].Count;
}
