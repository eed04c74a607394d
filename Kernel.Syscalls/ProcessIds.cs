// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Syscalls;

namespace Kernel.Syscalls;

/// <summary>getpid(2), gettid(2), getpgid(2), setsid(2) and their like.</summary>
[Component(Stage = InitStage.Late)]
public sealed class ProcessIds(IProcessTable table, IJobControl jobs)
{
    [Syscall("getpid")]
    public int GetPid(SyscallContext context) => context.Process.Pid;

    [Syscall("gettid")]
    public int GetTid(SyscallContext context) => context.Thread.Tid;

    [Syscall("getppid")]
    public int GetParentPid(SyscallContext context) => context.Process.ParentPid;

    [Syscall("getpgrp")]
    public int GetOwnProcessGroup(SyscallContext context) => context.Process.ProcessGroupId;

    [Syscall("getpgid")]
    public Result<int> GetProcessGroup(SyscallContext context, int pid) =>
        Find(context, pid) is { } process ? process.ProcessGroupId : Errno.ESRCH;

    [Syscall("getsid")]
    public Result<int> GetSession(SyscallContext context, int pid) =>
        Find(context, pid) is { } process ? process.SessionId : Errno.ESRCH;

    [Syscall("setpgid")]
    public Errno SetProcessGroup(SyscallContext context, int pid, int processGroupId) => jobs.SetProcessGroup(context.Thread, pid, processGroupId);

    [Syscall("setsid")]
    public Result<int> CreateSession(SyscallContext context) => jobs.CreateSession(context.Thread);

    [Syscall("set_tid_address")]
    public int SetTidAddress(SyscallContext context, ulong address)
    {
        context.Thread.ClearChildTid = address;
        return context.Thread.Tid;
    }

    private IProcess? Find(in SyscallContext context, int pid) => pid == 0 ? context.Process : table.FindThread(pid)?.Process ?? table.FindProcess(pid);
}
