// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Signals;
using Kernel.Abstractions.Syscalls;
using Ostd.Time;

namespace Kernel.Syscalls;

/// <summary><c>struct rlimit64</c>.</summary>
public struct ResourceLimitBlock
{
    public ulong Soft;
    public ulong Hard;
}

/// <summary><c>struct tms</c>, in clock ticks.</summary>
public struct ProcessTimesBlock
{
    public long User;
    public long System;
    public long ChildrenUser;
    public long ChildrenSystem;
}

/// <summary>getrlimit(2), setrlimit(2), prlimit(2), getrusage(2), times(2).</summary>
[Component(Stage = InitStage.Late)]
public sealed class ResourceLimitCalls(IProcessTable table, IWaitService waits, ICpuTimeLimits? cpuLimits)
{
    private const int LimitCount = 16;

    /// <summary>The largest RLIMIT_NOFILE (<c>/proc/sys/fs/nr_open</c>).</summary>
    private const ulong MostOpenFiles = 1 << 20;

    [Syscall("getrlimit")]
    public Errno GetLimit(SyscallContext context, uint resource, UserPtr<ResourceLimitBlock> limit) =>
        resource >= LimitCount ? Errno.EINVAL : limit.Write(BlockOf(context.Process, (ResourceKind)resource));

    [Syscall("setrlimit")]
    public Errno SetLimit(SyscallContext context, uint resource, UserPtr<ResourceLimitBlock> limit)
    {
        if (!limit.Read().TryGet(out var wanted, out var error))
            return error;
        return resource >= LimitCount ? Errno.EINVAL : Set(context.Thread, context.Process, (ResourceKind)resource, wanted, out _);
    }

    [Syscall("prlimit64")]
    public Errno ProcessLimit(SyscallContext context, int pid, uint resource, UserPtr<ResourceLimitBlock> newLimit, UserPtr<ResourceLimitBlock> oldLimit)
    {
        if (resource >= LimitCount)
            return Errno.EINVAL;
        ResourceLimitBlock wanted = default;
        if (!newLimit.IsNull && !newLimit.Read().TryGet(out wanted, out var error))
            return error;
        var target = pid == 0 ? context.Process : table.FindThread(pid)?.Process;
        if (target is null)
            return Errno.ESRCH;
        if (!ReferenceEquals(target, context.Process) && !MayChange(context.Thread.Credentials, target.MainThread.Credentials))
            return Errno.EPERM;

        var kind = (ResourceKind)resource;
        ResourceLimitBlock old;
        if (newLimit.IsNull)
            old = BlockOf(target, kind);
        else if ((error = Set(context.Thread, target, kind, wanted, out old)) != Errno.Success)
            return error;
        return oldLimit.IsNull ? Errno.Success : oldLimit.Write(old);
    }

    [Syscall("getrusage", Flags = "getrusage(who = RUSAGE_SELF | RUSAGE_CHILDREN | RUSAGE_THREAD, usage);")]
    public Errno GetUsage(SyscallContext context, int who, UserPtr<ResourceUsage> usage)
    {
        const int RUSAGE_SELF = 0;
        const int RUSAGE_CHILDREN = -1;
        const int RUSAGE_THREAD = 1;
        return who switch
        {
            RUSAGE_SELF => usage.Write(ResourceUsage.From(waits.GetUsage(context.Process, ofChildren: false))),
            RUSAGE_CHILDREN => usage.Write(ResourceUsage.From(waits.GetUsage(context.Process, ofChildren: true))),
            RUSAGE_THREAD => usage.Write(ResourceUsage.From(waits.GetUsage(context.Thread))),
            _ => Errno.EINVAL,
        };
    }

    [Syscall("times")]
    public Result<long> Times(SyscallContext context, UserPtr<ProcessTimesBlock> buffer)
    {
        if (!buffer.IsNull)
        {
            var times = context.Process.Times;
            var error = buffer.Write(new ProcessTimesBlock
            {
                User = times.UserNs / SignalInfoLayout.ClockTickNs,
                System = times.KernelNs / SignalInfoLayout.ClockTickNs,
                ChildrenUser = times.ChildrenUserNs / SignalInfoLayout.ClockTickNs,
                ChildrenSystem = times.ChildrenKernelNs / SignalInfoLayout.ClockTickNs,
            });
            if (error != Errno.Success)
                return error;
        }

        return Clock.MonotonicNs / SignalInfoLayout.ClockTickNs;
    }

    private static ResourceLimitBlock BlockOf(IProcess process, ResourceKind kind) => BlockOf(process.Limits.Get(kind));

    private static ResourceLimitBlock BlockOf((ulong Soft, ulong Hard) limit) => new() { Soft = limit.Soft, Hard = limit.Hard };

    private Errno Set(IThread caller, IProcess target, ResourceKind kind, in ResourceLimitBlock wanted, out ResourceLimitBlock old)
    {
        old = default;
        if (wanted.Soft > wanted.Hard)
            return Errno.EINVAL;
        if (kind == ResourceKind.OpenFiles && wanted.Hard > MostOpenFiles)
            return Errno.EPERM;
        if (!target.Limits.TrySet(kind, wanted.Soft, wanted.Hard, caller.Credentials.HasCapability(Capability.CAP_SYS_RESOURCE), out var before))
            return Errno.EPERM;
        old = BlockOf(before);
        if (kind == ResourceKind.CpuTime && wanted.Soft != ResourceLimits.Infinity)
            cpuLimits?.Watch();
        return Errno.Success;
    }

    /// <summary>man 2 prlimit: all three ids of the target are the caller's real ones, or the caller has CAP_SYS_RESOURCE.</summary>
    private static bool MayChange(Credentials own, Credentials other) =>
        (own.RealUid == other.EffectiveUid && own.RealUid == other.SavedUid && own.RealUid == other.RealUid
            && own.RealGid == other.EffectiveGid && own.RealGid == other.SavedGid && own.RealGid == other.RealGid)
        || own.HasCapability(Capability.CAP_SYS_RESOURCE);
}
