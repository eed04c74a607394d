// SPDX-License-Identifier: MPL-2.0
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Threading;
using Ostd.Arch;
using Ostd.Cpus;
using Ostd.Tasks;

namespace Ostd.Sync;

/// <summary>
/// Grace periods: the time until each CPU has been seen outside of atomic mode once, so that every stretch of atomic mode that ran at its beginning is over.
/// </summary>
/// <remarks>
/// <para>Who asks sets a bit for each other CPU, and interrupts them. A CPU passes, and clears its bit, where it cannot be in atomic mode: when that interrupt finds preemption on (an idle CPU and user mode too: they are
/// woken, because a handler may run on top of them), or in the scheduler's switch, which the interrupt asks for if it finds preemption off. A stretch with interrupts off puts the interrupt off.</para>
/// <para>The order of memory: the caller's stores come before the bits are set, and a CPU clears its bit with a full fence. What it reads afterwards is at least as new, and what it read in stretches before is done.</para>
/// <para>The scheduling policy has no say in it: a policy that starves tasks starves who waits here, but no grace period ends too early.</para>
/// </remarks>
internal static class GracePeriods
{
    private static Mutex? s_lock;
    private static WaitQueue? s_passed;

    // CPUs, bit by bit, that have still to pass.
    private static long s_awaited;

    // Changed by the holder of the lock alone.
    private static long s_started;
    private static long s_completed;

    /// <summary>Before there is a second task.</summary>
    public static void Initialize()
    {
        s_passed = new WaitQueue();
        s_lock = new Mutex();
    }

    /// <summary>Returns when a grace period has begun after the call, and ended.</summary>
    public static void Wait()
    {
        AtomicMode.MightSleep();
        if (TaskHosting.IsHosted)
        {
            TaskHosting.WaitForAtomicSections();
            return;
        }

        // The next one that starts does for all who were here before it.
        Interlocked.MemoryBarrier();
        long needed = Volatile.Read(ref s_started) + 1;
        using MutexGuard guard = s_lock!.Acquire();
        if (s_completed >= needed)
        {
            return;
        }

        Volatile.Write(ref s_started, s_started + 1);
        Run();
        s_completed = s_started;
    }

    /// <summary>The CPU that calls is in the scheduler's switch, with interrupts off, under no lock.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    [InterruptSafe]
    public static void OnSwitch(int cpu)
    {
        if ((Volatile.Read(ref s_awaited) >> cpu & 1) != 0)
        {
            Pass(cpu);
        }
    }

    /// <summary>The CPU that calls has been interrupted by another one.</summary>
    [InterruptSafe]
    public static void OnInterrupt()
    {
        int cpu = ThisCpu.Id;
        if ((Volatile.Read(ref s_awaited) >> cpu & 1) == 0)
        {
            return;
        }

        if (ThisCpu.PreemptCount == 0)
        {
            Pass(cpu);
        }
        else
        {
            ThisCpu.NeedReschedule = true;
        }
    }

    private static void Run()
    {
        using (PreemptGuard guard = PreemptGuard.Disable())
        {
            // This CPU was outside of atomic mode just now.
            ulong others = Cpu.OnlineMask & ~(1ul << ThisCpu.Id);
            Interlocked.Exchange(ref s_awaited, (long)others);
            for (; others != 0; others &= others - 1)
            {
                InterProcessor.Kick(BitOperations.TrailingZeroCount(others));
            }
        }

        s_passed!.Wait(0, static _ => Volatile.Read(ref s_awaited) == 0);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    [InterruptSafe]
    private static void Pass(int cpu)
    {
        long bit = 1L << cpu;
        if (Interlocked.And(ref s_awaited, ~bit) == bit)
        {
            s_passed!.WakeAll();
        }
    }
}
