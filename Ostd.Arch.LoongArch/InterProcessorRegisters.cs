// SPDX-License-Identifier: MPL-2.0
using System.Runtime;
using System.Runtime.CompilerServices;

namespace Ostd.Arch;

/// <summary>Interrupts between CPUs, by the I/O configuration space (Loongson 3A5000 manual, chapter 10). The trap code acknowledges them.</summary>
internal static class InterProcessorRegisters
{
    private const nint EnableRegister = 0x1004;
    private const nint SendRegister = 0x1040;
    private const uint Blocking = 1u << 31;
    private const int TargetShift = 16;

    /// <summary>Lets the interrupt come on the CPU that calls.</summary>
    public static void Enable() => Write(EnableRegister, uint.MaxValue);

    /// <summary>Interrupts a CPU.</summary>
    [InterruptSafe]
    public static void Send(uint hardwareId) => Write(SendRegister, Blocking | hardwareId << TargetShift);

    [InterruptSafe]
    private static void Write(nint register, uint value) => WriteIoConfiguration(register, value);

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchWriteIoConfiguration")]
    [InterruptSafe]
    private static extern void WriteIoConfiguration(nint register, nuint value);
}
