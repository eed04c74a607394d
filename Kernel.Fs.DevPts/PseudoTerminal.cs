// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Syscalls;
using Kernel.Abstractions.Terminals;
using Ostd.Sync;

namespace Kernel.Fs.DevPts;

/// <summary>What a master in packet mode is told in the first byte of a read (man 2 ioctl_tty, TIOCPKT).</summary>
[Flags]
internal enum PacketEvents : byte
{
    Data = 0,
    FlushRead = 1,
    FlushWrite = 2,
    Stop = 4,
    Start = 8,
    NoStop = 16,
    DoStop = 32,
}

/// <summary>
/// A pair of master and slave (man 7 pty): the driver below the slave's terminal. What the slave writes waits in a ring for the master; what the master writes goes straight into the slave's line discipline.
/// </summary>
internal sealed class PseudoTerminal(PseudoTerminals owner, int index) : ITerminalDriver
{
    private const int OutputCapacity = 8192;

    private readonly SpinLock _lock = new();

    // Guarded by _lock.
    private readonly ByteRing _output = new(OutputCapacity);
    private PacketEvents _packetEvents;
    private bool _isPacketMode;
    private bool _isLocked = true;
    private bool _isMasterClosed;
    private bool _isSlaveOpen;
    private bool _wasSlaveOpen;
    private bool _isInputBlocked;
    private bool _hasStopKeys = true;

    /// <summary>Number of the slave below /dev/pts.</summary>
    public int Index => index;

    /// <summary>The slave; set right after construction.</summary>
    public ITerminalLine Line { get; set; } = null!;

    /// <summary>The slave's node.</summary>
    public DevPtsNode Node { get; set; } = null!;

    /// <summary>Readers, writers and observers of the master.</summary>
    public PollQueue Queue { get; } = new();

    /// <summary>Closed to openers until TIOCSPTLCK says otherwise (unlockpt(3)).</summary>
    public bool IsLocked
    {
        get
        {
            using var guard = _lock.Acquire();
            return _isLocked;
        }
        set
        {
            using var guard = _lock.Acquire();
            _isLocked = value;
        }
    }

    public bool IsPacketMode
    {
        get
        {
            using var guard = _lock.Acquire();
            return _isPacketMode;
        }
        set
        {
            using var guard = _lock.Acquire();
            _isPacketMode = value;
            _packetEvents = PacketEvents.Data;
        }
    }

    public int WriteRoom
    {
        get
        {
            using var guard = _lock.Acquire();
            return _isMasterClosed ? OutputCapacity : _output.Room;
        }
    }

    public int PendingOutput
    {
        get
        {
            using var guard = _lock.Acquire();
            return _output.Count;
        }
    }

    /// <summary>What the master can do now.</summary>
    public PollEvents MasterReadiness
    {
        get
        {
            using var guard = _lock.Acquire();
            return (_output.Count > 0 ? PollEvents.Readable : PollEvents.None)
                | (_packetEvents != PacketEvents.Data ? PollEvents.Readable | PollEvents.POLLPRI : PollEvents.None)
                | (_isInputBlocked ? PollEvents.None : PollEvents.Writable)
                | (IsSlaveGoneLocked ? PollEvents.POLLHUP : PollEvents.None);
        }
    }

    /// <summary>The slave was open and is not any more: reads of the master end with EIO when all output is read.</summary>
    public bool IsSlaveGone
    {
        get
        {
            using var guard = _lock.Acquire();
            return IsSlaveGoneLocked;
        }
    }

    private bool IsSlaveGoneLocked => _wasSlaveOpen && !_isSlaveOpen;

    /// <summary>True from the moment when the slave's queue had no room for a write until somebody has read or flushed it.</summary>
    public bool IsInputBlocked
    {
        get
        {
            using var guard = _lock.Acquire();
            return _isInputBlocked;
        }
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        using (_lock.Acquire())
        {
            if (_isMasterClosed)
            {
                return;
            }

            _output.Write(bytes);
        }

        Queue.Notify(PollEvents.Readable);
    }

