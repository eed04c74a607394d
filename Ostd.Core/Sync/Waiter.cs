// SPDX-License-Identifier: MPL-2.0
using System.Threading;
using Ostd.Tasks;

namespace Ostd.Sync;

/// <summary>One task's place in one queue. It belongs to the task, so that waiting allocates nothing.</summary>
internal sealed class Waiter
{
    private int _isWoken;

    public Waiter(Task task)
    {
        Task = task;
    }

    public Task Task { get; }

    /// <summary>Set by whoever takes the waiter off the queue to wake it; reset by the task before it queues again.</summary>
    [InterruptSafe]
    public bool IsWoken
    {
        get => Volatile.Read(ref _isWoken) != 0;
        set => Volatile.Write(ref _isWoken, value ? 1 : 0);
    }

    // The links and what follows are guarded by the queue's lock.
    public Waiter? Next;
    public Waiter? Previous;
    public bool IsQueued;

    /// <summary>How often it was woken and found the lock taken again.</summary>
    public int FailedAttempts;

    /// <summary>What it waits for at an <see cref="RwMutex"/>.</summary>
    public RwMutexAccess Access;

    /// <summary>Link in the task's list of records that are not in use.</summary>
    public Waiter? NextFree;
}
