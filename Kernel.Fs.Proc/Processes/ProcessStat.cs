// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Ostd.Memory;

namespace Kernel.Fs.Proc.Processes;

/// <summary>/proc/pid/stat and statm: one line of numbers, in the order of man 5 proc.</summary>
internal static class ProcessStat
{
    /// <summary>Clock ticks are of 10 ms (USER_HZ 100).</summary>
    public const long NanosecondsPerTick = 10_000_000;

    private const int SIGCHLD = 17;

    public static char StateLetter(ProcessState state) => state switch
    {
        ProcessState.Running => 'R',
        ProcessState.Sleeping => 'S',
        ProcessState.Stopped => 'T',
        ProcessState.Zombie => 'Z',
        _ => 'X',
    };

    public static Errno Describe(PseudoFileWriter writer, ProcessSubject subject, IThread reader)
    {
        var process = subject.Process;
        var thread = subject.Thread;
        var statistics = process.AddressSpace?.GetStatistics() ?? default;
        var times = process.Times;
        var scheduling = thread.Task.Scheduling;
        var isZombie = process.State is ProcessState.Zombie or ProcessState.Dead;
        writer.Append(subject.IsThread ? thread.Tid : process.Pid).Append(" (").Append(thread.CommandName).Append(") ")
            .Append(StateLetter(subject.IsThread ? thread.State : process.State));
        Number(writer, process.ParentPid);
        Number(writer, process.ProcessGroupId);
        Number(writer, process.SessionId);
        var terminal = process.ControllingTerminal;
        Number(writer, terminal is null ? 0 : (long)(int)terminal.Number.Encoded);
        Number(writer, terminal is null ? -1 : terminal.ForegroundGroupId);
        Number(writer, 0x400000);
        Number(writer, statistics.MinorFaults);
        Number(writer, 0);
        Number(writer, statistics.MajorFaults);
        Number(writer, 0);
        Number(writer, (subject.IsThread ? thread.Task.UserTimeNs : times.UserNs) / NanosecondsPerTick);
        Number(writer, (subject.IsThread ? thread.Task.KernelTimeNs : times.KernelNs) / NanosecondsPerTick);
        Number(writer, times.ChildrenUserNs / NanosecondsPerTick);
        Number(writer, times.ChildrenKernelNs / NanosecondsPerTick);
        Number(writer, scheduling.Policy is 1 or 2 ? -1 - scheduling.RealTimePriority : 20 + scheduling.Nice);
        Number(writer, scheduling.Nice);
        Number(writer, isZombie ? 1 : process.Threads.Count);
        Number(writer, 0);
        Number(writer, process.StartTimeNs / NanosecondsPerTick);
        Number(writer, statistics.Virtual);
        Number(writer, statistics.Resident >> Paging.PageShift);
        writer.Append(' ').AppendUnsigned(process.Limits.Soft(ResourceKind.ResidentSet));

        // Addresses only for who may see them; others get 0, as in Linux.
        var layout = subject.MayInspect(reader) ? process.AddressSpace?.Layout : null;
        Address(writer, layout?.CodeStart);
        Address(writer, layout?.CodeEnd);
        Address(writer, layout?.StackStart);
        Number(writer, 0);
        Number(writer, 0);
        writer.Append(' ').AppendUnsigned(thread.Signals.Pending.Bits & int.MaxValue);
        writer.Append(' ').AppendUnsigned(thread.Signals.Blocked.Bits & int.MaxValue);
        writer.Append(' ').AppendUnsigned(process.IgnoredSignals.Bits & int.MaxValue);
        writer.Append(' ').AppendUnsigned(process.CaughtSignals.Bits & int.MaxValue);
        Number(writer, 0);
        Number(writer, 0);
        Number(writer, 0);
        Number(writer, SIGCHLD);
        Number(writer, thread.Task.LastCpu);
        Number(writer, scheduling.RealTimePriority);
        Number(writer, scheduling.Policy);
        Number(writer, 0);
        Number(writer, 0);
        Number(writer, 0);
        Address(writer, layout?.DataStart);
        Address(writer, layout?.DataEnd);
        Address(writer, layout is null ? null : layout.DataEnd);
        Address(writer, layout?.ArgumentsStart);
        Address(writer, layout?.ArgumentsEnd);
        Address(writer, layout?.EnvironmentStart);
        Address(writer, layout?.EnvironmentEnd);
        Number(writer, subject.MayInspect(reader) && isZombie ? process.ExitStatus : 0);
        writer.Append('\n');
        return Errno.Success;
    }

    /// <summary>Sizes in pages: total, resident, shared, text, library (always 0), data, dirty (always 0).</summary>
    public static Errno DescribeMemory(PseudoFileWriter writer, ProcessSubject subject, IThread reader)
    {
        var statistics = subject.Process.AddressSpace?.GetStatistics() ?? default;
        writer.Append(statistics.Virtual >> Paging.PageShift);
        Number(writer, statistics.Resident >> Paging.PageShift);
        Number(writer, statistics.Shared >> Paging.PageShift);
        Number(writer, statistics.Code >> Paging.PageShift);
        Number(writer, 0);
        Number(writer, (statistics.Data + statistics.Stack) >> Paging.PageShift);
        Number(writer, 0);
        writer.Append('\n');
        return Errno.Success;
    }

    private static void Number(PseudoFileWriter writer, long value) => writer.Append(' ').Append(value);

    private static void Address(PseudoFileWriter writer, ulong? value) => writer.Append(' ').AppendUnsigned(value ?? 0);
}
