// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Devices.Pci;

/// <summary>The base address registers of one function. Their sizes are found out once, at the first question.</summary>
internal sealed class PciBars(PciAddress address, int headerType)
{
    private const int FirstRegister = 0x10;
    private const int MaxRegisters = 6;
    private const int Command = 0x04;
    private const uint CommandDecoding = 3;
    private const uint PortBit = 1;
    private const uint TypeMask = 6;
    private const uint Type64Bit = 4;
    private const uint PrefetchableBit = 8;
    private const ulong FlagMask = 0xf;

    private readonly PciBar[] _bars = new PciBar[MaxRegisters];
    private bool _isKnown;

    // Of headers: 0 is a device's, 1 a bridge's (PCI-to-PCI Bridge Architecture Specification 1.2, section 3.2).
    private readonly int _registerCount = headerType switch { 0 => MaxRegisters, 1 => 2, _ => 0 };

    /// <summary>One register's memory. Under the function's lock.</summary>
    public bool TryGet(int index, out PciBar bar)
    {
        bar = default;
        if ((uint)index >= (uint)_registerCount)
        {
            return false;
        }

        if (!_isKnown)
        {
            Measure();
            _isKnown = true;
        }

        bar = _bars[index];
        return bar.Length != 0;
    }

    // Section 6.2.5.1: with ones written, the bits that stay zero tell the size. Meanwhile the function answers nowhere.
    private void Measure()
    {
        uint command = PciConfiguration.ReadHalf(address, Command);
        PciConfiguration.Write(address, Command, command & ~CommandDecoding);
        for (int i = 0; i < _registerCount; i++)
        {
            int register = FirstRegister + i * 4;
            uint low = PciConfiguration.Read(address, register);
            bool is64Bit = (low & (PortBit | TypeMask)) == Type64Bit && i + 1 < _registerCount;
            uint high = is64Bit ? PciConfiguration.Read(address, register + 4) : 0;
            ulong mask = Probe(register, low) | 0xffff_ffff_0000_0000;
            if (is64Bit)
            {
                mask = (uint)mask | (ulong)Probe(register + 4, high) << 32;
            }

            ulong size = ~(mask & ~FlagMask) + 1;
            ulong start = (low | (ulong)high << 32) & ~FlagMask;
            bool isImplemented = (uint)mask != 0 && (low & PortBit) == 0 && size != 0 && (size & (size - 1)) == 0;
            if (isImplemented && start != 0)
            {
                _bars[i] = new PciBar(start, size, is64Bit, (low & PrefetchableBit) != 0);
            }

            i += is64Bit ? 1 : 0;
        }

        PciConfiguration.Write(address, Command, command);
    }

    private uint Probe(int register, uint value)
    {
        PciConfiguration.Write(address, register, uint.MaxValue);
        uint mask = PciConfiguration.Read(address, register);
        PciConfiguration.Write(address, register, value);
        return mask;
    }
}
