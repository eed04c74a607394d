// SPDX-License-Identifier: MPL-2.0
namespace Kernel.Abstractions.Processes;

/// <summary>Ends threads and processes. The end itself happens when the thread is about to return to user mode.</summary>
public interface IExitService
{
    /// <summary>exit(2): the calling thread ends; the process with it if it is the last one.</summary>
    void ExitThread(IThread caller, int code);

    /// <summary>exit_group(2): all threads of the caller's process end.</summary>
    void ExitGroup(IThread caller, int code);
}
