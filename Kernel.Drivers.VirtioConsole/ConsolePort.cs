// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Devices;
using Kernel.Abstractions.Syscalls;
using Kernel.Abstractions.Terminals;
using Ostd;
using Ostd.Devices;
using Ostd.Sync;
using Ostd.Tasks;

namespace Kernel.Drivers.VirtioConsole;

/// <summary>
/// One console. Output waits in a ring and goes to the device in one buffer at a time; the interrupt that says that the buffer was read sends the next. Input is in the other part of this class. Both queues and all
/// state are guarded by <see cref="_lock"/>; the terminal is called from deferred work alone.
/// </summary>
internal sealed partial class ConsolePort : ITerminalDriver, IVirtqueueHandler
{
    /// <summary>Bytes of memory that a port shares with its device.</summary>
    public const int MemoryLength = TransmitOffset + TransmitCapacity;

    /// <summary>Buffers for input.</summary>
    public const int ReceiveBuffers = 4;

    private const int ReceiveBufferLength = 1024;
    private const int TransmitOffset = ReceiveBuffers * ReceiveBufferLength;
    private const int TransmitCapacity = 4096;

    /// <summary>Writers are woken when this many bytes or fewer are left to send (Linux's WAKEUP_CHARS).</summary>
    private const int WakeThreshold = 256;

    // ioctl_tty(2)
    private const uint TIOCMGET = 0x5415;
    private const uint TIOCMBIS = 0x5416;
    private const uint TIOCMBIC = 0x5417;
    private const uint TIOCMSET = 0x5418;

    private readonly SpinLock _lock = new();
    private readonly IVirtioDevice _device;
    private readonly DmaCoherent _memory;
    private readonly DeferredWork _work;
    private readonly DeferredWork? _resize;
    private readonly ByteRing _transmitting = new(TransmitCapacity);
    private IVirtqueue _receiveQueue = null!;
    private IVirtqueue _transmitQueue = null!;
    private ITerminalLine? _line;

    // Guarded by _lock: bytes that the device has and has not read yet.
    private int _inFlight;
    private bool _isOutputStopped;
    private bool _hasProgress;

    public ConsolePort(IVirtioDevice device, DmaCoherent memory, string name, bool hasSize)
    {
        _device = device;
        _memory = memory;
        _work = new DeferredWork(Deliver, name);
        _resize = hasSize ? new DeferredWork(ReadSize, name + " size") : null;
    }

    /// <summary>Completes the port and gives the device its buffers, before it starts.</summary>
    public void Prepare(IVirtqueue receiving, IVirtqueue transmitting)
    {
        _receiveQueue = receiving;
        _transmitQueue = transmitting;
        _device.ConfigurationChanged = _resize;
        using var guard = _lock.AcquireIrqSafe();
        for (var buffer = 0; buffer < Math.Min(ReceiveBuffers, receiving.Size); buffer++)
        {
            OfferLocked(buffer);
        }
    }

    /// <summary>The terminal over this port. The device has started.</summary>
    public void Attach(ITerminalLine line)
    {
        _line = line;
        _resize?.Queue();
        using var guard = _lock.AcquireIrqSafe();
        _receiveQueue.Kick();
        _work.Queue();
    }

    public int WriteRoom
    {
        get
        {
            using var guard = _lock.AcquireIrqSafe();
            return _transmitting.Room;
        }
    }

    public int PendingOutput
    {
        get
        {
            using var guard = _lock.AcquireIrqSafe();
            return _transmitting.Count + _inFlight;
        }
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        using var guard = _lock.AcquireIrqSafe();
        _transmitting.Write(bytes);
        TransmitLocked();
    }

    /// <summary>What the device has already is out of reach.</summary>
    public void FlushOutput()
    {
        using var guard = _lock.AcquireIrqSafe();
        _transmitting.Clear();
    }

    public void SetOutputStopped(bool isStopped)
    {
        using var guard = _lock.AcquireIrqSafe();
        _isOutputStopped = isStopped;
        TransmitLocked();
    }

    /// <summary>There is no line with a speed.</summary>
    public void Configure(ref Termios2 modes)
    {
    }

    /// <summary>Breaks do not exist here; asking for one is no error, as in Linux for drivers without break_ctl.</summary>
    public Errno SendBreak(long durationNs) => Errno.Success;

    /// <summary>Linux's hvc driver knows the commands for modem lines and has none: EINVAL.</summary>
    public SyscallResult Ioctl(in SyscallContext context, uint command, ulong argument)
        => command is TIOCMGET or TIOCMBIS or TIOCMBIC or TIOCMSET ? Errno.EINVAL : Errno.ENOTTY;

    /// <inheritdoc/>
    public void OnUsed(IVirtqueue queue)
    {
        using var guard = _lock.AcquireIrqSafe();
        if (queue == _receiveQueue)
        {
            ReceiveLocked();
            return;
        }

        if (_transmitQueue.TryTake(out _, out _))
        {
            var before = _transmitting.Count + _inFlight;
            _inFlight = 0;
            TransmitLocked();
            var left = _transmitting.Count;
            if (before > WakeThreshold ? left <= WakeThreshold : left == 0)
            {
                _hasProgress = true;
                _work.Queue();
            }
        }
    }

    /// <summary>Nothing goes out or comes in any more: the terminal is hung up. A console's own files outlive that, and what they write is lost.</summary>
    public void OnBroken(bool isQuiet)
    {
        using (_lock.AcquireIrqSafe())
        {
            _inFlight = 0;
            _transmitting.Clear();
        }

        _line?.HangUp();
        _line?.OnOutputProgress();
    }

    [InterruptSafe]
    private void TransmitLocked()
    {
        if (_device.IsBroken)
        {
            _transmitting.Clear();
            return;
        }

        if (_inFlight > 0 || _isOutputStopped || _transmitting.Count == 0)
        {
            return;
        }

        var length = 0;
        while (_transmitting.Count > 0)
        {
            var run = _transmitting.Peek();
            _memory.Write(TransmitOffset + length, run);
            _transmitting.Skip(run.Length);
            length += run.Length;
        }

        if (_transmitQueue.TryAdd([VirtioBuffer.ToDevice(_memory, TransmitOffset, length)], 0))
        {
            _inFlight = length;
            _transmitQueue.Kick();
        }
    }

    /// <summary>Task context: the window's size, which the device may change at any time (section 5.3.4).</summary>
    private void ReadSize()
    {
        // Columns at 0, rows at 2: one read, so that they belong together.
        if (_line is { } line && _device.ReadConfiguration(0, 4).TryGet(out var size, out _))
        {
            line.Resize(new WindowSize((ushort)(size >> 16), (ushort)size, 0, 0));
        }
    }
}
