// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Arch.Firmware;

namespace Ostd.Arch;

/// <summary>Device registers in physical memory: how they are reached, and which of them drivers must never have.</summary>
// SAFETY: declares a pointer and follows none.
public static unsafe class DeviceMemory
{
    // The chip's own registers (the I/O configuration space among them, with interrupts between CPUs), and power.
    private const ulong ChipStart = 0x1fe0_0000;
    private const ulong ChipLength = 0x1_0000;
    private const ulong UartStart = 0x1fe0_01e0;
    private const ulong UartEnd = 0x1fe0_02e0;
    private const ulong EventDeviceStart = 0x100e_0000;
    private const ulong EventDeviceLength = 0x1000;

    /// <summary>Where device registers are reachable without page tables. The window would do, but a mapping can be taken back.</summary>
    public static byte* FixedMapping(ulong physicalAddress, ulong length) => null;

    /// <summary>True when the range touches registers that could break memory safety: interrupt controllers, messages to them, power and reset, PCI configuration, the loader's DMA.</summary>
    public static bool IsSensitive(ulong start, ulong length) =>
        (Overlaps(ChipStart, ChipLength, start, length) && !(start >= UartStart && length <= UartEnd - start))
        || Overlaps(EventDeviceStart, EventDeviceLength, start, length)
        || Overlaps(PlatformInterrupts.BridgeStart, PlatformInterrupts.BridgeLength, start, length)
        || Overlaps(PlatformInterrupts.MessageStart, PlatformInterrupts.MessageLength, start, length)
        || Touches("pci-host-ecam-generic"u8, start, length) || Touches("qemu,fw-cfg-mmio"u8, start, length);

    private static bool Touches(ReadOnlySpan<byte> compatible, ulong start, ulong length)
    {
        foreach (DeviceTreeNode node in Platform.FindDevices(compatible))
        {
            if (node.TryGetRange(0, out ulong deviceStart, out ulong deviceLength) && Overlaps(deviceStart, deviceLength, start, length))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Overlaps(ulong first, ulong firstLength, ulong second, ulong secondLength) => first < second + secondLength && second < first + firstLength;
}
