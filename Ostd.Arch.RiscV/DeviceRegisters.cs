// SPDX-License-Identifier: MPL-2.0
using System.Threading;

namespace Ostd.Arch;

/// <summary>Registers of the machine's own devices, through the linear map.</summary>
// SAFETY: callers pass addresses of device registers that the device tree names, below the 4 GiB that are mapped from the start on; drivers cannot have them (DeviceMemory.IsSensitive).
internal static unsafe class DeviceRegisters
{
    [InterruptSafe]
    public static byte ReadByte(ulong address) => Volatile.Read(ref *PhysicalMap.ToPointer(address));

    [InterruptSafe]
    public static void WriteByte(ulong address, byte value) => Volatile.Write(ref *PhysicalMap.ToPointer(address), value);

    [InterruptSafe]
    public static uint ReadUInt32(ulong address) => Volatile.Read(ref *(uint*)PhysicalMap.ToPointer(address));

    [InterruptSafe]
    public static void WriteUInt32(ulong address, uint value) => Volatile.Write(ref *(uint*)PhysicalMap.ToPointer(address), value);
}
