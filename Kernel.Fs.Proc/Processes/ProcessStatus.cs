// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Signals;
using Ostd.Cpus;

namespace Kernel.Fs.Proc.Processes;

/// <summary>/proc/pid/status: the same for human readers, line by line as in Linux 6.1.</summary>
internal static class ProcessStatus
{
    public static Errno Describe(PseudoFileWriter writer, ProcessSubject subject, IThread reader)
    {
        var process = subject.Process;
        var thread = subject.Thread;
        var credentials = thread.Credentials;
        var state = subject.IsThread ? thread.State : process.State;
        writer.Append("Name:\t").Append(thread.CommandName).Append('\n');
        if (thread.FileSystem is { } context)
        {
            var mask = context.FileModeMask;
            writer.Append("Umask:\t0").Append((char)('0' + (mask >> 6 & 7))).Append((char)('0' + (mask >> 3 & 7))).Append((char)('0' + (mask & 7))).Append('\n');
        }

        writer.Append("State:\t").Append(ProcessStat.StateLetter(state)).Append(state switch
        {
            ProcessState.Running => " (running)\n",
            ProcessState.Sleeping => " (sleeping)\n",
            ProcessState.Stopped => " (stopped)\n",
            ProcessState.Zombie => " (zombie)\n",
            _ => " (dead)\n",
        });
        Line(writer, "Tgid:\t", process.Pid);
        Line(writer, "Ngid:\t", 0);
        Line(writer, "Pid:\t", subject.IsThread ? thread.Tid : process.Pid);
        Line(writer, "PPid:\t", process.ParentPid);
        Line(writer, "TracerPid:\t", 0);
        Ids(writer, "Uid:\t", credentials.RealUid, credentials.EffectiveUid, credentials.SavedUid, credentials.FileSystemUid);
        Ids(writer, "Gid:\t", credentials.RealGid, credentials.EffectiveGid, credentials.SavedGid, credentials.FileSystemGid);
        Line(writer, "FDSize:\t", CountDescriptors(thread));
        writer.Append("Groups:\t");
        foreach (var group in credentials.Groups)
        {
            writer.Append(group).Append(' ');
        }

        writer.Append('\n');
        Line(writer, "NStgid:\t", process.Pid);
        Line(writer, "NSpid:\t", subject.IsThread ? thread.Tid : process.Pid);
        Line(writer, "NSpgid:\t", process.ProcessGroupId);
        Line(writer, "NSsid:\t", process.SessionId);
        DescribeMemory(writer, process);
        Line(writer, "Threads:\t", state is ProcessState.Zombie or ProcessState.Dead ? 1 : process.Threads.Count);
        writer.Append("SigQ:\t0/").AppendUnsigned(process.Limits.Soft(ResourceKind.PendingSignals)).Append('\n');
        Set(writer, "SigPnd:\t", thread.Signals.Pending & ~process.PendingSignals);
        Set(writer, "ShdPnd:\t", process.PendingSignals);
        Set(writer, "SigBlk:\t", thread.Signals.Blocked);
        Set(writer, "SigIgn:\t", process.IgnoredSignals);
        Set(writer, "SigCgt:\t", process.CaughtSignals);
        Mask(writer, "CapInh:\t", credentials.InheritableCapabilities);
        Mask(writer, "CapPrm:\t", credentials.PermittedCapabilities);
        Mask(writer, "CapEff:\t", credentials.EffectiveCapabilities);
        Mask(writer, "CapBnd:\t", credentials.BoundingCapabilities);
        Mask(writer, "CapAmb:\t", thread.Attributes.AmbientCapabilities);
        Line(writer, "NoNewPrivs:\t", thread.Attributes.HasNoNewPrivileges ? 1 : 0);
        Line(writer, "Seccomp:\t", 0);
        var cpus = Cpu.OnlineMask;
        writer.Append("Cpus_allowed:\t").AppendHex(thread.Task.Scheduling.Affinity & cpus).Append('\n');
        writer.Append("Cpus_allowed_list:\t");
        AppendList(writer, thread.Task.Scheduling.Affinity & cpus);
        writer.Append("\nMems_allowed:\t1\nMems_allowed_list:\t0\n");
        Line(writer, "voluntary_ctxt_switches:\t", thread.Task.VoluntarySwitches);
        Line(writer, "nonvoluntary_ctxt_switches:\t", thread.Task.InvoluntarySwitches);
        return Errno.Success;
    }

    private static void DescribeMemory(PseudoFileWriter writer, IProcess process)
    {
        if (process.AddressSpace?.GetStatistics() is not { } statistics)
        {
            return;
        }

        Kilobytes(writer, "VmPeak:\t", statistics.PeakVirtual);
        Kilobytes(writer, "VmSize:\t", statistics.Virtual);
        Kilobytes(writer, "VmLck:\t", 0);
        Kilobytes(writer, "VmPin:\t", 0);
        Kilobytes(writer, "VmHWM:\t", statistics.PeakResident);
        Kilobytes(writer, "VmRSS:\t", statistics.Resident);
        Kilobytes(writer, "RssAnon:\t", statistics.Resident - statistics.Shared);
        Kilobytes(writer, "RssFile:\t", statistics.Shared);
        Kilobytes(writer, "RssShmem:\t", 0);
        Kilobytes(writer, "VmData:\t", statistics.Data);
        Kilobytes(writer, "VmStk:\t", statistics.Stack);
        Kilobytes(writer, "VmExe:\t", statistics.Code);
        Kilobytes(writer, "VmLib:\t", 0);
        Kilobytes(writer, "VmPTE:\t", statistics.PageTables);
        Kilobytes(writer, "VmSwap:\t", 0);
    }

    private static int CountDescriptors(IThread thread)
    {
        // The table's size: a power of two of at least 64, as Linux grows it.
        var size = 64;
        if (thread.Files is { } table)
        {
            for (var descriptor = table.NextOpen(0); descriptor >= 0; descriptor = table.NextOpen(descriptor + 1))
            {
                while (descriptor >= size)
                {
                    size *= 2;
                }
            }
        }

        return size;
    }

    private static void AppendList(PseudoFileWriter writer, ulong mask)
    {
        var isFirst = true;
        for (var cpu = 0; cpu < 64; cpu++)
        {
            if ((mask >> cpu & 1) == 0)
            {
                continue;
            }

            var last = cpu;
            while (last < 63 && (mask >> (last + 1) & 1) != 0)
            {
                last++;
            }

            if (!isFirst)
            {
                writer.Append(',');
            }

            writer.Append(cpu);
            if (last > cpu)
            {
                writer.Append('-').Append(last);
            }

            isFirst = false;
            cpu = last;
        }
    }

    private static void Line(PseudoFileWriter writer, string label, long value) => writer.Append(label).Append(value).Append('\n');

    private static void Ids(PseudoFileWriter writer, string label, uint real, uint effective, uint saved, uint fileSystem)
        => writer.Append(label).Append(real).Append('\t').Append(effective).Append('\t').Append(saved).Append('\t').Append(fileSystem).Append('\n');

    private static void Kilobytes(PseudoFileWriter writer, string label, long bytes) => writer.Append(label).AppendPadded(bytes / 1024, 8).Append(" kB\n");

    private static void Set(PseudoFileWriter writer, string label, SignalSet set) => Mask(writer, label, set.Bits);

    private static void Mask(PseudoFileWriter writer, string label, ulong bits) => writer.Append(label).AppendHex(bits, 16).Append('\n');
}
