// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Terminals;
using Ostd;
using Ostd.Devices;
using Ostd.Sync;
using Ostd.Tasks;
using static Kernel.Drivers.Serial.UartRegisters;

namespace Kernel.Drivers.Serial;

/// <summary>
/// One 16550 UART. The interrupt handler moves bytes between the FIFOs and the rings under <see cref="_lock"/>; deferred work takes them to the terminal. When the receive ring is full the receive
/// interrupt is masked and the bytes stay in the FIFO, where hardware flow control (or QEMU) holds the sender back.
/// </summary>
internal sealed partial class SerialPort : ITerminalDriver
{
    /// <summary>Writers are woken when this many bytes or fewer are left to send (Linux's WAKEUP_CHARS).</summary>
    private const int WakeThreshold = 256;

    /// <summary>FIFO loads sent in one go while the UART swallows them at once, so that interrupts are not off for long.</summary>
    private const int MaxBursts = 16;

    /// <summary>Rounds of one interrupt; a UART that never calms down must not hold the CPU.</summary>
    private const int MaxRounds = 64;

    private const int TransmitCapacity = 4096;

    private readonly SpinLock _lock = new();
    private readonly UartAccess _ports;
    private readonly bool _hasFifo;
    private readonly DeferredWork _work;
    private readonly byte[] _staging = new byte[256];

    // Guarded by _lock.
    private readonly ReceiveRing _received = new();
    private readonly ByteRing _transmitting = new(TransmitCapacity);
    private byte _interruptEnable;
    private byte _modemControl;
    private bool _isOpen;
    private bool _isReceptionPaused;
    private bool _isOutputStopped;
    private bool _hasProgress;
    private uint _flushCount;

    private ITerminalLine? _line;

    public SerialPort(UartAccess ports, string name)
    {
        _ports = ports;
        _work = new DeferredWork(DeliverReceived, name);

        WriteRegister(InterruptEnable, 0);
        WriteRegister(FifoControl, FifoSetup);
        _hasFifo = (ReadRegister(InterruptIdentification) & FifosWork) == FifosWork;
        _modemControl = ModemReady | ModemRequestToSend | ModemOut2;
        WriteRegister(ModemControl, _modemControl);
    }

    /// <summary>The terminal over this port; set once, before interrupts.</summary>
    public void Attach(ITerminalLine line)
    {
        _line = line;
        var modes = line.Modes;
        Configure(ref modes);
    }

    /// <summary>Looks for a UART behind the ports: the scratch register holds what is written, and the upper bits of the interrupt register are zero.</summary>
    public static bool IsPresent(UartAccess ports)
    {
        var saved = ports.ReadByte(Scratch);
        foreach (byte pattern in (ReadOnlySpan<byte>)[0x5a, 0xa5])
        {
            ports.WriteByte(Scratch, pattern);
            if (ports.ReadByte(Scratch) != pattern)
            {
                return false;
            }
        }

        ports.WriteByte(Scratch, saved);
        return (ports.ReadByte(InterruptEnable) & 0xf0) == 0;
    }

