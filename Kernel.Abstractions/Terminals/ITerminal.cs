// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;

namespace Kernel.Abstractions.Terminals;

/// <summary>A terminal as sessions and job control see it.</summary>
public interface ITerminal
{
    /// <summary>Number of the device, for /proc/pid/stat's tty_nr.</summary>
    DeviceNumber Number { get; }

    /// <summary>Session that it controls; 0 for none.</summary>
    int SessionId { get; }

    /// <summary>Foreground process group; 0 for none.</summary>
    int ForegroundGroupId { get; }

    /// <summary>Opens it again (/dev/tty).</summary>
    Result<OpenFile> Open(OpenFlags flags, IThread thread);

    /// <summary>The session leader is gone: hang up, SIGHUP and SIGCONT to the foreground group.</summary>
    void OnSessionLeaderExit();
}

/// <summary>Sessions' side of controlling terminals, implemented by Kernel.Process.</summary>
public interface ISessionService
{
    /// <summary>Makes the terminal the controlling one of the caller's session, if the caller leads it and it has none (TIOCSCTTY, open without O_NOCTTY).</summary>
    /// <returns>EPERM.</returns>
    Errno SetControllingTerminal(IProcess process, ITerminal terminal, bool steal);

    /// <summary>TIOCNOTTY.</summary>
    Errno DropControllingTerminal(IProcess process);

    /// <summary>The session of a process group; 0 when the group does not exist.</summary>
    int SessionOfGroup(int processGroupId);
}
