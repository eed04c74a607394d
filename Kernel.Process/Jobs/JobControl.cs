// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Signals;
using Kernel.Abstractions.Terminals;
using Kernel.Process.Signals;
using Kernel.Process.Tree;
using Ostd.Memory;

namespace Kernel.Process.Jobs;

/// <summary>Process groups, sessions and their controlling terminals (man 2 setpgid, man 2 setsid, man 4 tty_ioctl).</summary>
[Component]
public sealed class JobControl(ProcessTable table, SignalService signals) : IJobControl, ISessionService
{
    public Errno SetProcessGroup(IThread caller, int pid, int processGroupId)
    {
        var own = ((UserThread)caller).UserProcess;
        if (pid == 0)
            pid = own.Pid;
        if (processGroupId == 0)
            processGroupId = pid;
        if (processGroupId < 0)
            return Errno.EINVAL;
        if (!HeapReserve.HasRoom)
            return Errno.ENOMEM;

        // A process is never between two groups: there is room.
        using var reserve = HeapReserve.Enter();
        using var guard = table.Lock.Acquire();
        if (table.FindProcess(pid) is not { } process)
            return Errno.ESRCH;
        if (ReferenceEquals(process.ParentProcess, own))
        {
            if (!ReferenceEquals(process.Group!.Session, own.Group!.Session))
                return Errno.EPERM;
            if (process.HasExecuted)
                return Errno.EACCES;
        }
        else if (!ReferenceEquals(process, own))
        {
            return Errno.ESRCH;
        }

        if (process.IsSessionLeader)
            return Errno.EPERM;
        var session = process.Group!.Session;
        var group = table.FindGroupLocked(processGroupId);
        if (group is null)
        {
            if (processGroupId != pid)
                return Errno.EPERM;
            group = table.AddGroupLocked(pid, session);
        }
        else if (!ReferenceEquals(group.Session, session))
        {
            return Errno.EPERM;
        }

        if (!ReferenceEquals(group, process.Group))
            table.JoinGroupLocked(process, group);
        return Errno.Success;
    }

    public Result<int> CreateSession(IThread caller)
    {
        if (!HeapReserve.HasRoom)
            return Errno.ENOMEM;
        using var reserve = HeapReserve.Enter();
        var process = ((UserThread)caller).UserProcess;
        using var guard = table.Lock.Acquire();
        if (table.FindGroupLocked(process.Pid) is not null || process.IsSessionLeader)
            return Errno.EPERM;
        var group = table.AddSessionLocked(process.Pid);
        group.Session.Leader = process;
        table.JoinGroupLocked(process, group);
        return process.Pid;
    }

    public Errno SetControllingTerminal(IProcess process, ITerminal terminal, bool steal)
    {
        var target = (UserProcess)process;
        using var guard = table.Lock.Acquire();
        var session = target.Group!.Session;
        if (!target.IsSessionLeader)
            return Errno.EPERM;
        if (ReferenceEquals(session.ControllingTerminal, terminal))
            return Errno.Success;
        if (session.ControllingTerminal is not null)
            return Errno.EPERM;
        if (terminal.SessionId != 0 && table.FindSessionLocked(terminal.SessionId) is { } other && ReferenceEquals(other.ControllingTerminal, terminal))
        {
            if (!steal)
                return Errno.EPERM;
            other.ControllingTerminal = null;
        }

        session.ControllingTerminal = terminal;
        target.HasGivenUpTerminal = false;
        terminal.SetSession(session.Id, target.ProcessGroupId);
        return Errno.Success;
    }

    public Errno DropControllingTerminal(IProcess process)
    {
        var target = (UserProcess)process;
        using var guard = table.Lock.Acquire();
        if (target.ControllingTerminal is not { } terminal)
            return Errno.ENOTTY;
        if (!target.IsSessionLeader)
        {
            target.HasGivenUpTerminal = true;
            return Errno.Success;
        }

        var foreground = terminal.ForegroundGroupId;
        target.Group!.Session.ControllingTerminal = null;
        terminal.SetSession(0, 0);
        if (foreground > 0 && table.FindGroupLocked(foreground) is { } group)
        {
            signals.SendToGroupLocked(group, SignalInfo.FromKernel(Signal.SIGHUP));
            signals.SendToGroupLocked(group, SignalInfo.FromKernel(Signal.SIGCONT));
        }

        return Errno.Success;
    }

    public void OnTerminalLost(ITerminal terminal, int sessionId, bool isHangUp)
    {
        using var guard = table.Lock.Acquire();
        if (table.FindSessionLocked(sessionId) is not { } session || !ReferenceEquals(session.ControllingTerminal, terminal))
            return;
        session.ControllingTerminal = null;
        if (isHangUp && session.Leader is { } leader)
        {
            signals.SendLocked(leader, null, SignalInfo.FromKernel(Signal.SIGHUP));
            signals.SendLocked(leader, null, SignalInfo.FromKernel(Signal.SIGCONT));
        }
    }

    public int SessionOfGroup(int processGroupId)
    {
        using var guard = table.Lock.Acquire();
        return processGroupId > 0 ? table.FindGroupLocked(processGroupId)?.Session.Id ?? 0 : 0;
    }
}
