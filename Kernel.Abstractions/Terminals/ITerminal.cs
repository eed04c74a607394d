// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;

namespace Kernel.Abstractions.Terminals;

/// <summary>A terminal as sessions and job control see it.</summary>
public interface ITerminal
{
    /// <summary>Number of the device, for /proc/pid/stat's tty_nr.</summary>
    DeviceNumber Number { get; }

    /// <summary>Name below /dev: <c>ttyS0</c>, <c>pts/3</c>.</summary>
    string Name { get; }

    /// <summary>Session that it controls; 0 for none.</summary>
    int SessionId { get; }

    /// <summary>Foreground process group; 0 for none.</summary>
    int ForegroundGroupId { get; }

    /// <summary>Makes it the terminal of a session, or of none (0, 0). Called by <see cref="ISessionService"/>, under its lock; does not sleep.</summary>
    void SetSession(int sessionId, int foregroundGroupId);

    /// <summary>Opens it again through another node (/dev/tty, /dev/console).</summary>
    Result<OpenFile> Open(Inode node, OpenFlags flags, IThread? thread);

    /// <summary>
    /// The session leader exits: the terminal belongs to no session any more, its open files are hung up, and SIGHUP goes to the foreground group. The caller clears the terminal of the
    /// session's processes.
    /// </summary>
    void OnSessionLeaderExit();
}

/// <summary>Sessions' side of controlling terminals, implemented by Kernel.Process.</summary>
public interface ISessionService
{
    /// <summary>
    /// Makes the terminal the controlling one of the caller's session, if the caller leads it and it has none (TIOCSCTTY, open without O_NOCTTY), and tells the terminal by
    /// <see cref="ITerminal.SetSession"/>, with the caller's group in the foreground. With <paramref name="steal"/> a session that has the terminal loses it (as by <see cref="OnTerminalLost"/>).
    /// </summary>
    /// <returns>EPERM.</returns>
    Errno SetControllingTerminal(IProcess process, ITerminal terminal, bool steal);

    /// <summary>TIOCNOTTY: the process gives its terminal up; of a leader, the whole session does, and SIGHUP and SIGCONT go to the foreground group.</summary>
    /// <returns>ENOTTY.</returns>
    Errno DropControllingTerminal(IProcess process);

    /// <summary>
    /// The session's terminal hung up or was stolen: its processes have none any more, and, for a hang-up, the leader gets SIGHUP and SIGCONT. The terminal itself already belongs to no session.
    /// Nothing happens if the session has parted from it meanwhile, and maybe has another.
    /// </summary>
    void OnTerminalLost(ITerminal terminal, int sessionId, bool isHangUp);

    /// <summary>The session of a process group; 0 when the group does not exist.</summary>
    int SessionOfGroup(int processGroupId);
}
