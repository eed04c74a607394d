// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd;
using Ostd.Devices;

namespace Kernel.Drivers.Serial;

/// <summary>How a UART's registers are reached: by I/O ports, or in memory, one byte after the other.</summary>
internal sealed class UartAccess : IDisposable
{
    private readonly IoPortRange? _ports;
    private readonly IoMem? _memory;
    private readonly IoRegister<byte>[] _registers = [];

    public UartAccess(IoPortRange ports) => _ports = ports;

    public UartAccess(IoMem memory)
    {
        _memory = memory;
        _registers = new IoRegister<byte>[UartRegisters.PortCount];
        for (var i = 0; i < _registers.Length; i++)
        {
            _registers[i] = memory.Register<byte>(i);
        }
    }

    [InterruptSafe]
    public byte ReadByte(int register) => _ports is not null ? _ports.ReadByte(register) : _registers[register].Read();

    [InterruptSafe]
    public void WriteByte(int register, byte value)
    {
        if (_ports is not null)
        {
            _ports.WriteByte(register, value);
        }
        else
        {
            _registers[register].Write(value);
        }
    }

    public void Dispose()
    {
        _ports?.Dispose();
        _memory?.Dispose();
    }
}
