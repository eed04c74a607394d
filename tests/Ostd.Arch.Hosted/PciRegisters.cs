// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Arch;

/// <summary>The hosted machine's PCI configuration space: it has none.</summary>
public static class PciRegisters
{
    /// <summary>There are no ports.</summary>
    public static bool HasPorts => false;

    /// <summary>There is no window either.</summary>
    public static bool TryGetWindow(out ulong address, out byte firstBus, out byte lastBus)
    {
        address = 0;
        firstBus = 0;
        lastBus = 0;
        return false;
    }

    /// <summary>What an empty bus reads.</summary>
    public static uint ReadPorts(byte bus, byte deviceFunction, int offset) => uint.MaxValue;

    /// <summary>Goes nowhere.</summary>
    public static void WritePorts(byte bus, byte deviceFunction, int offset, uint value)
    {
    }
}
