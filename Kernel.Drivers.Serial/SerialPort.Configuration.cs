// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Syscalls;
using Kernel.Abstractions.Terminals;
using Ostd.Tasks;
using Ostd.Time;
using static Kernel.Drivers.Serial.UartRegisters;

namespace Kernel.Drivers.Serial;

/// <summary>Speed, character format, break and modem lines.</summary>
internal sealed partial class SerialPort
{
    private const uint TIOCMGET = 0x5415;
    private const uint TIOCMBIS = 0x5416;
    private const uint TIOCMBIC = 0x5417;
    private const uint TIOCMSET = 0x5418;
    private const uint TIOCSBRK = 0x5427;
    private const uint TIOCCBRK = 0x5428;

    private uint _speed;
    private ControlModes _format;

    public void Configure(ref Termios2 modes)
    {
        if (modes.OutputSpeed > BaseBaud)
        {
            modes.OutputSpeed = modes.InputSpeed = BaseBaud;
            modes.Modes.Control = modes.Modes.Control & ~ControlModes.CBAUD | ControlModes.B115200;
        }

        const ControlModes format = ControlModes.CS8 | ControlModes.CSTOPB | ControlModes.PARENB | ControlModes.PARODD;
        if (modes.OutputSpeed == _speed && (modes.Modes.Control & format) == _format)
        {
            return;
        }

        WaitUntilIdle();
        _speed = modes.OutputSpeed;
        _format = modes.Modes.Control & format;
        using var guard = _lock.AcquireIrqSafe();
        var line = (byte)((uint)(_format & ControlModes.CS8) >> 4
            | ((_format & ControlModes.CSTOPB) != 0 ? LineStopBits : 0u)
            | ((_format & ControlModes.PARENB) != 0 ? LineParity : 0u)
            | ((_format & ControlModes.PARODD) == 0 ? LineEvenParity : 0u));

        // A speed of 0 hangs up (B0): DTR and RTS drop, the divisor stays.
        if (_speed == 0)
        {
            _modemControl &= unchecked((byte)~(ModemReady | ModemRequestToSend));
        }
        else
        {
            var divisor = Math.Clamp((BaseBaud + _speed / 2) / _speed, 1, ushort.MaxValue);
            WriteRegister(LineControl, (byte)(line | LineDivisorLatch));
            WriteRegister(Data, (byte)divisor);
            WriteRegister(InterruptEnable, (byte)(divisor >> 8));
            _modemControl |= ModemReady | ModemRequestToSend;
        }

        WriteRegister(LineControl, line);
        WriteRegister(InterruptEnable, _interruptEnable);
        WriteRegister(ModemControl, _modemControl);
    }

    public Errno SendBreak(long durationNs)
    {
        SetBreak(true);
        _ = Task.SleepUntil(Clock.MonotonicNs + durationNs);
        SetBreak(false);
        return Errno.Success;
    }

    public SyscallResult Ioctl(in SyscallContext context, uint command, ulong argument)
    {
        switch (command)
        {
            case TIOCMGET:
                return new UserPtr<int>(argument).Write(GetModemLines());

            case TIOCMBIS or TIOCMBIC or TIOCMSET:
                if (!new UserPtr<int>(argument).Read().TryGet(out var lines, out var fault))
                {
                    return fault;
                }

                SetModemLines(command, lines);
                return 0;

            case TIOCSBRK:
                SetBreak(true);
                return 0;

            case TIOCCBRK:
                SetBreak(false);
                return 0;

            default:
                return Errno.ENOTTY;
        }
    }

    /// <summary>Waits until the last bit is out, as long as a FIFO at this speed takes.</summary>
    private void WaitUntilIdle()
    {
        if (_speed == 0)
        {
            return;
        }

        var deadline = Clock.MonotonicNs + (FifoBytes + 2) * 11 * 1_000_000_000L / _speed;
        while (Clock.MonotonicNs < deadline && (ReadRegister(LineStatus) & StatusTransmitIdle) == 0)
        {
            if (!Task.SleepUntil(Clock.MonotonicNs + 100_000))
            {
                return;
            }
        }
    }

    private void SetBreak(bool isOn)
    {
        using var guard = _lock.AcquireIrqSafe();
        var line = ReadRegister(LineControl);
        WriteRegister(LineControl, (byte)(isOn ? line | LineBreak : line & ~LineBreak));
    }

    /// <summary>The TIOCM_* bits of ioctl_tty(2).</summary>
    private int GetModemLines()
    {
        using var guard = _lock.AcquireIrqSafe();
        var status = ReadRegister(ModemStatus);
        return ((_modemControl & ModemReady) != 0 ? 0x002 : 0)
            | ((_modemControl & ModemRequestToSend) != 0 ? 0x004 : 0)
            | ((status & ModemClearToSend) != 0 ? 0x020 : 0)
            | ((status & ModemCarrier) != 0 ? 0x040 : 0)
            | ((status & ModemRing) != 0 ? 0x080 : 0)
            | ((status & ModemDataSetReady) != 0 ? 0x100 : 0)
            | ((_modemControl & ModemOut1) != 0 ? 0x2000 : 0)
            | ((_modemControl & ModemOut2) != 0 ? 0x4000 : 0)
            | ((_modemControl & ModemLoopback) != 0 ? 0x8000 : 0);
    }

    private void SetModemLines(uint command, int lines)
    {
        // OUT2 gates the interrupt and is not the program's to change.
        var bits = (byte)(((lines & 0x002) != 0 ? ModemReady : 0)
            | ((lines & 0x004) != 0 ? ModemRequestToSend : 0)
            | ((lines & 0x2000) != 0 ? ModemOut1 : 0)
            | ((lines & 0x8000) != 0 ? ModemLoopback : 0));
        const byte all = ModemReady | ModemRequestToSend | ModemOut1 | ModemLoopback;
        using var guard = _lock.AcquireIrqSafe();
        _modemControl = command switch
        {
            TIOCMBIS => (byte)(_modemControl | bits),
            TIOCMBIC => (byte)(_modemControl & ~bits),
            _ => (byte)(_modemControl & ~all | bits),
        };
        WriteRegister(ModemControl, _modemControl);
    }
}
