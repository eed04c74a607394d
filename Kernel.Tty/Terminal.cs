// SPDX-License-Identifier: MPL-2.0
using System;
using System.Threading;
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Signals;
using Kernel.Abstractions.Syscalls;
using Kernel.Abstractions.Terminals;
using Kernel.Tty.Discipline;
using Ostd.Sync;
using Mutex = Ostd.Sync.Mutex;
using SpinLock = Ostd.Sync.SpinLock;

namespace Kernel.Tty;

/// <summary>
/// A terminal: a line discipline between a driver and the files that programs open. <see cref="_lock"/> guards the discipline and all calls into the driver that say so; it is never held across a wake, a signal, or a
/// copy from or to user memory.
/// </summary>
internal sealed partial class Terminal : ITerminalLine
{
    private readonly SpinLock _lock = new();
    private readonly LineDiscipline _discipline;
    private readonly ITerminalDriver _driver;
    private readonly TerminalServices _services;
    private readonly bool _isPseudo;

    /// <summary>Held across an open or a close as a whole: the driver hears of a first open and of a last close in the order in which they happen. Comes before <see cref="_lock"/>.</summary>
    private readonly Mutex _openMutex = new();

    // Guarded by _lock.
    private readonly byte[] _processed = new byte[512];
    private Termios2 _modes;
    private WindowSize _windowSize;
    private bool _isInputRefused;
    private bool _hasSentStop;
    private bool _isExclusive;
    private int _openCount;

    // Written under _lock, read without.
    private int _sessionId;
    private int _foregroundGroupId;
    private int _hangUpCount;

    public Terminal(string name, DeviceNumber number, ITerminalDriver driver, TerminalServices services, ControlModes control, bool isPseudo)
    {
        Name = name;
        Number = number;
        _driver = driver;
        _services = services;
        _isPseudo = isPseudo;
        _modes.Modes = Termios.CreateDefault();
        _modes.Modes.Control = control;
        _modes.InputSpeed = _modes.OutputSpeed = BaudRates.Decode(control) ?? 38400;
        _discipline = new LineDiscipline(in _modes.Modes);
    }

    public string Name { get; }

    public DeviceNumber Number { get; }

    public int SessionId => Volatile.Read(ref _sessionId);

    public int ForegroundGroupId => Volatile.Read(ref _foregroundGroupId);

    /// <summary>Readers, writers, and the observers of both.</summary>
    public PollQueue Queue { get; } = new();

    /// <summary>How often it was hung up: a file opened before the last time is dead.</summary>
    public int HangUpCount => Volatile.Read(ref _hangUpCount);

    public Termios2 Modes
    {
        get
        {
            using var guard = _lock.Acquire();
            return _modes;
        }
    }

    /// <summary>The window size, as the kernel command line or the emulator gave it.</summary>
    public WindowSize WindowSize
    {
        get
        {
            using var guard = _lock.Acquire();
            return _windowSize;
        }
        set
        {
            using var guard = _lock.Acquire();
            _windowSize = value;
        }
    }

    public void SetSession(int sessionId, int foregroundGroupId)
    {
        using var guard = _lock.Acquire();
        _sessionId = sessionId;
        _foregroundGroupId = foregroundGroupId;
    }

    /// <summary>Opens it by its own node.</summary>
    public Result<OpenFile> Open(Inode node, DeviceNumber number, OpenFlags flags, IThread? thread)
    {
        var file = Open(node, flags, thread);
        if (file.IsOk && thread is not null && (flags & OpenFlags.O_NOCTTY) == 0)
        {
            BecomeControlling(thread, file.Value);
        }

        return file;
    }

    public Result<OpenFile> Open(Inode node, OpenFlags flags, IThread? thread) => OpenAs(node, flags, thread, isConsole: false);

    /// <summary>Opens it for /dev/console: such a file knows no job control and survives hang-ups (man 4 console; Linux's <c>redirected_tty_write</c>).</summary>
    public Result<OpenFile> OpenAs(Inode node, OpenFlags flags, IThread? thread, bool isConsole)
    {
        using var turn = _openMutex.Acquire();
        bool isFirst;
        int hangUpCount;
        using (_lock.Acquire())
        {
            if (_isExclusive && thread is not null && !thread.Credentials.HasCapability(Capability.CAP_SYS_ADMIN))
            {
                return Errno.EBUSY;
            }

            isFirst = _openCount == 0;

            // Read before the driver is asked: a master that closes after the driver's yes hangs this file up, too.
            hangUpCount = _hangUpCount;
        }

        var error = _driver.OnOpen(isFirst);
        if (error != Errno.Success)
        {
            return error;
        }

        using (_lock.Acquire())
        {
            _openCount++;
        }

        return new TerminalFile(this, node, flags, isConsole, hangUpCount);
    }

    /// <summary>A file is gone.</summary>
    public void CloseFile()
    {
        using var turn = _openMutex.Acquire();
        bool isLast;
        using (_lock.Acquire())
        {
            isLast = --_openCount == 0;
            if (isLast)
            {
                _isExclusive = false;
            }
        }

        if (isLast)
        {
            _driver.OnLastClose();
        }
    }

    /// <summary>Files open now.</summary>
    public int OpenCount => Volatile.Read(ref _openCount);

    /// <summary>A session leader without a terminal that opens a free one for reading gets it (POSIX.1-2017 11.1.3 leaves it to the system; Linux does so).</summary>
    private void BecomeControlling(IThread thread, OpenFile file)
    {
        var process = thread.Process;
        if (process.IsSessionLeader && process.ControllingTerminal is null && SessionId == 0 && file.IsReadable)
        {
            // A race with another leader is decided by the session service; losing it is no error of open.
            _ = _services.Sessions.SetControllingTerminal(process, this, steal: false);
        }
    }

