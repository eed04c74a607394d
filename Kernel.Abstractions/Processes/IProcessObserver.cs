// SPDX-License-Identifier: MPL-2.0
namespace Kernel.Abstractions.Processes;

/// <summary>A component that keeps state of its own per process: told when the process goes away or becomes another program. Kernel.Process calls all of them, in task context of a thread of the process.</summary>
public interface IProcessObserver
{
    /// <summary>The last thread is exiting.</summary>
    void OnExit(IProcess process);

    /// <summary>execve has passed its point of no return.</summary>
    void OnExecute(IProcess process);
}
