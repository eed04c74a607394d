// SPDX-License-Identifier: MPL-2.0
using System;
using System.Numerics;
using Ostd.Boot;

namespace Ostd.Tasks;

/// <content>
/// The calls of the policy, and what is checked of its answers. It is not trusted: whatever it answers, a task runs on one CPU at a time, and none runs that has ended or sleeps. An exception would leave the CPU's lock
/// held and a switch half done, and client code further up could catch it, so it ends here.
/// </content>
internal static partial class Scheduler
{
    private static void TakeOverQueue(CpuState cpu, IScheduler old, IScheduler policy)
    {
        try
        {
            int moved = 0;
            while (old.PickNext(cpu.Id) is Task task)
            {
                CheckPicked(cpu, task);
                if (++moved > cpu.QueuedCount)
                {
                    Panic.Halt("the scheduling policy chose a task twice");
                }

                policy.Enqueue(cpu.Id, task, isWakeup: true);
            }

            if (moved != cpu.QueuedCount)
            {
                Panic.Halt("the scheduling policy lost a task");
            }
        }
        catch (Exception)
        {
            HaltThrown();
        }
    }

    // A policy that does not look at the affinity is overruled.
    [InterruptSafe]
    private static int SelectCpu(Task task)
    {
        int cpu = -1;
        try
        {
            cpu = s_policy.SelectCpu(task);
        }
        catch (Exception)
        {
            HaltThrown();
        }

        if ((uint)cpu >= (uint)s_cpus.Length)
        {
            Panic.Halt("the scheduling policy chose a CPU that does not exist");
        }

        return MayRunOn(task, cpu) ? cpu : BitOperations.TrailingZeroCount(task.Scheduling.Affinity & Cpus.Cpu.OnlineMask);
    }

    [InterruptSafe]
    private static bool PolicyEnqueue(CpuState cpu, Task task, bool isWakeup)
    {
        try
        {
            return s_policy.Enqueue(cpu.Id, task, isWakeup);
        }
        catch (Exception)
        {
            HaltThrown();
            return false;
        }
    }

    [InterruptSafe]
    private static Task? PolicyPickNext(CpuState cpu)
    {
        Task? next = null;
        try
        {
            next = s_policy.PickNext(cpu.Id);
        }
        catch (Exception)
        {
            HaltThrown();
        }

        if (next is not null)
        {
            CheckPicked(cpu, next);
        }
        else if (cpu.QueuedCount != 0)
        {
            Panic.Halt("the scheduling policy lost a task");
        }

        return next;
    }

    [InterruptSafe]
    private static Task? PolicySteal(CpuState from, CpuState to)
    {
        Task? task = null;
        try
        {
            task = s_policy.Steal(from.Id, to.Id);
        }
        catch (Exception)
        {
            HaltThrown();
        }

        if (task is not null)
        {
            CheckPicked(from, task);
        }

        return task;
    }

    [InterruptSafe]
    private static bool PolicyUpdateCurrent(CpuState cpu, long elapsedNs, bool isTick)
    {
        try
        {
            return s_policy.UpdateCurrent(cpu.Id, cpu.Current, elapsedNs, isTick);
        }
        catch (Exception)
        {
            HaltThrown();
            return false;
        }
    }

    // Running, sleeping and dead tasks are in no queue; one in another CPU's queue may be taken off it at this moment.
    [InterruptSafe]
    private static void CheckPicked(CpuState cpu, Task task)
    {
        if (!task.IsQueued || task.LastCpu != cpu.Id)
        {
            Panic.Halt("the scheduling policy chose a task that is not in this CPU's queue");
        }
    }

    [InterruptSafe]
    private static void HaltThrown() => Panic.Halt("the scheduling policy threw an exception");
}
