// SPDX-License-Identifier: MPL-2.0
using System;
using System.Buffers.Binary;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Syscalls;
using Kernel.Abstractions.Time;
using Ostd.Cpus;
using Ostd.Memory;
using Ostd.Tasks;

namespace Kernel.Syscalls;

/// <summary><c>struct sched_attr</c>, version 1 (man 2 sched_setattr).</summary>
public struct SchedulingAttributesBlock
{
    public uint Size;
    public uint Policy;
    public ulong Flags;
    public int Nice;
    public uint Priority;
    public ulong Runtime;
    public ulong Deadline;
    public ulong Period;
    public uint MinimumUtilization;
    public uint MaximumUtilization;
}

/// <summary>The sched_*(2) calls and getcpu(2) (man 7 sched).</summary>
[Component(Stage = InitStage.Late)]
public sealed class SchedulingCalls(IProcessTable table)
{
    private const int SCHED_OTHER = 0;
    private const int SCHED_FIFO = 1;
    private const int SCHED_RR = 2;
    private const int SCHED_BATCH = 3;
    private const int SCHED_IDLE = 5;
    private const int SCHED_RESET_ON_FORK = 0x40000000;
    private const int HighestPriority = 99;
    private const int MaskBytes = 8;
    private const int Version0Size = 48;

    [Syscall("sched_yield")]
    public Errno Yield()
    {
        Task.Yield();
        return Errno.Success;
    }

    [Syscall("getcpu")]
    public Errno GetCpu(UserPtr<uint> cpu, UserPtr<uint> node)
    {
        uint current;
        using (PreemptGuard.Disable())
            current = (uint)Cpu.CurrentId;
        var error = cpu.IsNull ? Errno.Success : cpu.Write(current);
        return error == Errno.Success && !node.IsNull ? node.Write(0) : error;
    }

    [Syscall("sched_getaffinity")]
    public Result<int> GetAffinity(SyscallContext context, int pid, uint length, ulong mask)
    {
        if (length * 8 < (uint)Cpu.Count || length % MaskBytes != 0)
            return Errno.EINVAL;
        if (pid < 0 || Find(context, pid) is not { } thread)
            return Errno.ESRCH;
        Span<byte> bytes = stackalloc byte[MaskBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, thread.Task.Scheduling.Affinity & OnlineMask);
        var writer = VmWriter.FromUser(mask, MaskBytes);
        return writer.Write(bytes) == MaskBytes ? MaskBytes : Errno.EFAULT;
    }

    [Syscall("sched_setaffinity")]
    public Errno SetAffinity(SyscallContext context, int pid, uint length, ulong mask)
    {
        Span<byte> bytes = stackalloc byte[MaskBytes];
        bytes.Clear();
        var count = (int)Math.Min(length, MaskBytes);
        var reader = VmReader.FromUser(mask, count);
        if (reader.Read(bytes[..count]) != count)
            return Errno.EFAULT;
        if (pid < 0 || Find(context, pid) is not { } thread)
            return Errno.ESRCH;
        if (!MayChange(context.Thread, thread))
            return Errno.EPERM;
        var wanted = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        if ((wanted & OnlineMask) == 0)
            return Errno.EINVAL;
        thread.Task.SetAffinity(wanted & OnlineMask);
        return Errno.Success;
    }

    [Syscall("sched_getscheduler")]
    public Result<int> GetScheduler(SyscallContext context, int pid)
    {
        if (pid < 0)
            return Errno.EINVAL;
        return Find(context, pid) is { } thread ? thread.Task.Scheduling.Policy : Errno.ESRCH;
    }

    [Syscall("sched_setscheduler", Flags = "sched_setscheduler(pid, policy = SCHED_OTHER | SCHED_FIFO | SCHED_RR | SCHED_BATCH | SCHED_IDLE, param);")]
    public Errno SetScheduler(SyscallContext context, int pid, int policy, UserPtr<int> parameter)
    {
        if (policy < 0 || parameter.IsNull || pid < 0)
            return Errno.EINVAL;
        if (!parameter.Read().TryGet(out var priority, out var error))
            return error;
        if (Find(context, pid) is not { } thread)
            return Errno.ESRCH;
        return Set(context.Thread, thread, policy & ~SCHED_RESET_ON_FORK, priority, thread.Task.Scheduling.Nice);
    }

    [Syscall("sched_getparam")]
    public Errno GetParameter(SyscallContext context, int pid, UserPtr<int> parameter)
    {
        if (parameter.IsNull || pid < 0)
            return Errno.EINVAL;
        if (Find(context, pid) is not { } thread)
            return Errno.ESRCH;
        var entity = thread.Task.Scheduling;
        return parameter.Write(IsRealTime(entity.Policy) ? entity.RealTimePriority : 0);
    }

    [Syscall("sched_setparam")]
    public Errno SetParameter(SyscallContext context, int pid, UserPtr<int> parameter)
    {
        if (parameter.IsNull || pid < 0)
            return Errno.EINVAL;
        if (!parameter.Read().TryGet(out var priority, out var error))
            return error;
        if (Find(context, pid) is not { } thread)
            return Errno.ESRCH;
        return Set(context.Thread, thread, thread.Task.Scheduling.Policy, priority, thread.Task.Scheduling.Nice);
    }

