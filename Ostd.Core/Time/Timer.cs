// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Sync;

namespace Ostd.Time;

/// <summary>A one-shot timer. The callback runs in task context on OSTD's timer task: it may take sleeping locks and allocate, but should be short.</summary>
public sealed class Timer
{
    private readonly Node _node;
    private readonly Action<object?> _callback;
    private readonly object? _state;

    // Guarded by TimerTask's lock.
    internal Timer? NextExpired;
    internal bool IsExpired;

    /// <summary>Makes a timer that is not armed.</summary>
    /// <param name="callback">Runs on OSTD's timer task when the time has come.</param>
    /// <param name="state">What the callback gets.</param>
    public Timer(Action<object?> callback, object? state)
    {
        ArgumentNullException.ThrowIfNull(callback);
        _callback = callback;
        _state = state;
        _node = new Node(this);
        TimerTask.EnsureStarted();
    }

    /// <summary>Arms it for a time of the monotonic clock, replacing an earlier one. Allocates nothing.</summary>
    [InterruptSafe]
    public void Arm(long deadlineNs)
    {
        bool wereEnabled = _node.ArmLock.Enter();
        TimerQueue.Disarm(_node);
        TimerTask.Withdraw(this);
        TimerQueue.Arm(_node, deadlineNs);
        _node.ArmLock.Exit(wereEnabled);
    }

    /// <summary>Disarms it. The callback may be running at this moment.</summary>
    /// <returns>True when it was armed.</returns>
    public bool Cancel()
    {
        bool wereEnabled = _node.ArmLock.Enter();
        bool wasArmed = TimerQueue.Disarm(_node) | TimerTask.Withdraw(this);
        _node.ArmLock.Exit(wereEnabled);
        return wasArmed;
    }

    internal void Invoke() => _callback(_state);

    private sealed class Node(Timer timer) : TimerNode
    {
        // Makes disarming and arming one step. Order: this lock, then the queue's or the timer task's.
        public RawSpinLock ArmLock;

        public override void OnExpired() => TimerTask.Submit(timer);
    }
}
