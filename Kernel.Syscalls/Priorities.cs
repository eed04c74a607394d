// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Syscalls;

namespace Kernel.Syscalls;

/// <summary>getpriority(2), setpriority(2).</summary>
[Component(Stage = InitStage.Late)]
public sealed class Priorities(IProcessTable table)
{
    private const int PRIO_PROCESS = 0;
    private const int PRIO_PGRP = 1;
    private const int PRIO_USER = 2;

    [Syscall("getpriority")]
    public Result<int> GetPriority(SyscallContext context, int which, int who)
    {
        if (which is < PRIO_PROCESS or > PRIO_USER)
            return Errno.EINVAL;

        // The kernel's answer is 20 - nice, so that it is never negative.
        var best = 0;
        if (which == PRIO_PROCESS)
        {
            if ((who == 0 ? context.Thread : table.FindThread(who)) is not { } thread)
                return Errno.ESRCH;
            return 20 - thread.Task.Scheduling.Nice;
        }

        foreach (var process in table.Processes)
        {
            if (!IsMeant(context, process, which, who))
                continue;
            foreach (var thread in process.Threads)
                best = Math.Max(best, 20 - thread.Task.Scheduling.Nice);
        }

        return best == 0 ? Errno.ESRCH : best;
    }

    [Syscall("setpriority")]
    public Errno SetPriority(SyscallContext context, int which, int who, int nice)
    {
        if (which is < PRIO_PROCESS or > PRIO_USER)
            return Errno.EINVAL;
        nice = Math.Clamp(nice, -20, 19);
        if (which == PRIO_PROCESS)
            return (who == 0 ? context.Thread : table.FindThread(who)) is { } target ? Set(context.Thread, target, nice) : Errno.ESRCH;

        var result = Errno.ESRCH;
        foreach (var process in table.Processes)
        {
            if (!IsMeant(context, process, which, who))
                continue;
            foreach (var thread in process.Threads)
            {
                var error = Set(context.Thread, thread, nice);
                if (error != Errno.Success || result == Errno.ESRCH)
                    result = error;
            }
        }

        return result;
    }

    private static bool IsMeant(in SyscallContext context, IProcess process, int which, int who) => which == PRIO_PGRP
        ? process.ProcessGroupId == (who == 0 ? context.Process.ProcessGroupId : who)
        : process.MainThread.Credentials.RealUid == (who == 0 ? context.Thread.Credentials.RealUid : (uint)who);

    private static Errno Set(IThread caller, IThread target, int nice)
    {
        var own = caller.Credentials;
        var entity = target.Task.Scheduling;
        if (own.HasCapability(Capability.CAP_SYS_NICE))
        {
            entity.Nice = nice;
            return Errno.Success;
        }

        if (own.EffectiveUid != target.Credentials.RealUid && own.EffectiveUid != target.Credentials.EffectiveUid)
            return Errno.EPERM;
        if (nice < entity.Nice && (ulong)(20 - nice) > target.Process.Limits.Soft(ResourceKind.Nice))
            return Errno.EACCES;
        entity.Nice = nice;
        return Errno.Success;
    }
}
