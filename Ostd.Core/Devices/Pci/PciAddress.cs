// SPDX-License-Identifier: MPL-2.0
using System;

namespace Ostd.Devices.Pci;

/// <summary>Where a PCI function is: segment 0 alone.</summary>
/// <param name="Bus">0 to 255.</param>
/// <param name="Device">0 to 31.</param>
/// <param name="Function">0 to 7.</param>
public readonly record struct PciAddress(byte Bus, byte Device, byte Function)
{
    /// <summary>Devices of a bus.</summary>
    public const int DevicesPerBus = 32;

    /// <summary>Functions of a device.</summary>
    public const int FunctionsPerDevice = 8;

    /// <summary>Device and function as configuration requests carry them.</summary>
    internal byte DeviceFunction
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((int)Device, DevicesPerBus);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((int)Function, FunctionsPerDevice);
            return (byte)(Device << 3 | Function);
        }
    }

    /// <summary>What the function's own requests carry (PCI Express Base Specification 4.0, section 2.2.6.2).</summary>
    internal ushort RequesterId => (ushort)(Bus << 8 | DeviceFunction);

    /// <summary>As Linux writes it: <c>0000:00:1f.2</c>.</summary>
    public override string ToString() => "0000:" + Hex(Bus) + ":" + Hex(Device) + "." + (char)('0' + Function);

    private static string Hex(byte value) => string.Concat(Digit(value >> 4), Digit(value & 15));

    private static string Digit(int value) => ((char)(value < 10 ? '0' + value : 'a' + value - 10)).ToString();
}
