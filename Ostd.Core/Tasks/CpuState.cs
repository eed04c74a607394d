// SPDX-License-Identifier: MPL-2.0
using Ostd.Sync;

namespace Ostd.Tasks;

/// <summary>The scheduler's record of one CPU. All fields but the idle task are guarded by <see cref="Lock"/>; <see cref="Current"/> is also stable for code that runs on the CPU with preemption off.</summary>
internal sealed class CpuState
{
    /// <summary>Guards the CPU's queue. Held across a context switch: the task switched to releases it.</summary>
    public RawSpinLock Lock;

    public readonly int Id;

    /// <summary>Runs when nothing else can. Never queued, never sleeps.</summary>
    public Task Idle;

    /// <summary>The running task.</summary>
    public Task Current;

    /// <summary>The task that was switched away from, until the switch is complete.</summary>
    public Task? Previous;

    /// <summary>Tasks that may not run here any more (<see cref="Task.SetAffinity"/>), linked by <see cref="Task.NextMigrating"/>: they go elsewhere when the switch is complete.</summary>
    public Task? Migrating;

    /// <summary>Tasks in the policy's queue of this CPU, by OSTD's own count.</summary>
    public int QueuedCount;

    /// <summary>Ticks since boot. Its own CPU's alone.</summary>
    public int TickCount;

    /// <summary>Ticks since the CPU last chose a task. Its own CPU's alone, with interrupts off.</summary>
    public int TicksSinceSwitch;

    /// <summary>Up to when the running task's time has been accounted.</summary>
    public long AccountedNs;

    public long IdleTimeNs;
    public long ContextSwitches;

    public CpuState(int id, Task current, Task idle)
    {
        Id = id;
        Current = current;
        Idle = idle;
    }
}
