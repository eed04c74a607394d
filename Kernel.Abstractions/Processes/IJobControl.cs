// SPDX-License-Identifier: MPL-2.0
namespace Kernel.Abstractions.Processes;

/// <summary>Process groups and sessions (man 2 setpgid, setsid).</summary>
public interface IJobControl
{
    /// <summary>setpgid(2).</summary>
    Errno SetProcessGroup(IThread caller, int pid, int processGroupId);

    /// <summary>setsid(2).</summary>
    /// <returns>The new session's id; EPERM for a process group leader.</returns>
    Result<int> CreateSession(IThread caller);
}
