// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Syscalls;

namespace Kernel.Abstractions.Terminals;

/// <summary>
/// What carries a terminal's bytes: a serial port, or the master side of a pseudo-terminal. The members that say so are called under the terminal's spinning lock: they do not sleep, allocate, or call back into
/// <see cref="ITerminalLine"/>.
/// </summary>
public interface ITerminalDriver
{
    /// <summary>Bytes that <see cref="Write"/> takes now. Under the terminal's lock.</summary>
    int WriteRoom { get; }

    /// <summary>Queues bytes for output; the caller has checked <see cref="WriteRoom"/>. Under the terminal's lock.</summary>
    void Write(ReadOnlySpan<byte> bytes);

    /// <summary>Bytes queued and not yet sent.</summary>
    int PendingOutput { get; }

    /// <summary>Forgets what is queued for output. Under the terminal's lock.</summary>
    void FlushOutput();

    /// <summary>Stops or restarts sending (XOFF, XON, tcflow). Under the terminal's lock.</summary>
    void SetOutputStopped(bool isStopped);

    /// <summary>The terminal has no room for input: <see cref="ITerminalLine.Receive"/> is about to take less than all. Under the terminal's lock.</summary>
    void PauseInput()
    {
    }

    /// <summary>The terminal takes input again after <see cref="ITerminalLine.Receive"/> took less than all. Task context.</summary>
    void ResumeInput();

    /// <summary>A program threw the input away (tcflush): so does the driver with what it still holds. Task context.</summary>
    void FlushInput();

    /// <summary>The modes changed: speed, character size, flow control. Task context; may adjust what it cannot do.</summary>
    void Configure(ref Termios2 modes);

    /// <summary>Another file is opened. EIO while a pseudo-terminal is locked or its master is gone.</summary>
    Errno OnOpen(bool isFirst);

    /// <summary>The last file is closed.</summary>
    void OnLastClose();

    /// <summary>Sends a break for so long (tcsendbreak); returns when it is over.</summary>
    Errno SendBreak(long durationNs);

    /// <summary>Commands of the device itself (TIOCMGET, TIOCGSERIAL, ...); ENOTTY for what it does not know.</summary>
    SyscallResult Ioctl(in SyscallContext context, uint command, ulong argument);
}

/// <summary>Kinds of errors in reception.</summary>
public enum ReceiveError
{
    Break,
    Parity,
    Framing,
    Overrun,
}

/// <summary>A terminal as its driver sees it. All members are for task context: drivers come from <see cref="Ostd.Tasks.DeferredWork"/>.</summary>
public interface ITerminalLine : ITerminal, ICharacterDevice
{
    /// <summary>Bytes came in: they are edited, echoed, turned into signals, and given to readers.</summary>
    /// <returns>Bytes taken: less than all while the readers do not keep up; <see cref="ITerminalDriver.ResumeInput"/> follows.</returns>
    int Receive(ReadOnlySpan<byte> bytes);

    /// <summary>A character that came in broken, or a break.</summary>
    void ReceiveErroneous(byte character, ReceiveError error);

    /// <summary>There is room for output again, or all of it is sent.</summary>
    void OnOutputProgress();

    /// <summary>The other side is gone (carrier lost, master closed): open files are hung up, SIGHUP goes to the session's leader and SIGCONT too.</summary>
    void HangUp();

    /// <summary>The window on the other side has another size: SIGWINCH goes to the foreground group if that is news.</summary>
    void Resize(WindowSize size);

    /// <summary>The modes now.</summary>
    Termios2 Modes { get; }

    /// <summary>An ioctl that came through the master of a pseudo-terminal and concerns the terminal: modes, window size, foreground group.</summary>
    SyscallResult IoctlFromMaster(in SyscallContext context, uint command, ulong argument);

    /// <summary>Sends a signal to the foreground group (TIOCSIG of the master).</summary>
    void SignalForeground(Signals.Signal signal);
}

/// <summary>Makes terminals, implemented by Kernel.Tty.</summary>
public interface ITerminalFactory
{
    /// <summary>A terminal with a device of its own, which <c>console=</c> may name.</summary>
    /// <param name="name">Name below /dev: <c>ttyS0</c>.</param>
    /// <param name="control">Control modes at the start.</param>
    ITerminalLine Create(string name, DeviceNumber number, ITerminalDriver driver, ControlModes control);

    /// <summary>The slave of a pseudo-terminal: an end of its session leader hangs nothing up but sends SIGHUP.</summary>
    ITerminalLine CreatePseudoTerminal(string name, DeviceNumber number, ITerminalDriver driver);

    /// <summary>The terminal that <c>console=</c> names; null when there is none.</summary>
    ITerminalLine? Console { get; }
}