    public int Receive(ReadOnlySpan<byte> bytes)
    {
        var total = 0;
        while (total < bytes.Length)
        {
            DisciplineEffects effects;
            int taken;
            using (_lock.Acquire())
            {
                taken = _discipline.Receive(bytes[total..]);
                effects = CarryOutLocked();
                total += taken;
                if (taken == 0)
                {
                    _isInputRefused = true;
                    _driver.PauseInput();
                    RequestStopLocked();
                }
            }

            Announce(in effects);
            if (taken == 0)
            {
                break;
            }
        }

        return total;
    }

    public void ReceiveErroneous(byte character, ReceiveError error)
    {
        DisciplineEffects effects;
        using (_lock.Acquire())
        {
            _discipline.ReceiveErroneous(character, error);
            effects = CarryOutLocked();
        }

        Announce(in effects);
    }

    public void OnOutputProgress()
    {
        using (_lock.Acquire())
        {
            DrainEchoLocked();
        }

        Queue.Notify(PollEvents.Writable);
    }

    /// <summary>Reads what is there, without waiting.</summary>
    /// <param name="endOfLine">A line's end was reached, possibly by an end-of-file mark: then nothing more is to be read in this call.</param>
    public int TakeInput(Span<byte> destination, out bool endOfLine)
    {
        int count;
        bool resumes;
        using (_lock.Acquire())
        {
            count = _discipline.Read(destination, out endOfLine);
            resumes = _isInputRefused && (count > 0 || endOfLine);
            if (resumes)
            {
                _isInputRefused = false;
                RequestStartLocked();
            }
        }

        if (resumes)
        {
            _driver.ResumeInput();
        }

        return count;
    }

    /// <summary>True when a read would give at least <paramref name="minimum"/> bytes, or a line.</summary>
    public bool HasInput(int minimum)
    {
        using var guard = _lock.Acquire();
        return _discipline.IsInputAvailable(minimum);
    }

    /// <summary>Processes output and gives the driver as much as it takes now.</summary>
    /// <returns>Bytes of the source that are done with.</returns>
    public int PutOutput(ReadOnlySpan<byte> source)
    {
        var processed = _processed.AsSpan();
        var total = 0;
        using var guard = _lock.Acquire();
        DrainEchoLocked();
        while (total < source.Length && !_discipline.IsOutputStopped && _discipline.Echo.Pending.Count == 0)
        {
            var room = Math.Min(_driver.WriteRoom, processed.Length);
            var count = _discipline.Output.Process(source[total..], processed[..room], out var consumed);
            if (count > 0)
            {
                _driver.Write(processed[..count]);
            }

            if (consumed == 0)
            {
                break;
            }

            total += consumed;
        }

        return total;
    }

    /// <summary>True when output would go somewhere: a tab may need eight bytes.</summary>
    public bool HasOutputRoom()
    {
        using var guard = _lock.Acquire();
        return !_discipline.IsOutputStopped && _driver.WriteRoom >= OutputProcessor.MaxExpansion;
    }

    /// <summary>True when all output is sent.</summary>
    public bool IsOutputDrained()
    {
        using var guard = _lock.Acquire();
        return _driver.PendingOutput == 0 && _discipline.Echo.Pending.Count == 0;
    }

    /// <summary>Carries out what stays under the lock: flush, flow, echo.</summary>
    private DisciplineEffects CarryOutLocked()
    {
        var effects = _discipline.TakeEffects();
        if (effects.FlushOutput)
        {
            _driver.FlushOutput();
        }

        if (effects.OutputFlowChanged)
        {
            _driver.SetOutputStopped(_discipline.IsOutputStopped);
        }

        DrainEchoLocked();
        return effects;
    }

    /// <summary>Carries out what must not be done under the lock: wakes and signals.</summary>
    private void Announce(in DisciplineEffects effects)
    {
        if (effects.InputArrived)
        {
            Queue.Notify(PollEvents.Readable);
        }

        if (effects.OutputFlowChanged || effects.FlushOutput)
        {
            Queue.Notify(PollEvents.Writable);
        }

        if (effects.Signal != Signal.None)
        {
            SignalForeground(effects.Signal);
        }
    }

    public void SignalForeground(Signal signal)
    {
        var group = ForegroundGroupId;
        if (group != 0)
        {
            _services.Signals.SendToGroup(group, SignalInfo.FromKernel(signal));
        }
    }

    private void DrainEchoLocked()
    {
        var pending = _discipline.Echo.Pending;
        while (pending.Count > 0 && !_discipline.IsOutputStopped)
        {
            var run = pending.Peek();
            var count = Math.Min(run.Length, _driver.WriteRoom);
            if (count == 0)
            {
                break;
            }

            _driver.Write(run[..count]);
            pending.Skip(count);
        }
    }

    /// <summary>IXOFF: asks the other side to pause while the queue is full.</summary>
    private void RequestStopLocked()
    {
        if (!_hasSentStop && _modes.Modes.Has(InputModes.IXOFF) && _modes.Modes[ControlCharacter.VSTOP] != 0)
        {
            _hasSentStop = true;
            _discipline.Echo.PutUnprocessed(_modes.Modes[ControlCharacter.VSTOP]);
            DrainEchoLocked();
        }
    }

    private void RequestStartLocked()
    {
        if (_hasSentStop)
        {
            _hasSentStop = false;
            _discipline.Echo.PutUnprocessed(_modes.Modes[ControlCharacter.VSTART]);
            DrainEchoLocked();
        }
    }
}
