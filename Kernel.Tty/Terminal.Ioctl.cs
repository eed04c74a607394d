// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Signals;
using Kernel.Abstractions.Syscalls;
using Kernel.Abstractions.Terminals;
using static Kernel.Tty.TerminalCommands;

namespace Kernel.Tty;

/// <summary>ioctl_tty(2).</summary>
internal sealed partial class Terminal
{
    /// <summary>Length of a break where the caller gives none: a quarter of a second.</summary>
    private const long BreakNs = 250_000_000;

    /// <summary>A command on an open file of this terminal.</summary>
    public SyscallResult Ioctl(in SyscallContext context, TerminalFile file, uint command, ulong argument)
    {
        if (ChangesTerminal(command))
        {
            var error = CheckAccess(context.Thread, Signal.SIGTTOU);
            if (error != Errno.Success)
            {
                return error;
            }
        }

        switch (command)
        {
            case TIOCGPGRP:
                return ReferenceEquals(context.Process.ControllingTerminal, this) ? WriteInt(argument, ForegroundGroupId) : Errno.ENOTTY;

            case TIOCSPGRP:
                return SetForegroundGroup(in context, argument);

            case TIOCGSID:
                return ReferenceEquals(context.Process.ControllingTerminal, this) && SessionId != 0 ? WriteInt(argument, SessionId) : Errno.ENOTTY;

            case TIOCSCTTY:
                return BecomeControlling(in context, file, argument);

            case TIOCNOTTY:
                return ReferenceEquals(context.Process.ControllingTerminal, this) ? _services.Sessions.DropControllingTerminal(context.Process) : Errno.ENOTTY;

            case TIOCSTI:
                return SimulateInput(in context, argument);

            case TIOCEXCL:
                SetExclusive(true);
                return 0;

            case TIOCNXCL:
                SetExclusive(false);
                return 0;

            case TIOCGEXCL:
                return WriteInt(argument, _isExclusive ? 1 : 0);

            case TIOCGDEV:
                return WriteInt(argument, (int)Number.Encoded);

            case TIOCGETD:
                return WriteInt(argument, 0);

            case TIOCSETD:
                // N_TTY is the only discipline there is.
                return !new UserPtr<int>(argument).Read().TryGet(out var discipline, out var fault) ? fault : discipline == 0 ? 0 : Errno.EINVAL;

            case TIOCVHANGUP:
                if (!context.Thread.Credentials.HasCapability(Capability.CAP_SYS_ADMIN))
                {
                    return Errno.EPERM;
                }

                HangUp();
                return 0;

            case TCSBRK:
                return argument == 0 ? DrainAndBreak(file, BreakNs) : WaitUntilSent(file);

            case TCSBRKP:
                return DrainAndBreak(file, argument == 0 ? BreakNs : (long)(argument & int.MaxValue) * 100_000_000);

            case TCXONC:
                return ControlFlow(argument);

            case TCFLSH:
                return Flush(argument);

            case TIOCOUTQ:
                return WriteInt(argument, PendingOutput());

            case TIOCINQ:
                return WriteInt(argument, ReadableInput());

            default:
                return IoctlModes(in context, file, command, argument);
        }
    }

    public SyscallResult IoctlFromMaster(in SyscallContext context, uint command, ulong argument)
    {
        switch (command)
        {
            case TIOCGPGRP:
                return WriteInt(argument, ForegroundGroupId);

            case TIOCSPGRP:
                return SetForegroundGroup(in context, argument);

            case TIOCGSID:
                return SessionId != 0 ? WriteInt(argument, SessionId) : Errno.ENOTTY;

            default:
                return IoctlModes(in context, null, command, argument);
        }
    }

    /// <summary>The commands that a background group may not use freely (POSIX.1-2017 11.1.4).</summary>
    private static bool ChangesTerminal(uint command) => command is TIOCSPGRP or TIOCSETD or TIOCSBRK or TIOCCBRK or TCSBRK or TCSBRKP or TCXONC or TCFLSH
        or TCSETS or TCSETSW or TCSETSF or TCSETA or TCSETAW or TCSETAF or TCSETS2 or TCSETSW2 or TCSETSF2;

    private static SyscallResult WriteInt(ulong address, int value) => new UserPtr<int>(address).Write(value);

