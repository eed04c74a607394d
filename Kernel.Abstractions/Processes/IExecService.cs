// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Syscalls;

namespace Kernel.Abstractions.Processes;

/// <summary>Replaces the program of a process.</summary>
public interface IExecService
{
    /// <summary>
    /// execveat(2). On success the caller's registers are those of the new program. After the point of no return a failure kills the process with SIGSEGV, as in Linux.
    /// </summary>
    /// <param name="arguments">User address of argv, NULL-terminated; may be 0.</param>
    /// <param name="environment">User address of envp; may be 0.</param>
    Errno Execute(IThread caller, FileDescriptor directory, UserPath path, ulong arguments, ulong environment, WalkFlags flags);
}
