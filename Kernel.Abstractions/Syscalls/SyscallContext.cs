// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions.Processes;
using Ostd.User;

namespace Kernel.Abstractions.Syscalls;

/// <summary>Who makes the system call.</summary>
public readonly struct SyscallContext(IThread thread)
{
    /// <summary>The calling thread.</summary>
    public IThread Thread { get; } = thread;

    /// <summary>Its process.</summary>
    public IProcess Process => Thread.Process;

    /// <summary>Its user registers.</summary>
    public UserContext Registers => Thread.Context;
}

/// <summary>The generated dispatch table.</summary>
public interface ISyscallDispatcher
{
    /// <summary>Decodes the arguments in the thread's registers, calls the handler, and returns what goes into the return register: <c>-ENOSYS</c> for an unknown number.</summary>
    long Dispatch(IThread thread);
}
