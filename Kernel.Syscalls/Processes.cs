// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Syscalls;
using Ostd.Cpus;
using Ostd.Memory;

namespace Kernel.Syscalls;

/// <summary><c>struct clone_args</c> (man 2 clone3), version 2.</summary>
public struct CloneArgumentBlock
{
    public ulong Flags;
    public ulong PidFileDescriptor;
    public ulong ChildTid;
    public ulong ParentTid;
    public ulong ExitSignal;
    public ulong Stack;
    public ulong StackSize;
    public ulong ThreadPointer;
    public ulong SetTid;
    public ulong SetTidSize;
    public ulong ControlGroup;
}

/// <summary>fork(2), vfork(2), clone(2), clone3(2), execve(2), execveat(2), exit(2), exit_group(2).</summary>
[Component(Stage = InitStage.Late)]
public sealed class Processes(ICloneService clones, IExecService execution, IExitService exits)
{
    private const int CloneArgumentsVersion0 = 64;

    private static readonly bool s_isThreadPointerFirst = Cpu.MachineName == "riscv64";
    private const ulong LastSignal = 64;

    [Syscall("fork")]
    public Result<int> Fork(SyscallContext context) => clones.Clone(context.Thread, new CloneArguments(CloneFlags.None, (int)Abstractions.Signals.Signal.SIGCHLD));

    [Syscall("vfork")]
    public Result<int> Vfork(SyscallContext context) =>
        clones.Clone(context.Thread, new CloneArguments(CloneFlags.CLONE_VM | CloneFlags.CLONE_VFORK, (int)Abstractions.Signals.Signal.SIGCHLD));

    [Syscall("clone", Flags = """
        clone(flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_VFORK | CLONE_PARENT | CLONE_THREAD | CLONE_SYSVSEM | CLONE_SETTLS | CLONE_PARENT_SETTID |
            CLONE_CHILD_CLEARTID | CLONE_DETACHED | CLONE_UNTRACED | CLONE_CHILD_SETTID | CLONE_IO, stack, parent_tid, child_tid, tls);
        """)]
    public Result<int> Clone(SyscallContext context, ulong flags, ulong stack, ulong parentTid, ulong childTid, ulong threadPointer)
    {
        // Some architectures have the last two the other way round (man 2 clone, "C library/kernel differences").
        if (s_isThreadPointerFirst)
            (childTid, threadPointer) = (threadPointer, childTid);

        // Only 32 bits of flags: the upper half came with clone3(2).
        var signal = (int)(flags & (ulong)CloneFlags.CSIGNAL);
        var arguments = new CloneArguments((CloneFlags)(flags & 0xffffff00), signal, stack, parentTid, childTid, threadPointer);
        return clones.Clone(context.Thread, arguments);
    }

    [Syscall("clone3", Flags = """
        clone3(cl_args = {flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_VFORK | CLONE_PARENT | CLONE_THREAD | CLONE_SYSVSEM | CLONE_SETTLS | CLONE_PARENT_SETTID |
            CLONE_CHILD_CLEARTID | CLONE_UNTRACED | CLONE_CHILD_SETTID | CLONE_IO | CLONE_CLEAR_SIGHAND, ..}, size);
        """)]
    public Result<int> Clone3(SyscallContext context, UserPtr<CloneArgumentBlock> pointer, ulong size)
    {
        var known = UserMemory.SizeOf<CloneArgumentBlock>();
        if (size > (ulong)Paging.PageSizeBytes)
            return Errno.E2BIG;
        if (size < CloneArgumentsVersion0)
            return Errno.EINVAL;
        if (!ExtensibleBlock.Read(pointer, size).TryGet(out var block, out var error))
            return error;

        var flags = (CloneFlags)block.Flags;
        if ((flags & ~KnownClone3Flags) != 0 || (flags & CloneFlags.CLONE_DETACHED) != 0 || (block.Flags & (ulong)CloneFlags.CSIGNAL & ~(ulong)CloneFlags.CLONE_NEWTIME) != 0)
            return Errno.EINVAL;
        if ((flags & CloneFlags.CLONE_THREAD) != 0 && block.ExitSignal != 0)
            return Errno.EINVAL;
        if (block.ExitSignal > LastSignal || (block.Stack == 0) != (block.StackSize == 0) || block.Stack + block.StackSize < block.Stack)
            return Errno.EINVAL;
        var wanted = 0;
        if (block.SetTidSize > 1 || (block.SetTid == 0) != (block.SetTidSize == 0))
            return Errno.EINVAL;
        if (block.SetTidSize == 1)
        {
            if (!UserMemory.TryRead(block.SetTid, out wanted))
                return Errno.EFAULT;
            if (!context.Thread.Credentials.HasCapability(Capability.CAP_SYS_ADMIN))
                return Errno.EPERM;
            if (wanted <= 0)
                return Errno.EINVAL;
        }

        var stack = block.Stack == 0 ? 0 : block.Stack + block.StackSize;
        return clones.Clone(context.Thread, new CloneArguments(flags, (int)block.ExitSignal, stack, block.ParentTid, block.ChildTid, block.ThreadPointer, wanted));
    }

    [Syscall("execve")]
    public Errno Execve(SyscallContext context, UserPath path, ulong arguments, ulong environment) =>
        execution.Execute(context.Thread, FileDescriptor.CurrentDirectory, path, arguments, environment, WalkFlags.Follow);

    [Syscall("execveat", Flags = "execveat(dirfd, path, argv, envp, flags = AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW);")]
    public Errno ExecveAt(SyscallContext context, FileDescriptor directory, UserPath path, ulong arguments, ulong environment, int flags)
    {
        const int AT_SYMLINK_NOFOLLOW = 0x100;
        const int AT_EMPTY_PATH = 0x1000;
        if ((flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) != 0)
            return Errno.EINVAL;
        var walk = ((flags & AT_SYMLINK_NOFOLLOW) == 0 ? WalkFlags.Follow : 0) | ((flags & AT_EMPTY_PATH) != 0 ? WalkFlags.AllowEmpty : 0);
        return execution.Execute(context.Thread, directory, path, arguments, environment, walk);
    }

    [Syscall("exit")]
    public int Exit(SyscallContext context, int code)
    {
        exits.ExitThread(context.Thread, code);
        return 0;
    }

    [Syscall("exit_group")]
    public int ExitGroup(SyscallContext context, int code)
    {
        exits.ExitGroup(context.Thread, code);
        return 0;
    }

    private static CloneFlags KnownClone3Flags => (CloneFlags)0xffffff00 | CloneFlags.CLONE_CLEAR_SIGHAND | CloneFlags.CLONE_INTO_CGROUP;
}
