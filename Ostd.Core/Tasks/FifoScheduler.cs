// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Tasks;

/// <summary>The policy that OSTD uses until a better one is installed: one queue per CPU, first in, first out, a fixed time slice.</summary>
internal sealed class FifoScheduler : IScheduler
{
    private const long SliceNs = 8_000_000;

    private readonly Queue[] _queues = new Queue[Cpus.Cpu.MaxCount];

    public int SelectCpu(Task task) => task.LastCpu;

    public bool Enqueue(int cpu, Task task, bool isWakeup)
    {
        _queues[cpu].Tasks.Append(task);
        return false;
    }

    public Task? PickNext(int cpu)
    {
        ref Queue queue = ref _queues[cpu];
        Task? task = queue.Tasks.TakeFirst();
        if (task is not null)
        {
            queue.SliceUsedNs = 0;
        }

        return task;
    }

    public bool UpdateCurrent(int cpu, Task current, long elapsedNs, bool isTick)
    {
        ref Queue queue = ref _queues[cpu];
        queue.SliceUsedNs += elapsedNs;
        return queue.SliceUsedNs >= SliceNs && queue.Tasks.Count > 0;
    }

    public int QueueLength(int cpu) => _queues[cpu].Tasks.Count;

    public Task? Steal(int fromCpu, int toCpu) => _queues[fromCpu].Tasks.TakeAllowed(toCpu);

    private struct Queue
    {
        public TaskQueue Tasks;
        public long SliceUsedNs;
    }
}
