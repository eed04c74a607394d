// SPDX-License-Identifier: MPL-2.0
using System.Numerics;
using System.Threading;
using Ostd.Arch;
using Ostd.Runtime;

namespace Ostd.Cpus;

/// <summary>Requests from one CPU to another: to look at its run queue, to flush translations, to stand still. All share one interrupt; a <see cref="Mailbox"/> says what is wanted.</summary>
/// <remarks>
/// A CPU that waits for others with interrupts off answers their requests meanwhile (<see cref="World.Poll"/>): two that wait for each other go on.
/// </remarks>
internal static class InterProcessor
{
    // Written before a second CPU runs, and never again.
    private static uint[]? s_hardwareIds;
    private static Mailbox[] s_mailboxes = null!;

    /// <summary>Makes the CPUs reachable. On the CPU that booted, while it runs alone.</summary>
    public static unsafe void Initialize(int cpuCount)
    {
        var hardwareIds = new uint[cpuCount];
        s_mailboxes = new Mailbox[cpuCount];
        for (int cpu = 0; cpu < cpuCount; cpu++)
        {
            hardwareIds[cpu] = SecondaryCpus.HardwareIdOf(cpu);
            s_mailboxes[cpu] = new Mailbox();
        }

        WorldControl.Initialize(cpuCount);
        Diagnostics.HardLockup.Initialize(cpuCount);
        Memory.RemoteTlb.Initialize(cpuCount);
        s_hardwareIds = hardwareIds;

        // SAFETY: static methods never go away.
        World.Install(&WorldControl.StopOthers, &WorldControl.ResumeOthers, &WorldControl.RunOnOthers, &Answer);
    }

    /// <summary>The mailbox of a CPU.</summary>
    [InterruptSafe]
    public static Mailbox MailboxOf(int cpu) => s_mailboxes[cpu];

    /// <summary>Makes a CPU choose its task anew. Callable anywhere.</summary>
    [InterruptSafe]
    public static void RequestReschedule(int cpu)
    {
        if (cpu == ThisCpu.Id)
        {
            ThisCpu.NeedReschedule = true;
        }
        else if (s_hardwareIds is not null && Interlocked.Exchange(ref s_mailboxes[cpu].Reschedule, 1) == 0)
        {
            InterruptController.Send(s_hardwareIds[cpu]);
        }
    }

    /// <summary>Makes a CPU leave user mode, to look at its task's interruption mark; or look what is awaited of it (<see cref="Sync.GracePeriods"/>). On the CPU itself the mark is enough: it is looked at on the way out of the trap.</summary>
    [InterruptSafe]
    public static void Kick(int cpu)
    {
        if (cpu != ThisCpu.Id && s_hardwareIds is not null)
        {
            InterruptController.Send(s_hardwareIds[cpu]);
        }
    }

    /// <summary>Asks CPUs to carry out a flush request of the CPU that calls.</summary>
    [InterruptSafe]
    public static void RequestFlush(ulong targets)
    {
        long me = 1L << ThisCpu.Id;
        for (ulong rest = targets; rest != 0; rest &= rest - 1)
        {
            int cpu = BitOperations.TrailingZeroCount(rest);
            if (Interlocked.Or(ref s_mailboxes[cpu].Flushers, me) == 0)
            {
                InterruptController.Send(s_hardwareIds![cpu]);
            }
        }
    }

    /// <summary>Interrupts all other CPUs.</summary>
    [InterruptSafe]
    public static void InterruptOthers()
    {
        int me = ThisCpu.Id;
        for (int cpu = 0; cpu < s_hardwareIds!.Length; cpu++)
        {
            if (cpu != me)
            {
                InterruptController.Send(s_hardwareIds[cpu]);
            }
        }
    }

    /// <summary>Interrupts all other CPUs by what they cannot mask. For a panic: it may come before <see cref="Initialize"/>.</summary>
    public static void InterruptOthersForPanic()
    {
        if (s_hardwareIds is null)
        {
            return;
        }

        int me = ThisCpu.Id;
        for (int cpu = 0; cpu < s_hardwareIds.Length; cpu++)
        {
            if (cpu != me)
            {
                InterruptController.SendNonMaskable(s_hardwareIds[cpu]);
            }
        }
    }

    /// <summary>The interrupt has come. With interrupts off.</summary>
    [InterruptSafe]
    public static void OnInterrupt()
    {
        if (s_hardwareIds is null)
        {
            return;
        }

        if (Interlocked.Exchange(ref s_mailboxes[ThisCpu.Id].Reschedule, 0) != 0)
        {
            ThisCpu.NeedReschedule = true;
        }

        Sync.GracePeriods.OnInterrupt();
        World.Answer();
    }

    // From the interrupt and from World.Poll, with interrupts off.
    [InterruptSafe]
    private static void Answer()
    {
        Memory.RemoteTlb.AnswerRequests();
        WorldControl.Answer();
    }
}
