// SPDX-License-Identifier: MPL-2.0
using System;

namespace Ostd.Arch;

/// <summary>Devices that the firmware describes by what they are compatible with. A PC's are found otherwise: by PCI, or at addresses that everybody knows.</summary>
public static class PlatformDevices
{
    /// <summary>Finds a device.</summary>
    /// <param name="compatible">What a driver is for.</param>
    /// <param name="index">Which one of them, in the order of their addresses.</param>
    /// <param name="address">Physical address of its registers.</param>
    /// <param name="length">Their length in bytes.</param>
    /// <param name="line">Its interrupt line; -1 when it has none.</param>
    /// <returns>False when there are not so many.</returns>
    public static bool TryGet(ReadOnlySpan<byte> compatible, int index, out ulong address, out ulong length, out int line)
    {
        address = 0;
        length = 0;
        line = -1;
        return false;
    }
}
