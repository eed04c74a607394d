// SPDX-License-Identifier: MPL-2.0
using System.Collections.Generic;
using FsCheck.Xunit;
using Kernel.Sched;
using Ostd.Tasks;
using Xunit;

namespace Kernel.Process.Tests;

public class SchedulerTests
{
    private const long TickNs = 1_000_000;

    [Fact]
    public void EqualTasks_OverTime_GetEqualShares()
    {
        var ran = Run([Make(0), Make(0), Make(0)], 3000);
        Assert.All(ran, share => Assert.InRange(share, 980, 1020));
    }

    [Fact]
    public void NiceSteps_OverTime_WeighAsTheManualSays()
    {
        // Five steps are 1.25 to the power of 5: 3.05 to 1.
        var ran = Run([Make(0), Make(5)], 20000);
        Assert.InRange(ran[0] / (double)ran[1], 2.8, 3.3);
    }

    [Fact]
    public void IdlePolicy_BesideANormalTask_GetsAlmostNothing()
    {
        var ran = Run([Make(0), Make(0, RunQueue.SCHED_IDLE)], 20000);
        Assert.True(ran[1] < 200);
    }

    [Fact]
    public void RealTime_BesideNormalTasks_RunsFirstAndByPriority()
    {
        var queue = new RunQueue();
        var normal = Make(0);
        var low = Make(0, RunQueue.SCHED_FIFO, 10);
        var high = Make(0, RunQueue.SCHED_FIFO, 50);
        queue.Enqueue(normal, true);
        queue.Enqueue(low, true);
        queue.Enqueue(high, true);
        Assert.Same(high, queue.PickNext());
        Assert.Same(low, queue.PickNext());
        Assert.Same(normal, queue.PickNext());
        Assert.Null(queue.PickNext());
    }

    [Fact]
    public void RealTimeWakeup_OverANormalTask_Preempts()
    {
        var queue = new RunQueue();
        queue.Enqueue(Make(0), true);
        queue.PickNext();
        Assert.True(queue.Enqueue(Make(0, RunQueue.SCHED_RR, 1), true));
    }

    [Fact]
    public void Sleeper_AfterALongTime_DoesNotMonopolise()
    {
        var worker = Make(0);
        var sleeper = Make(0);
        var queue = new RunQueue();
        queue.Enqueue(worker, true);
        for (var i = 0; i < 10000; i++)
        {
            Assert.Same(worker, queue.PickNext());
            queue.UpdateCurrent(worker, TickNs, true);
            queue.Enqueue(worker, false);
        }

        queue.Enqueue(sleeper, true);
        var ran = 0;
        for (var i = 0; i < 100; i++)
        {
            var current = queue.PickNext()!;
            ran += ReferenceEquals(current, sleeper) ? 1 : 0;
            queue.UpdateCurrent(current, TickNs, true);
            queue.Enqueue(current, false);
        }

        Assert.InRange(ran, 45, 60);
    }

    [Property(MaxTest = 100)]
    public void FairQueue_OfAnyTimes_ComesOutSorted(int[] times)
    {
        var queue = new FairQueue();
        foreach (var time in times)
        {
            var task = Make(0);
            task.Scheduling.VirtualRuntimeNs = time;
            queue.Add(task);
        }

        Assert.Equal(times.Length, queue.Count);
        var last = long.MinValue;
        while (queue.TakeFirst() is { } task)
        {
            Assert.True(task.Scheduling.VirtualRuntimeNs >= last);
            last = task.Scheduling.VirtualRuntimeNs;
        }

        Assert.Equal(0, queue.Count);
    }

    private static Task Make(int nice, int policy = RunQueue.SCHED_OTHER, int priority = 0)
    {
        Assert.True(Task.TryCreate(static _ => { }, null, "test", out var task));
        task.Scheduling.Nice = nice;
        task.Scheduling.Policy = policy;
        task.Scheduling.RealTimePriority = priority;
        return task;
    }

    /// <summary>Runs tasks that never sleep for some ticks.</summary>
    /// <returns>Ticks that each got.</returns>
    private static int[] Run(Task[] tasks, int ticks)
    {
        var queue = new RunQueue();
        var ran = new int[tasks.Length];
        foreach (var task in tasks)
            queue.Enqueue(task, true);
        var current = queue.PickNext()!;
        for (var tick = 0; tick < ticks; tick++)
        {
            ran[System.Array.IndexOf(tasks, current)]++;
            if (queue.UpdateCurrent(current, TickNs, true))
            {
                queue.Enqueue(current, false);
                current = queue.PickNext()!;
            }
        }

        return ran;
    }
}
