// SPDX-License-Identifier: MPL-2.0
using System.Threading;

namespace Ostd.Arch;

/// <summary>Registers of the machine's own devices, through the window of uncached accesses.</summary>
// SAFETY: callers pass addresses of device registers that the device tree names or the machine has for certain; drivers cannot have them (DeviceMemory.IsSensitive).
internal static unsafe class DeviceRegisters
{
    // Direct mapping window 0 (LoongArch Reference Manual 1.10, volume 1, section 5.2.1): strongly ordered, uncached.
    private const ulong Window = 0x8000_0000_0000_0000;

    [InterruptSafe]
    public static byte ReadByte(ulong address) => Volatile.Read(ref *(byte*)(Window + address));

    [InterruptSafe]
    public static void WriteByte(ulong address, byte value) => Volatile.Write(ref *(byte*)(Window + address), value);

    [InterruptSafe]
    public static void WriteUInt16(ulong address, ushort value) => Volatile.Write(ref *(ushort*)(Window + address), value);

    [InterruptSafe]
    public static uint ReadUInt32(ulong address) => Volatile.Read(ref *(uint*)(Window + address));

    [InterruptSafe]
    public static void WriteUInt32(ulong address, uint value) => Volatile.Write(ref *(uint*)(Window + address), value);
}
