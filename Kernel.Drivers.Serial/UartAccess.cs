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

    public UartAccess(IoPortRange ports) => _ports = ports;

    public UartAccess(IoMem memory) => _memory = memory;

    [InterruptSafe]
    public byte ReadByte(int register) => _ports is not null ? _ports.ReadByte(register) : _memory!.ReadByte(register);

    [InterruptSafe]
    public void WriteByte(int register, byte value)
    {
        if (_ports is not null)
        {
            _ports.WriteByte(register, value);
        }
        else
        {
            _memory!.WriteByte(register, value);
        }
    }

    public void Dispose()
    {
        _ports?.Dispose();
        _memory?.Dispose();
    }
}
