// SPDX-License-Identifier: MPL-2.0
using System.Threading;
using Ostd.Arch;

namespace Ostd.Tasks;

/// <content>Which CPU a task runs on: affinity, and taking work from CPUs that have too much.</content>
internal static partial class Scheduler
{
    // A busy CPU looks for a busier one each time after so many ticks.
    private const int TicksBetweenBalances = 8;

    /// <summary>Changes where a task may run, and returns when it runs nowhere else.</summary>
    public static void SetAffinity(Task task, ulong cpus)
    {
        AtomicMode.MightSleep();
        task.Scheduling.Affinity = cpus;
        while (!TaskHosting.IsHosted && s_isRunning)
        {
            bool wereEnabled = Interrupts.Disable();
            CpuState cpu = LockCpuOf(task);
            bool isMisplaced = cpu.Current == task && !MayRunOn(task, cpu.Id);
            cpu.Lock.ExitWithInterruptsOff();
            if (isMisplaced)
            {
                Cpus.InterProcessor.RequestReschedule(cpu.Id);
            }

            Interrupts.Restore(wereEnabled);
            if (!isMisplaced)
            {
                return;
            }

            Yield();
        }
    }

    [InterruptSafe]
    private static bool MayRunOn(Task task, int cpu)
    {
        ulong allowed = task.Scheduling.Affinity & Cpus.Cpu.OnlineMask;
        return allowed == 0 || (allowed >> cpu & 1) != 0;
    }

    // Takes a runnable task to where it may run. With interrupts off, under no lock; the task is in no queue and off the CPU.
    [InterruptSafe]
    private static void Place(Task task)
    {
        CpuState cpu = s_cpus[SelectCpu(task)];
        cpu.Lock.EnterWithInterruptsOff();
        EnqueueLocked(cpu, task, isWakeup: true);
        cpu.Lock.ExitWithInterruptsOff();
    }

    [InterruptSafe]
    private static void PutAsideLocked(CpuState cpu, Task task)
    {
        task.NextMigrating = cpu.Migrating;
        cpu.Migrating = task;
    }

    // Releases the CPU's lock, and places what was put aside under it.
    [InterruptSafe]
    private static void ExitAndPlace(CpuState cpu)
    {
        Task? migrating = cpu.Migrating;
        cpu.Migrating = null;
        cpu.Lock.ExitWithInterruptsOff();
        while (migrating is not null)
        {
            Task task = migrating;
            migrating = task.NextMigrating;
            task.NextMigrating = null;
            Place(task);
        }
    }

    // Moves one task between queues. With interrupts off, under no lock.
    [InterruptSafe]
    private static bool TryPull(CpuState from, CpuState to)
    {
        from.Lock.EnterWithInterruptsOff();
        Task? task = from.QueuedCount == 0 ? null : PolicySteal(from, to);
        if (task is not null)
        {
            task.IsQueued = false;
            from.QueuedCount--;
        }

        from.Lock.ExitWithInterruptsOff();
        if (task is null)
        {
            return false;
        }

        if (!MayRunOn(task, to.Id))
        {
            Place(task);
            return false;
        }

        to.Lock.EnterWithInterruptsOff();
        EnqueueLocked(to, task, isWakeup: false);
        to.Lock.ExitWithInterruptsOff();
        return true;
    }

    // The CPU has nothing to do: it takes what waits elsewhere.
    [NoAlloc]
    private static void PullForIdle(CpuState cpu)
    {
        for (int i = 1; i < s_cpus.Length; i++)
        {
            CpuState other = s_cpus[(cpu.Id + i) % s_cpus.Length];
            if (Volatile.Read(ref other.QueuedCount) != 0 && TryPull(other, cpu))
            {
                return;
            }
        }
    }

    // At a tick of a busy CPU.
    [InterruptSafe]
    private static void Balance(CpuState cpu)
    {
        if (Volatile.Read(ref cpu.QueuedCount) != 0 && FindIdle() is CpuState idle)
        {
            Cpus.InterProcessor.Kick(idle.Id);
        }

        if (++cpu.TickCount % TicksBetweenBalances != 0)
        {
            return;
        }

        CpuState busiest = cpu;
        foreach (CpuState other in s_cpus)
        {
            if (Volatile.Read(ref other.QueuedCount) > Volatile.Read(ref busiest.QueuedCount))
            {
                busiest = other;
            }
        }

        if (Volatile.Read(ref busiest.QueuedCount) >= Volatile.Read(ref cpu.QueuedCount) + 2)
        {
            TryPull(busiest, cpu);
        }
    }

    [InterruptSafe]
    private static CpuState? FindIdle()
    {
        foreach (CpuState cpu in s_cpus)
        {
            if (Volatile.Read(ref cpu.Current) == cpu.Idle && Volatile.Read(ref cpu.QueuedCount) == 0)
            {
                return cpu;
            }
        }

        return null;
    }
}
