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
        ref Queue queue = ref _queues[cpu];
        task.Scheduling.Next = null;
        if (queue.Last is null)
        {
            queue.First = task;
        }
        else
        {
            queue.Last.Scheduling.Next = task;
        }

        queue.Last = task;
        queue.Length++;
        return false;
    }

    public Task? PickNext(int cpu)
    {
        ref Queue queue = ref _queues[cpu];
        Task? task = queue.First;
        if (task is not null)
        {
            queue.First = task.Scheduling.Next;
            task.Scheduling.Next = null;
            if (queue.First is null)
            {
                queue.Last = null;
            }

            queue.Length--;
            queue.SliceUsedNs = 0;
        }

        return task;
    }

    public bool UpdateCurrent(int cpu, Task current, long elapsedNs, bool isTick)
    {
        ref Queue queue = ref _queues[cpu];
        queue.SliceUsedNs += elapsedNs;
        return queue.SliceUsedNs >= SliceNs && queue.Length > 0;
    }

    public int QueueLength(int cpu) => _queues[cpu].Length;

    public Task? Steal(int fromCpu, int toCpu)
    {
        ref Queue queue = ref _queues[fromCpu];
        Task? before = null;
        for (Task? task = queue.First; task is not null; before = task, task = task.Scheduling.Next)
        {
            if ((task.Scheduling.Affinity >> toCpu & 1) == 0)
            {
                continue;
            }

            if (before is null)
            {
                queue.First = task.Scheduling.Next;
            }
            else
            {
                before.Scheduling.Next = task.Scheduling.Next;
            }

            if (queue.Last == task)
            {
                queue.Last = before;
            }

            task.Scheduling.Next = null;
            queue.Length--;
            return task;
        }

        return null;
    }

    private struct Queue
    {
        public Task? First;
        public Task? Last;
        public int Length;
        public long SliceUsedNs;
    }
}
