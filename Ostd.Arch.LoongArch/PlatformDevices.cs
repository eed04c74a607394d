// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;
using Ostd.Arch.Firmware;

namespace Ostd.Arch;

/// <summary>Devices of the device tree.</summary>
public static class PlatformDevices
{
    // QEMU 7.2's tree does not say to which pin of the controller the UART is wired (include/hw/pci-host/ls7a.h).
    private const int UartLine = 2;

    /// <summary>Finds a device.</summary>
    /// <param name="compatible">What a driver is for.</param>
    /// <param name="index">Which one of them, in the order of their addresses.</param>
    /// <param name="address">Physical address of its registers.</param>
    /// <param name="length">Their length in bytes.</param>
    /// <param name="line">Its interrupt line; -1 when it has none.</param>
    /// <returns>False when there are not so many.</returns>
    public static bool TryGet(ReadOnlySpan<byte> compatible, int index, out ulong address, out ulong length, out int line)
    {
        List<DeviceTreeNode> nodes = Platform.FindDevices(compatible);
        nodes.Sort(static (a, b) => AddressOf(a).CompareTo(AddressOf(b)));
        address = 0;
        length = 0;
        line = -1;
        if (index >= nodes.Count || !nodes[index].TryGetRange(0, out address, out length))
        {
            return false;
        }

        line = nodes[index].IsCompatible("ns16550a"u8) ? UartLine : -1;
        return true;
    }

    private static ulong AddressOf(DeviceTreeNode node) => node.TryGetRange(0, out ulong start, out _) ? start : 0;
}
