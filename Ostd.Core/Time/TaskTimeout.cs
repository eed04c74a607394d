// SPDX-License-Identifier: MPL-2.0
using System.Threading;
using Ostd.Tasks;

namespace Ostd.Time;

/// <summary>Wakes a task at a time. Each task has one, for the wait that it is in.</summary>
internal sealed class TaskTimeout : TimerNode
{
    private readonly Task _task;
    private int _hasExpired;

    public TaskTimeout(Task task) => _task = task;

    public bool HasExpired => Volatile.Read(ref _hasExpired) != 0;

    public void Arm(long deadlineNs)
    {
        if (deadlineNs <= Clock.MonotonicNs)
        {
            _hasExpired = 1;
            return;
        }

        _hasExpired = 0;
        TimerQueue.Arm(this, deadlineNs);
    }

    public void Disarm() => TimerQueue.Disarm(this);

    public override void OnExpired()
    {
        Volatile.Write(ref _hasExpired, 1);
        Scheduler.Wake(_task);
    }
}
