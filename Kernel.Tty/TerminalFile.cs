// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Signals;
using Kernel.Abstractions.Syscalls;
using Kernel.Abstractions.Terminals;
using Ostd.Memory;
using Ostd.Sync;
using Ostd.Time;

namespace Kernel.Tty;

/// <summary>An open terminal: the reads and writes of termios(3) and their waits.</summary>
/// <param name="hangUpCount">The terminal's <see cref="Terminal.HangUpCount"/> when the opening began.</param>
internal sealed class TerminalFile(Terminal terminal, Inode inode, OpenFlags flags, bool isConsole, int hangUpCount) : OpenFile(inode, flags)
{
    /// <summary>VTIME counts tenths of a second.</summary>
    private const long TimeUnitNs = 100_000_000;

    /// <summary>The terminal.</summary>
    public Terminal Terminal => terminal;

    /// <summary>Opened through /dev/console.</summary>
    public bool IsConsole => isConsole;

    /// <summary>The terminal was hung up since this file was opened: reads give an end of file, writes and most else EIO. Files of /dev/console live on.</summary>
    public bool IsHungUp => !isConsole && terminal.HangUpCount != hangUpCount;

    public override Result<int> Read(ref VmWriter destination)
    {
        if (IsHungUp)
        {
            return 0;
        }

        if (!isConsole)
        {
            var error = terminal.CheckAccess(CurrentThread.OrNull, Signal.SIGTTIN);
            if (error != Errno.Success)
            {
                return error;
            }
        }

        return destination.Remaining == 0 ? 0 : ReadLoop(ref destination);
    }

    private Result<int> ReadLoop(ref VmWriter destination)
    {
        var modes = terminal.Modes.Modes;
        var isCanonical = modes.Has(LocalModes.ICANON);
        int minimum = isCanonical ? 1 : modes[ControlCharacter.VMIN];
        var timeNs = isCanonical ? 0 : modes[ControlCharacter.VTIME] * TimeUnitNs;

        // MIN > 0, TIME > 0: the time counts between bytes, from the first on. MIN = 0: it counts from here (man 3 termios).
        var deadlineNs = minimum > 0 ? WaitQueue.Forever : Clock.MonotonicNs + timeNs;
        minimum = Math.Max(minimum, 1);

        var total = 0;
        while (true)
        {
            if (!terminal.HasInput(1))
            {
                if (IsHungUp)
                {
                    return total;
                }

                if (deadlineNs != WaitQueue.Forever && Clock.MonotonicNs >= deadlineNs)
                {
                    return total;
                }

                if (IsNonBlocking)
                {
                    return total > 0 ? total : Errno.EAGAIN;
                }

                var wait = terminal.Queue.Wait(this, static file => file.Terminal.HasInput(1) || file.IsHungUp, deadlineNs);
                if (wait == WaitResult.Interrupted)
                {
                    return total > 0 ? total : Errno.RestartIfHandlerAllows;
                }

                continue;
            }

            var error = terminal.CopyInput(ref destination, out var count, out var endsRead);
            total += count;
            if (error != Errno.Success)
            {
                return total > 0 ? total : error;
            }

            if (endsRead || destination.Remaining == 0 || (!isCanonical && total >= minimum))
            {
                return total;
            }

            if (count > 0 && timeNs > 0)
            {
                deadlineNs = Clock.MonotonicNs + timeNs;
            }
        }
    }

    public override Result<int> Write(ref VmReader source)
    {
        if (IsHungUp)
        {
            return Errno.EIO;
        }

        if (!isConsole && terminal.Modes.Modes.Has(LocalModes.TOSTOP))
        {
            var error = terminal.CheckAccess(CurrentThread.OrNull, Signal.SIGTTOU);
            if (error != Errno.Success)
            {
                return error;
            }
        }

        return terminal.CopyOutput(ref source, this);
    }

    public override PollEvents Poll(IPollObserver? observer)
    {
        if (observer is not null)
        {
            terminal.Queue.Register(observer);
        }

        if (IsHungUp)
        {
            return PollEvents.Readable | PollEvents.Writable | PollEvents.POLLERR | PollEvents.POLLHUP;
        }

        var modes = terminal.Modes.Modes;
        var minimum = modes[ControlCharacter.VTIME] == 0 ? Math.Max((int)modes[ControlCharacter.VMIN], 1) : 1;
        return (terminal.HasInput(minimum) ? PollEvents.Readable : PollEvents.None)
            | (terminal.HasOutputRoom() ? PollEvents.Writable : PollEvents.None);
    }

    public override void StopPolling(IPollObserver observer) => terminal.Queue.Unregister(observer);

    public override SyscallResult Ioctl(in SyscallContext context, uint command, ulong argument)
    {
        if (IsHungUp)
        {
            return command == TerminalCommands.TIOCSPGRP ? Errno.ENOTTY : Errno.EIO;
        }

        return terminal.Ioctl(in context, this, command, argument);
    }

    protected override void OnClose() => terminal.CloseFile();
}