    [Syscall("sched_getattr")]
    public Errno GetAttributes(SyscallContext context, int pid, UserPtr<SchedulingAttributesBlock> attributes, uint size, uint flags)
    {
        if (attributes.IsNull || pid < 0 || flags != 0 || size < Version0Size || size > (uint)Paging.PageSizeBytes)
            return Errno.EINVAL;
        if (Find(context, pid) is not { } thread)
            return Errno.ESRCH;
        var entity = thread.Task.Scheduling;
        Span<byte> bytes = stackalloc byte[Version0Size];
        bytes.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Version0Size);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[4..], entity.Policy);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[16..], IsRealTime(entity.Policy) ? 0 : entity.Nice);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[20..], IsRealTime(entity.Policy) ? entity.RealTimePriority : 0);
        var writer = VmWriter.FromUser(attributes.Address, Version0Size);
        return writer.Write(bytes) == Version0Size ? Errno.Success : Errno.EFAULT;
    }

    [Syscall("sched_setattr", Flags = "sched_setattr(pid, attr = {sched_policy = SCHED_OTHER | SCHED_FIFO | SCHED_RR | SCHED_BATCH | SCHED_IDLE, sched_flags = 0, ..}, flags = 0);")]
    public Errno SetAttributes(SyscallContext context, int pid, UserPtr<SchedulingAttributesBlock> attributes, uint flags)
    {
        if (attributes.IsNull || pid < 0 || flags != 0)
            return Errno.EINVAL;
        if (!new UserPtr<uint>(attributes.Address).Read().TryGet(out var size, out var error))
            return error;

        // 0 is the first version, for old callers.
        size = size == 0 ? Version0Size : size;
        if (size < Version0Size || size > (uint)Paging.PageSizeBytes)
            return Errno.E2BIG;
        if (!ExtensibleBlock.Read(attributes, size).TryGet(out var block, out error))
            return error;
        if (Find(context, pid) is not { } thread)
            return Errno.ESRCH;
        if (block.Flags != 0)
            return Errno.EINVAL;
        return Set(context.Thread, thread, (int)block.Policy, (int)block.Priority, Math.Clamp(block.Nice, -20, 19));
    }

    [Syscall("sched_get_priority_max")]
    public Result<int> GetHighestPriority(int policy) => policy switch
    {
        SCHED_FIFO or SCHED_RR => HighestPriority,
        SCHED_OTHER or SCHED_BATCH or SCHED_IDLE => 0,
        _ => Errno.EINVAL,
    };

    [Syscall("sched_get_priority_min")]
    public Result<int> GetLowestPriority(int policy) => policy switch
    {
        SCHED_FIFO or SCHED_RR => 1,
        SCHED_OTHER or SCHED_BATCH or SCHED_IDLE => 0,
        _ => Errno.EINVAL,
    };

    [Syscall("sched_rr_get_interval")]
    public Errno GetRoundRobinInterval(SyscallContext context, int pid, UserPtr<TimeSpec> interval)
    {
        const long RoundRobinQuantumNs = 100_000_000;
        const long FairSliceNs = 4_000_000;
        if (pid < 0)
            return Errno.EINVAL;
        if (Find(context, pid) is not { } thread)
            return Errno.ESRCH;
        return interval.Write(TimeSpec.FromNanoseconds(thread.Task.Scheduling.Policy switch
        {
            SCHED_FIFO => 0,
            SCHED_RR => RoundRobinQuantumNs,
            _ => FairSliceNs,
        }));
    }

    private static ulong OnlineMask => Cpu.OnlineMask;

    private static bool IsRealTime(int policy) => policy is SCHED_FIFO or SCHED_RR;

    private IThread? Find(in SyscallContext context, int pid) => pid == 0 ? context.Thread : table.FindThread(pid);

    private static bool MayChange(IThread caller, IThread target) =>
        caller.Credentials.EffectiveUid == target.Credentials.EffectiveUid || caller.Credentials.EffectiveUid == target.Credentials.RealUid
        || caller.Credentials.HasCapability(Capability.CAP_SYS_NICE);

    private static Errno Set(IThread caller, IThread target, int policy, int priority, int nice)
    {
        if (policy is not (SCHED_OTHER or SCHED_FIFO or SCHED_RR or SCHED_BATCH or SCHED_IDLE))
            return Errno.EINVAL;
        if (priority is < 0 or > HighestPriority || IsRealTime(policy) != (priority != 0))
            return Errno.EINVAL;
        var entity = target.Task.Scheduling;
        if (!caller.Credentials.HasCapability(Capability.CAP_SYS_NICE))
        {
            if (!MayChange(caller, target))
                return Errno.EPERM;

            // man 7 sched, "Privileges and resource limits".
            var limit = target.Process.Limits.Soft(ResourceKind.RealTimePriority);
            if (IsRealTime(policy) && ((policy != entity.Policy && limit == 0) || (priority > entity.RealTimePriority && (ulong)priority > limit)))
                return Errno.EPERM;
            if (nice < entity.Nice && (ulong)(20 - nice) > target.Process.Limits.Soft(ResourceKind.Nice))
                return Errno.EPERM;
        }

        entity.Policy = policy;
        entity.RealTimePriority = priority;
        entity.Nice = nice;
        return Errno.Success;
    }
}
