// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Time;
using Kernel.Fs.Proc.Processes;
using Ostd.Cpus;
using Ostd.Tasks;
using Ostd.Time;

namespace Kernel.Fs.Proc.SystemFiles;

/// <summary>/proc/stat: CPU times in ticks, context switches, boot time, processes.</summary>
[PseudoFile("/proc/stat", Stage = InitStage.Late)]
public sealed class KernelStatistics(Late<IProcessTable> processes, ITimeKeeper time) : IPseudoFile
{
    /// <inheritdoc/>
    public Errno Generate(PseudoFileWriter writer, IThread reader)
    {
        // User time is that of all processes and of the children they waited for; the kernel's is the rest of what was not idle.
        long userNs = 0;
        foreach (var process in processes.Value.Processes)
        {
            var times = process.Times;
            userNs += times.UserNs + times.ChildrenUserNs;
        }

        var uptimeNs = Clock.MonotonicNs;
        long idleNs = 0;
        for (var cpu = 0; cpu < Cpu.Count; cpu++)
        {
            idleNs += Scheduling.IdleTimeNs(cpu);
        }

        var busyNs = Math.Max(0, uptimeNs * Cpu.Count - idleNs);
        userNs = Math.Min(userNs, busyNs);
        Line(writer, "cpu ", userNs, busyNs - userNs, idleNs);
        for (var cpu = 0; cpu < Cpu.Count; cpu++)
        {
            // User and kernel time are not kept per CPU: they are shared out by how busy each was.
            var idle = Scheduling.IdleTimeNs(cpu);
            var busy = Math.Max(0, uptimeNs - idle);
            var user = busyNs == 0 ? 0 : (long)((Int128)userNs * busy / busyNs);
            writer.Append("cpu").Append(cpu);
            Line(writer, "", user, busy - user, idle);
        }

        writer.Append("ctxt ").Append(Scheduling.ContextSwitches);
        writer.Append("\nbtime ").Append((time.RealTimeNs - uptimeNs) / 1_000_000_000);
        writer.Append("\nprocesses ").Append(processes.Value.ForkCount);
        writer.Append("\nprocs_running ").Append(Scheduling.RunnableCount);
        writer.Append("\nprocs_blocked 0\n");
        return Errno.Success;
    }

    private static void Line(PseudoFileWriter writer, string label, long userNs, long systemNs, long idleNs)
        => writer.Append(label).Append(' ').Append(userNs / ProcessStat.NanosecondsPerTick).Append(" 0 ").Append(systemNs / ProcessStat.NanosecondsPerTick)
            .Append(' ').Append(idleNs / ProcessStat.NanosecondsPerTick).Append(" 0 0 0 0 0 0\n");
}

/// <summary>/proc/uptime: seconds since boot, and seconds that the CPUs were idle, summed.</summary>
[PseudoFile("/proc/uptime", Stage = InitStage.Late)]
public sealed class Uptime : IPseudoFile
{
    /// <inheritdoc/>
    public Errno Generate(PseudoFileWriter writer, IThread reader)
    {
        long idleNs = 0;
        for (var cpu = 0; cpu < Cpu.Count; cpu++)
        {
            idleNs += Scheduling.IdleTimeNs(cpu);
        }

        Append(writer, Clock.MonotonicNs);
        writer.Append(' ');
        Append(writer, idleNs);
        writer.Append('\n');
        return Errno.Success;
    }

    private static void Append(PseudoFileWriter writer, long timeNs)
        => writer.Append(timeNs / 1_000_000_000).Append('.').AppendPadded(timeNs / 10_000_000 % 100, 2, '0');
}

/// <summary>/proc/loadavg: the three averages, runnable and existing tasks, the last pid.</summary>
[PseudoFile("/proc/loadavg", Stage = InitStage.Late)]
public sealed class LoadAverageFile(Late<IProcessTable> processes, ILoadAverage? load) : IPseudoFile
{
    private const ulong One = 1 << 11;

    /// <inheritdoc/>
    public Errno Generate(PseudoFileWriter writer, IThread reader)
    {
        var (one, five, fifteen) = load?.Get() ?? default;
        Append(writer, one);
        Append(writer, five);
        Append(writer, fifteen);
        var count = 0;
        foreach (var process in processes.Value.Processes)
        {
            count += process.Threads.Count;
        }

        writer.Append(Scheduling.RunnableCount).Append('/').Append(count).Append(' ').Append(processes.Value.LastPid).Append('\n');
        return Errno.Success;
    }

    /// <summary>Rounded to two places as Linux does: half of a hundredth is added first.</summary>
    private static void Append(PseudoFileWriter writer, ulong average)
    {
        average += One / 200;
        writer.Append((long)(average >> 11)).Append('.').AppendPadded((long)((average & (One - 1)) * 100 >> 11), 2, '0').Append(' ');
    }
}
