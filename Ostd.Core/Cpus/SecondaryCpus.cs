// SPDX-License-Identifier: MPL-2.0
using System;
using System.Runtime;
using System.Threading;
using Ostd.Arch;
using Ostd.Boot;
using Ostd.Logging;
using Ostd.Memory;
using Ostd.Runtime;
using Ostd.Tasks;
using Ostd.Time;

namespace Ostd.Cpus;

/// <summary>
/// Starts the CPUs that did not boot. One after the other comes up to a point where it waits; when all are there, and the structures that know them exist, they are released into
/// their idle loops together. Until then they touch no object, so that the collector need not know them.
/// </summary>
// SAFETY: a CPU's area is zeroed memory of frames that are never freed; CPUs that have not arrived are reset, so that none uses an area or a stack that was given away.
internal static unsafe class SecondaryCpus
{
    private const long ArrivalLimitNs = 1_000_000_000;

    private static uint[] s_hardwareIds = null!;
    private static Task[] s_idleTasks = null!;
    private static int s_expected;
    private static int s_arrived;
    private static int s_isReleased;

    /// <summary>Number by which a CPU is reached by interrupts.</summary>
    [InterruptSafe]
    public static uint HardwareIdOf(int cpu) => s_hardwareIds[cpu];

    /// <summary>Starts the CPUs, on the one that booted, with interrupts off.</summary>
    /// <param name="bootIdle">The idle task of the CPU that booted.</param>
    /// <param name="limit">How many CPUs may run.</param>
    /// <returns>The idle tasks of all CPUs that run.</returns>
    public static ReadOnlySpan<Task> Start(Task bootIdle, int limit)
    {
        int present = CpuTopology.Count;
        int wanted = Math.Min(Math.Min(present, limit), Cpu.MaxCount);
        s_hardwareIds = new uint[wanted];
        s_idleTasks = new Task[wanted];
        s_hardwareIds[0] = CpuTopology.HardwareIdOf(0);
        s_idleTasks[0] = bootIdle;
        int count = 1;
        if (wanted > 1 && CpuStartup.Open(KernelSpace.Root))
        {
            for (int i = 1; i < present && count < wanted; i++)
            {
                if (TryStart(count, CpuTopology.HardwareIdOf(i)))
                {
                    count++;
                }
                else
                {
                    Log.Warn("a CPU does not start");
                }
            }

            CpuStartup.Close();
        }

        if (count > 1)
        {
            Log.Info(Clock.AreCountersTrusted ? "all CPUs run; their time stamp counters are in step" : "all CPUs run; their time stamp counters are not in step");
        }

        Cpu.Count = count;
        return s_idleTasks.AsSpan(0, count);
    }

    /// <summary>Lets the CPUs go into their idle loops.</summary>
    public static void Release() => Interlocked.Exchange(ref s_isReleased, 1);

    private static bool TryStart(int cpu, uint hardwareId)
    {
        uint pageCount = (uint)((CpuStartup.AreaSizeBytes + Paging.PageSizeBytes - 1) >> Paging.PageShift);
        uint firstPage = FrameAllocator.AllocateRun(pageCount, FrameState.Stack);
        Task? idle = firstPage == 0 ? null : Task.TryCreateIdle(cpu);
        if (idle is null)
        {
            return false;
        }

        byte* area = FrameTable.AddressOf(firstPage);
        new Span<byte>(area, (int)pageCount << Paging.PageShift).Clear();
        CpuStartup.Prepare(area, cpu, idle.RuntimeThread);
        s_hardwareIds[cpu] = hardwareId;
        s_idleTasks[cpu] = idle;
        Volatile.Write(ref s_expected, cpu);
        CpuStartup.Start(hardwareId, area, (nuint)idle.StackEnd, &HasArrived);
        long deadlineNs = Clock.MonotonicNs + ArrivalLimitNs;
        while (!HasArrived())
        {
            if (Clock.MonotonicNs > deadlineNs)
            {
                // It may be running all the same. What it was given stays its own.
                CpuStartup.Stop(hardwareId);
                return false;
            }

            Interrupts.SpinHint();
        }

        ClockComparison.Compare();
        return true;
    }

    private static bool HasArrived() => Volatile.Read(ref s_arrived) == Volatile.Read(ref s_expected);

    // The stub comes here on the idle task's stack, with interrupts off.
    [RuntimeExport("CpuEntry")]
    private static void OnCpuEntry()
    {
        CpuStartup.InitializeThisCpu();
        Volatile.Write(ref s_arrived, ThisCpu.Id);
        ClockComparison.Answer();
        while (Volatile.Read(ref s_isReleased) == 0)
        {
            Interrupts.SpinHint();
        }

        RuntimeThread.Current->SavedStackPointer = 0;
        ThisCpu.CurrentTask = s_idleTasks[ThisCpu.Id];
        Scheduler.IdleLoop();
    }
}
