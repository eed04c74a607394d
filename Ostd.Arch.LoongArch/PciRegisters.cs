// SPDX-License-Identifier: MPL-2.0
using Ostd.Arch.Firmware;

namespace Ostd.Arch;

/// <summary>The way to PCI configuration space: the memory window that the device tree tells of (IEEE 1275 binding "pci-host-ecam-generic").</summary>
public static class PciRegisters
{
    private const int BusShift = 20;

    private static ulong s_window;
    private static byte s_lastBus;

    /// <summary>There are ports for it: no.</summary>
    public static bool HasPorts => false;

    /// <summary>The window of segment 0.</summary>
    /// <param name="address">Physical address of bus 0; each bus has 1 MiB.</param>
    /// <param name="firstBus">First bus in the window.</param>
    /// <param name="lastBus">Last bus in the window.</param>
    /// <returns>False when there is none.</returns>
    public static bool TryGetWindow(out ulong address, out byte firstBus, out byte lastBus)
    {
        address = s_window;
        firstBus = 0;
        lastBus = s_lastBus;
        return address != 0;
    }

    /// <summary>Reads four bytes through ports: never reached.</summary>
    public static uint ReadPorts(byte bus, byte deviceFunction, int offset) => uint.MaxValue;

    /// <summary>Writes four bytes through ports: never reached.</summary>
    public static void WritePorts(byte bus, byte deviceFunction, int offset, uint value)
    {
    }

    /// <summary>Reads the device tree.</summary>
    internal static void Initialize()
    {
        if (Platform.FindDevice("pci-host-ecam-generic"u8, out ulong start, out ulong length) is not null && length >> BusShift != 0)
        {
            s_window = start;
            s_lastBus = (byte)((length >> BusShift) - 1);
        }
    }
}
