// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Devices;

namespace Kernel.Tests.Ostd;

/// <summary>The register of the first serial port that connects its ends.</summary>
internal sealed class ModemControl : IDisposable
{
    private const int Offset = 4;

    private readonly IoMem _registers;
    private readonly IoRegister<byte> _register;

    public ModemControl()
    {
        Check.That(PlatformDevice.Find("ns16550a"u8)[0].TryAcquireRegisters(out IoMem? registers), "the serial port's registers");
        _registers = registers!;
        _register = _registers.Register<byte>(Offset);
    }

    public byte Value
    {
        get => _register.Read();
        set => _register.Write(value);
    }

    public void Dispose() => _registers.Dispose();
}