    /// <summary>Interrupt context: serves the UART until it has nothing more to say, which an edge-triggered line needs.</summary>
    [InterruptSafe]
    public void HandleInterrupt()
    {
        using var guard = _lock.AcquireIrqSafe();
        for (var round = 0; round < MaxRounds; round++)
        {
            if ((ReadRegister(InterruptIdentification) & NoInterruptPending) != 0)
            {
                break;
            }

            var status = ReadRegister(LineStatus);
            if ((_interruptEnable & EnableReceive) != 0 && (status & (StatusDataReady | StatusErrors)) != 0)
            {
                ReceiveLocked(status);
            }

            if ((status & StatusTransmitReady) != 0)
            {
                TransmitLocked();
            }

            // Reading it ends a modem status interrupt.
            _ = ReadRegister(ModemStatus);
        }
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
            return _transmitting.Count;
        }
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        using var guard = _lock.AcquireIrqSafe();
        _transmitting.Write(bytes);
        TransmitLocked();
    }

    public void FlushOutput()
    {
        using var guard = _lock.AcquireIrqSafe();
        _transmitting.Clear();
        WriteRegister(FifoControl, FifoClearTransmit);
        SetInterrupt(EnableTransmit, false);
    }

    public void SetOutputStopped(bool isStopped)
    {
        using var guard = _lock.AcquireIrqSafe();
        _isOutputStopped = isStopped;
        TransmitLocked();
    }

    public void ResumeInput() => _work.Queue();

    public void FlushInput()
    {
        using var guard = _lock.AcquireIrqSafe();
        _received.Clear();
        _flushCount++;
        ResumeReceptionLocked();
    }

    public Errno OnOpen(bool isFirst)
    {
        if (isFirst)
        {
            using var guard = _lock.AcquireIrqSafe();
            _isOpen = true;
            SetInterrupt(EnableReceive | EnableLineStatus, true);
        }

        return Errno.Success;
    }

    /// <summary>What comes in while nobody listens stays in the FIFO, so that what was typed ahead is not lost.</summary>
    public void OnLastClose()
    {
        using var guard = _lock.AcquireIrqSafe();
        _isOpen = false;
        SetInterrupt(EnableReceive | EnableLineStatus, false);
    }

    [InterruptSafe]
    private byte ReadRegister(int register) => _ports.ReadByte(register);

    [InterruptSafe]
    private void WriteRegister(int register, byte value) => _ports.WriteByte(register, value);

    [InterruptSafe]
    private void SetInterrupt(byte bits, bool isOn)
    {
        var value = (byte)(isOn ? _interruptEnable | bits : _interruptEnable & ~bits);
        if (value != _interruptEnable)
        {
            _interruptEnable = value;
            WriteRegister(InterruptEnable, value);
        }
    }

    [InterruptSafe]
    private void ReceiveLocked(byte status)
    {
        while ((status & (StatusDataReady | StatusErrors)) != 0)
        {
            if (_received.Room == 0)
            {
                _isReceptionPaused = true;
                SetInterrupt(EnableReceive | EnableLineStatus, false);
                break;
            }

            ReceiveError? error = (status & StatusErrors) == 0 ? null
                : (status & StatusBreak) != 0 ? ReceiveError.Break
                : (status & StatusParity) != 0 ? ReceiveError.Parity
                : (status & StatusFraming) != 0 ? ReceiveError.Framing
                : ReceiveError.Overrun;
            _received.Add(ReadRegister(Data), error == ReceiveError.Overrun ? null : error);
            status = ReadRegister(LineStatus);
        }

        _work.Queue();
    }

    /// <summary>Sends FIFO loads for as long as the UART takes them at once; the transmit interrupt goes on from there.</summary>
    [InterruptSafe]
    private void TransmitLocked()
    {
        var before = _transmitting.Count;
        var isWaiting = false;
        for (var burst = 0; _transmitting.Count > 0 && !_isOutputStopped; burst++)
        {
            // The kernel's log may go to the same UART: between the look at the status and the last byte the FIFO is this driver's.
            using var console = ConsoleGuard.Acquire();
            if (burst == MaxBursts || (ReadRegister(LineStatus) & StatusTransmitReady) == 0)
            {
                isWaiting = true;
                break;
            }

            for (var room = _hasFifo ? FifoBytes : 1; room > 0 && _transmitting.Count > 0; room--)
            {
                WriteRegister(Data, _transmitting.Take());
            }
        }

        SetInterrupt(EnableTransmit, isWaiting);
        if (before > WakeThreshold ? _transmitting.Count <= WakeThreshold : before > 0 && _transmitting.Count == 0)
        {
            _hasProgress = true;
            _work.Queue();
        }
    }

    private void ResumeReceptionLocked()
    {
        if (_isReceptionPaused && _received.Room >= ReceiveRing.Capacity / 2)
        {
            _isReceptionPaused = false;
            SetInterrupt(EnableReceive | EnableLineStatus, _isOpen);
        }
    }

    /// <summary>Task context: gives what came in to the terminal, and tells it of room for output.</summary>
    private void DeliverReceived()
    {
        if (_line is not { } line)
        {
            return;
        }

        bool hasProgress;
        while (true)
        {
            int count;
            uint flushCount;
            bool hasError;
            byte erroneous;
            ReceiveError error;
            using (_lock.AcquireIrqSafe())
            {
                hasError = _received.TryTakeError(out erroneous, out error);
                count = hasError ? 0 : _received.Peek(_staging);
                flushCount = _flushCount;
            }

            if (hasError)
            {
                line.ReceiveErroneous(erroneous, error);
                continue;
            }

            if (count == 0)
            {
                break;
            }

            var taken = line.Receive(_staging.AsSpan(0, count));
            using (_lock.AcquireIrqSafe())
            {
                if (flushCount == _flushCount)
                {
                    _received.Skip(taken);
                }

                ResumeReceptionLocked();
            }

            if (taken < count)
            {
                break;
            }
        }

        using (_lock.AcquireIrqSafe())
        {
            hasProgress = _hasProgress;
            _hasProgress = false;
        }

        if (hasProgress)
        {
            line.OnOutputProgress();
        }
    }
}