    public void FlushOutput()
    {
        using (_lock.Acquire())
        {
            _output.Clear();
        }

        Tell(PacketEvents.FlushWrite, PacketEvents.Data);
    }

    public void SetOutputStopped(bool isStopped)
    {
        if (isStopped)
        {
            Tell(PacketEvents.Stop, PacketEvents.Start);
        }
        else
        {
            Tell(PacketEvents.Start, PacketEvents.Stop);
        }
    }

    public void PauseInput()
    {
        using var guard = _lock.Acquire();
        _isInputBlocked = true;
    }

    public void ResumeInput()
    {
        using (_lock.Acquire())
        {
            _isInputBlocked = false;
        }

        Queue.Notify(PollEvents.Writable);
    }

    public void FlushInput() => Tell(PacketEvents.FlushRead, PacketEvents.Data);

    public void Configure(ref Termios2 modes)
    {
        // The master may act on ^S and ^Q itself while the slave would (man 2 ioctl_tty, TIOCPKT_DOSTOP).
        var hasStopKeys = modes.Modes.Has(InputModes.IXON) && modes.Modes[ControlCharacter.VSTOP] == 0x13 && modes.Modes[ControlCharacter.VSTART] == 0x11;
        bool changed;
        using (_lock.Acquire())
        {
            changed = hasStopKeys != _hasStopKeys;
            _hasStopKeys = hasStopKeys;
        }

        if (changed)
        {
            Tell(hasStopKeys ? PacketEvents.DoStop : PacketEvents.NoStop, hasStopKeys ? PacketEvents.NoStop : PacketEvents.DoStop);
        }
    }

    public Errno OnOpen(bool isFirst)
    {
        using var guard = _lock.Acquire();
        if (_isLocked || _isMasterClosed)
        {
            return Errno.EIO;
        }

        _isSlaveOpen = _wasSlaveOpen = true;
        return Errno.Success;
    }

    public void OnLastClose()
    {
        bool isGone;
        using (_lock.Acquire())
        {
            _isSlaveOpen = false;
            isGone = _isMasterClosed;
        }

        if (isGone)
        {
            owner.Free(this);
        }
        else
        {
            Queue.Notify(PollEvents.POLLHUP | PollEvents.Readable);
        }
    }

    /// <summary>A pseudo-terminal has no line to break.</summary>
    public Errno SendBreak(long durationNs) => Errno.Success;

    public SyscallResult Ioctl(in SyscallContext context, uint command, ulong argument) => Errno.ENOTTY;

    /// <summary>Takes output for the master; in packet mode only data, never events.</summary>
    public int TakeOutput(Span<byte> destination)
    {
        int count;
        using (_lock.Acquire())
        {
            count = _output.Read(destination);
        }

        if (count > 0)
        {
            Line.OnOutputProgress();
        }

        return count;
    }

    /// <summary>Takes what happened since the last time.</summary>
    public PacketEvents TakePacketEvents()
    {
        using var guard = _lock.Acquire();
        var events = _packetEvents;
        _packetEvents = PacketEvents.Data;
        return events;
    }

    /// <summary>Gives the slave what the master wrote.</summary>
    /// <returns>Bytes taken; less than all while the slave's queue is full.</returns>
    public int PutInput(ReadOnlySpan<byte> bytes) => Line.Receive(bytes);

    /// <summary>The master is closed: the slave hangs up, and its node goes.</summary>
    public void OnMasterClosed()
    {
        bool isSlaveOpen;
        using (_lock.Acquire())
        {
            _isMasterClosed = true;
            _output.Clear();
            isSlaveOpen = _isSlaveOpen;
        }

        owner.RemoveNode(this);
        Line.HangUp();
        if (!isSlaveOpen)
        {
            owner.Free(this);
        }
    }

    private void Tell(PacketEvents happened, PacketEvents cancelled)
    {
        using (_lock.Acquire())
        {
            if (!_isPacketMode)
            {
                return;
            }

            _packetEvents = _packetEvents & ~cancelled | happened;
        }

        Queue.Notify(PollEvents.POLLPRI | PollEvents.Readable);
    }
}
