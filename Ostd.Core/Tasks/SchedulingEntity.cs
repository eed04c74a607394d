// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Tasks;

/// <summary>Per-task data of the scheduler, kept in the task so that picking allocates nothing.</summary>
public sealed class SchedulingEntity
{
    /// <summary>Nice value, -20 to 19.</summary>
    [InterruptSafe]
    public int Nice { get; set; }

    /// <summary>CPUs that it may run on, bit by bit.</summary>
    [InterruptSafe]
    public ulong Affinity { get; set; } = ulong.MaxValue;

    /// <summary>Policy, with Linux's numbers: SCHED_OTHER 0, FIFO 1, RR 2, BATCH 3, IDLE 5.</summary>
    [InterruptSafe]
    public int Policy { get; set; }

    /// <summary>Real-time priority, 1 to 99.</summary>
    [InterruptSafe]
    public int RealTimePriority { get; set; }

    /// <summary>Virtual run time, for the fair policy.</summary>
    [InterruptSafe]
    public long VirtualRuntimeNs { get; set; }

    /// <summary>Free for the injected scheduler: intrusive links of its queues.</summary>
    [InterruptSafe]
    public Task? Next { get; set; }

    /// <summary>Free for the injected scheduler: the other link.</summary>
    [InterruptSafe]
    public Task? Previous { get; set; }

    /// <summary>Free for the injected scheduler: an object of its own.</summary>
    [InterruptSafe]
    public object? PolicyData { get; set; }

    /// <summary>Free for the injected scheduler: a small number of its queue's bookkeeping.</summary>
    [InterruptSafe]
    public int QueueRank { get; set; }
}