    private SyscallResult SetForegroundGroup(in SyscallContext context, ulong argument)
    {
        var process = context.Process;
        if (!ReferenceEquals(process.ControllingTerminal, this) || SessionId != process.SessionId)
        {
            return Errno.ENOTTY;
        }

        if (!new UserPtr<int>(argument).Read().TryGet(out var group, out var fault))
        {
            return fault;
        }

        if (group < 0)
        {
            return Errno.EINVAL;
        }

        var session = _services.Sessions.SessionOfGroup(group);
        if (session == 0)
        {
            return Errno.ESRCH;
        }

        if (session != process.SessionId)
        {
            return Errno.EPERM;
        }

        // The session may have lost the terminal since: a group of it must not be in the foreground of the next one.
        using var guard = _lock.Acquire();
        if (_sessionId != session)
        {
            return Errno.ENOTTY;
        }

        _foregroundGroupId = group;
        return 0;
    }

    private SyscallResult BecomeControlling(in SyscallContext context, TerminalFile file, ulong argument)
    {
        var process = context.Process;
        var isAdministrator = context.Thread.Credentials.HasCapability(Capability.CAP_SYS_ADMIN);
        if (process.IsSessionLeader && process.SessionId == SessionId)
        {
            return 0;
        }

        if (!process.IsSessionLeader || process.ControllingTerminal is not null)
        {
            return Errno.EPERM;
        }

        var steals = SessionId != 0;
        if (steals && !(argument == 1 && isAdministrator))
        {
            return Errno.EPERM;
        }

        if (!file.IsReadable && !isAdministrator)
        {
            return Errno.EPERM;
        }

        return _services.Sessions.SetControllingTerminal(process, this, steals);
    }

    private SyscallResult SimulateInput(in SyscallContext context, ulong argument)
    {
        if (!ReferenceEquals(context.Process.ControllingTerminal, this) && !context.Thread.Credentials.HasCapability(Capability.CAP_SYS_ADMIN))
        {
            return Errno.EPERM;
        }

        if (!new UserPtr<byte>(argument).Read().TryGet(out var character, out var fault))
        {
            return fault;
        }

        // A full queue drops it, as with a line that nobody reads.
        _ = Receive([character]);
        return 0;
    }

    private void SetExclusive(bool value)
    {
        using var guard = _lock.Acquire();
        _isExclusive = value;
    }

    private SyscallResult DrainAndBreak(TerminalFile file, long durationNs)
    {
        var error = WaitUntilSent(file);
        return error != Errno.Success ? error : _driver.SendBreak(durationNs);
    }

    private int PendingOutput()
    {
        using var guard = _lock.Acquire();
        return _driver.PendingOutput + _discipline.Echo.Pending.Count;
    }

    private int ReadableInput()
    {
        using var guard = _lock.Acquire();
        return _discipline.Input.CountReadable(_discipline.IsCanonical);
    }

    /// <summary>tcflow(3): TCOOFF 0, TCOON 1, TCIOFF 2, TCION 3.</summary>
    private SyscallResult ControlFlow(ulong argument)
    {
        if (argument > 3)
        {
            return Errno.EINVAL;
        }

        Discipline.DisciplineEffects effects;
        using (_lock.Acquire())
        {
            if (argument <= 1)
            {
                _discipline.SetOutputStopped(argument == 0);
            }
            else
            {
                var character = _modes.Modes[argument == 2 ? ControlCharacter.VSTOP : ControlCharacter.VSTART];
                if (character != 0)
                {
                    _discipline.Echo.PutUnprocessed(character);
                }
            }

            effects = CarryOutLocked();
        }

        Announce(in effects);
        return 0;
    }

    /// <summary>tcflush(3): TCIFLUSH 0, TCOFLUSH 1, TCIOFLUSH 2.</summary>
    private SyscallResult Flush(ulong argument)
    {
        if (argument > 2)
        {
            return Errno.EINVAL;
        }

        if (argument != 1)
        {
            FlushInput();
        }

        if (argument != 0)
        {
            using (_lock.Acquire())
            {
                _discipline.Echo.Clear();
                _driver.FlushOutput();
            }

            Queue.Notify(PollEvents.Writable);
        }

        return 0;
    }

    private void FlushInput()
    {
        bool resumes;
        using (_lock.Acquire())
        {
            _discipline.FlushInput();
            resumes = _isInputRefused;
            _isInputRefused = false;
            if (resumes)
            {
                RequestStartLocked();
            }
        }

        _driver.FlushInput();
        if (resumes)
        {
            _driver.ResumeInput();
        }
    }
}
