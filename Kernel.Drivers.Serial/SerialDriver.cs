// SPDX-License-Identifier: MPL-2.0
using System.Collections.Generic;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Terminals;
using Ostd;
using Ostd.Devices;
using Ostd.Logging;

namespace Kernel.Drivers.Serial;

/// <summary>Finds the four serial ports of a PC, or those that the firmware describes, and makes terminals of them: ttyS0 to ttyS3 (major 4, minors 64 on).</summary>
[Component(Stage = InitStage.Late)]
public sealed class SerialDriver(ITerminalFactory terminals, IDeviceRegistry devices) : IInitializable
{
    private const int Major = 4;
    private const int FirstMinor = 64;

    /// <summary>Permission of the nodes: 0660.</summary>
    private const int NodeMode = 0x1b0;

    private const int MaxPorts = 4;
    private const int NotIsa = -1;

    private readonly List<InterruptLine> _lines = [];

    /// <inheritdoc/>
    public void Initialize()
    {
        // The addresses and interrupts of COM1 to COM4 (IBM PC/AT Technical Reference).
        TryAdd(0, 0x3f8, 4);
        TryAdd(1, 0x2f8, 3);
        TryAdd(2, 0x3e8, 4);
        TryAdd(3, 0x2e8, 3);
        var index = 0;
        foreach (var device in PlatformDevice.Find("ns16550a"u8))
        {
            if (index < MaxPorts && TryAdd(index, device))
            {
                index++;
            }
        }

        foreach (var line in _lines)
        {
            line.Enable();
        }
    }

    private void TryAdd(int index, ushort firstPort, int irq)
    {
        if (!IoPortRange.TryAcquire(firstPort, UartRegisters.PortCount, out var ports) || ports is null)
        {
            return;
        }

        var access = new UartAccess(ports);
        if (!SerialPort.IsPresent(access))
        {
            access.Dispose();
            return;
        }

        if (FindLine(irq) is not { } line)
        {
            Log.Warn(NameOf(index) + ": its interrupt is taken");
            access.Dispose();
            return;
        }

        Add(index, access, line);
    }

    private bool TryAdd(int index, PlatformDevice device)
    {
        if (!device.TryAcquireRegisters(out var registers))
        {
            return false;
        }

        var access = new UartAccess(registers);
        if (!SerialPort.IsPresent(access) || !device.TryAcquireInterrupt(out var acquired))
        {
            access.Dispose();
            return false;
        }

        var line = new InterruptLine(NotIsa, acquired);
        _lines.Add(line);
        Add(index, access, line);
        return true;
    }

    private void Add(int index, UartAccess access, InterruptLine line)
    {
        var name = NameOf(index);
        var port = new SerialPort(access, name);
        var number = new DeviceNumber(Major, FirstMinor + index);
        var terminal = terminals.Create(name, number, port,
            ControlModes.B115200 | ControlModes.CS8 | ControlModes.CREAD | ControlModes.HUPCL | ControlModes.CLOCAL);
        port.Attach(terminal);
        line.Add(port);
        if (devices.Register(name, number, NodeMode, terminal) != Kernel.Abstractions.Errno.Success)
        {
            Log.Warn(name + ": its device number is taken");
        }
    }

    private static string NameOf(int index) => "ttyS" + (char)('0' + index);

    /// <summary>The line of an interrupt that two ports may share.</summary>
    private InterruptLine? FindLine(int irq)
    {
        foreach (var line in _lines)
        {
            if (line.Irq == irq)
            {
                return line;
            }
        }

        if (!IrqLine.TryAcquireIsa(irq, out var acquired) || acquired is null)
        {
            return null;
        }

        var added = new InterruptLine(irq, acquired);
        _lines.Add(added);
        return added;
    }

    /// <summary>An ISA interrupt with the ports on it; complete before it is enabled.</summary>
    private sealed class InterruptLine(int irq, IrqLine line)
    {
        private readonly List<SerialPort> _pending = [];
        private SerialPort[] _ports = [];

        public int Irq => irq;

        public void Add(SerialPort port) => _pending.Add(port);

        public void Enable()
        {
            _ports = _pending.ToArray();
            line.Enable(static state => ((InterruptLine)state!).Handle(), this);
        }

        [InterruptSafe]
        private void Handle()
        {
            foreach (var port in _ports)
            {
                port.HandleInterrupt();
            }
        }
    }
}
