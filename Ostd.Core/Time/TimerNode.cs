// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Time;

/// <summary>Something that happens at a time: a node of a pairing heap, so that arming and disarming allocate nothing.</summary>
internal abstract class TimerNode
{
    /// <summary>When, on the monotonic clock. Guarded, as the links, by the lock of <see cref="Queue"/>.</summary>
    public long DeadlineNs;

    /// <summary>The heap it is in, or null.</summary>
    public CpuTimerQueue? Queue;

    /// <summary>The heap it was put into last: its lock is held while <see cref="OnExpired"/> runs, when <see cref="Queue"/> is null already.</summary>
    public CpuTimerQueue? LastQueue;

    public TimerNode? FirstChild;
    public TimerNode? NextSibling;

    /// <summary>The sibling before it, or the parent if it is the first child.</summary>
    public TimerNode? Before;

    /// <summary>Called when the time has come: in the timer's interrupt handler, under the heap's lock. Must be short and may only wake tasks.</summary>
    [InterruptSafe]
    public abstract void OnExpired();
}
