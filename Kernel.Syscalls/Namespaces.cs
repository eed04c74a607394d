// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Syscalls;

namespace Kernel.Syscalls;

/// <summary>unshare(2) and setns(2) as a Linux without namespaces answers them, but for what only concerns the caller's own tables.</summary>
[Component(Stage = InitStage.Late)]
public sealed class Namespaces
{
    [Syscall("unshare", Flags = "unshare(flags = CLONE_FS | CLONE_FILES | CLONE_SYSVSEM | CLONE_THREAD | CLONE_SIGHAND | CLONE_VM);")]
    public Errno Unshare(SyscallContext context, CloneFlags flags)
    {
        const CloneFlags Known = CloneFlags.CLONE_FS | CloneFlags.CLONE_FILES | CloneFlags.CLONE_SYSVSEM | CloneFlags.CLONE_THREAD | CloneFlags.CLONE_SIGHAND
            | CloneFlags.CLONE_VM | CloneFlags.Namespaces;
        if ((flags & ~Known) != 0)
            return Errno.EINVAL;

        // man 2 unshare: what threads share can only be "unshared" by a process that has one thread.
        if ((flags & (CloneFlags.CLONE_THREAD | CloneFlags.CLONE_SIGHAND | CloneFlags.CLONE_VM)) != 0 && context.Process.Threads.Count != 1)
            return Errno.EINVAL;
        if ((flags & (CloneFlags.Namespaces & ~CloneFlags.CLONE_NEWUSER)) != 0 && !context.Thread.Credentials.HasCapability(Capability.CAP_SYS_ADMIN))
            return Errno.EPERM;
        if ((flags & CloneFlags.Namespaces) != 0)
            return Errno.EINVAL;
        context.Thread.Unshare((flags & CloneFlags.CLONE_FILES) != 0, (flags & CloneFlags.CLONE_FS) != 0);
        return Errno.Success;
    }
}
