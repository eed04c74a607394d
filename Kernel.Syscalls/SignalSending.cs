// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Signals;
using Kernel.Abstractions.Syscalls;
using Ostd.Memory;

namespace Kernel.Syscalls;

/// <summary>kill(2), tkill(2), tgkill(2), rt_sigqueueinfo(2), rt_tgsigqueueinfo(2).</summary>
[Component(Stage = InitStage.Late)]
public sealed class SignalSending(IProcessTable table, ISignalService signals)
{
    private const int LastSignal = 64;

    [Syscall("kill")]
    public Errno Kill(SyscallContext context, int pid, int signal)
    {
        if (pid == int.MinValue)
            return Errno.ESRCH;
        if (pid > 0)
            return SendToProcess(context.Thread, table.FindProcess(pid) ?? table.FindThread(pid)?.Process, signal, UserInfo(context, signal));
        return signals.SendToMany(context.Thread, pid switch { 0 => context.Process.ProcessGroupId, -1 => 0, _ => -pid }, UserInfo(context, signal));
    }

    [Syscall("tkill")]
    public Errno Tkill(SyscallContext context, int tid, int signal) =>
        tid <= 0 ? Errno.EINVAL : SendToThread(context.Thread, table.FindThread(tid), signal, ThreadInfo(context, signal));

    [Syscall("tgkill")]
    public Errno Tgkill(SyscallContext context, int processId, int tid, int signal)
    {
        if (tid <= 0 || processId <= 0)
            return Errno.EINVAL;
        var thread = table.FindThread(tid);
        return SendToThread(context.Thread, thread?.Process.Pid == processId ? thread : null, signal, ThreadInfo(context, signal));
    }

    [Syscall("rt_sigqueueinfo")]
    public Errno QueueToProcess(SyscallContext context, int pid, int signal, ulong info)
    {
        if (!ReadInfo(info, signal).TryGet(out var value, out var error))
            return error;
        var target = table.FindProcess(pid) ?? table.FindThread(pid)?.Process;
        return MayForge(value, ReferenceEquals(target, context.Process)) ? SendToProcess(context.Thread, target, signal, value) : Errno.EPERM;
    }

    [Syscall("rt_tgsigqueueinfo")]
    public Errno QueueToThread(SyscallContext context, int processId, int tid, int signal, ulong info)
    {
        if (!ReadInfo(info, signal).TryGet(out var value, out var error))
            return error;
        if (tid <= 0 || processId <= 0)
            return Errno.EINVAL;
        var thread = table.FindThread(tid);
        if (!MayForge(value, ReferenceEquals(thread, context.Thread)))
            return Errno.EPERM;
        return SendToThread(context.Thread, thread?.Process.Pid == processId ? thread : null, signal, value);
    }

    private static SignalInfo UserInfo(in SyscallContext context, int signal) =>
        new((Signal)signal, SignalInfo.CodeUser, context.Process.Pid, context.Thread.Credentials.RealUid, 0);

    private static SignalInfo ThreadInfo(in SyscallContext context, int signal) =>
        new((Signal)signal, SignalInfo.CodeThread, context.Process.Pid, context.Thread.Credentials.RealUid, 0);

    /// <summary>man 2 rt_sigqueueinfo: nobody can claim that the kernel or kill(2) sent the signal, but to itself.</summary>
    private static bool MayForge(in SignalInfo info, bool isSelf) => isSelf || (info.Code < 0 && info.Code != SignalInfo.CodeThread);

    private static Result<SignalInfo> ReadInfo(ulong address, int signal)
    {
        Span<byte> bytes = stackalloc byte[SignalInfoLayout.SizeBytes];
        var reader = VmReader.FromUser(address, bytes.Length);
        return reader.Read(bytes) == bytes.Length ? SignalInfoLayout.Read(bytes, (Signal)signal) : Errno.EFAULT;
    }

    private Errno SendToProcess(IThread sender, IProcess? target, int signal, in SignalInfo info)
    {
        if (target is null)
            return Errno.ESRCH;
        if (signal is < 0 or > LastSignal)
            return Errno.EINVAL;
        if (!signals.MaySend(sender, target, (Signal)signal))
            return Errno.EPERM;
        return signal == 0 || signals.SendToProcess(target, info) ? Errno.Success : Errno.EAGAIN;
    }

    private Errno SendToThread(IThread sender, IThread? target, int signal, in SignalInfo info)
    {
        if (target is null)
            return Errno.ESRCH;
        if (signal is < 0 or > LastSignal)
            return Errno.EINVAL;
        if (!signals.MaySend(sender, target.Process, (Signal)signal))
            return Errno.EPERM;
        return signal == 0 || signals.SendToThread(target, info) ? Errno.Success : Errno.EAGAIN;
    }
}
