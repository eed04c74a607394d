// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Devices;

namespace Kernel.Tests.Ostd;

/// <summary>The register of the first serial port that connects its ends.</summary>
internal sealed class ModemControl : IDisposable
{
    private const ushort Port = 0x3fc;

    private readonly IoPortRange _port;

    public ModemControl()
    {
        Check.That(IoPortRange.TryAcquire(Port, 1, out IoPortRange? port), "the port of modem control");
        _port = port!;
    }

    public byte Value
    {
        get => _port.ReadByte(0);
        set => _port.WriteByte(0, value);
    }

    public void Dispose() => _port.Dispose();
}
