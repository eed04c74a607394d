// SPDX-License-Identifier: MPL-2.0
using System.Runtime.CompilerServices;
using System.Threading;
using Ostd.Arch;
using Ostd.Sync;

namespace Ostd.Devices.Pci;

/// <summary>
/// Configuration space: through the memory window where firmware tells of one, else through ports. Internal, since a write to it can move a device's registers over memory: clients have
/// <see cref="PciFunction"/>.
/// </summary>
// SAFETY: a bus' window is mapped whole and for good; bus, device, function and offset select a place within it.
internal static unsafe class PciConfiguration
{
    /// <summary>Bytes of a function's space that both ways reach.</summary>
    public const int Length = 256;

    private const ulong BusLength = 1ul << 20;
    private const int FunctionShift = 12;

    // The mapping of each bus' window; 0 until it is used.
    private static readonly ulong[] s_buses = new ulong[256];
    private static RawSpinLock s_lock;

    /// <summary>Reads four bytes at a multiple of four. Not inlined, so that the load keeps its width.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
        public static uint Read(PciAddress address, int offset)
    {
        byte* window = WindowOf(address);
        if (window is not null)
        {
            return Volatile.Read(ref *(uint*)(window + offset));
        }

        if (!PciRegisters.HasPorts)
        {
            return uint.MaxValue; // what an empty bus reads
        }

        bool wereEnabled = s_lock.Enter();
        uint value = PciRegisters.ReadPorts(address.Bus, address.DeviceFunction, offset);
        s_lock.Exit(wereEnabled);
        return value;
    }

    /// <summary>Writes four bytes at a multiple of four.</summary>
    public static void Write(PciAddress address, int offset, uint value)
    {
        byte* window = WindowOf(address);
        if (window is not null)
        {
            Volatile.Write(ref *(uint*)(window + offset), value);
        }
        else if (PciRegisters.HasPorts)
        {
            bool wereEnabled = s_lock.Enter();
            PciRegisters.WritePorts(address.Bus, address.DeviceFunction, offset, value);
            s_lock.Exit(wereEnabled);
        }
    }

    /// <summary>Reads two bytes at a multiple of two.</summary>
    public static ushort ReadHalf(PciAddress address, int offset) => (ushort)(Read(address, offset & ~3) >> ((offset & 2) * 8));

    /// <summary>Reads a byte.</summary>
    public static byte ReadByte(PciAddress address, int offset) => (byte)(Read(address, offset & ~3) >> ((offset & 3) * 8));

    private static byte* WindowOf(PciAddress address)
    {
        if (!PciRegisters.TryGetWindow(out ulong start, out byte first, out byte last) || address.Bus < first || address.Bus > last)
        {
            return null;
        }

        ulong mapping = Volatile.Read(ref s_buses[address.Bus]);
        if (mapping == 0)
        {
            // Without memory for the mapping the ports do.
            mapping = (ulong)DeviceSpace.Map(start + address.Bus * BusLength, BusLength);
            if (mapping == 0)
            {
                return null;
            }

            Volatile.Write(ref s_buses[address.Bus], mapping);
        }

        return (byte*)mapping + (address.DeviceFunction << FunctionShift);
    }
}
