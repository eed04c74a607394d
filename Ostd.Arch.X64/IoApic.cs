// SPDX-License-Identifier: MPL-2.0
using System.Threading;

namespace Ostd.Arch;

/// <summary>The I/O APIC at its usual address (82093AA data sheet): routes interrupt lines to vectors.</summary>
internal static unsafe class IoApic
{
    /// <summary>Inputs that have a vector of their own.</summary>
    public const int InputCount = 24;

    private const ulong PhysicalAddress = 0xfec0_0000;
    private const int SelectRegister = 0;
    private const int WindowRegister = 4;
    private const uint RedirectionTable = 0x10;
    private const uint Masked = 1 << 16;

    private static uint* Registers => (uint*)PhysicalMap.ToPointer(PhysicalAddress);

    /// <summary>Masks everything.</summary>
    public static void Initialize()
    {
        for (int input = 0; input < InputCount; input++)
        {
            Mask(input);
        }
    }

    /// <summary>Lets an edge-triggered, active-high line (the ISA bus) through to a CPU.</summary>
    public static void Unmask(int input, uint targetApicId)
    {
        Write(RedirectionTable + (uint)input * 2 + 1, targetApicId << 24);
        Write(RedirectionTable + (uint)input * 2, (uint)(InterruptVectors.FirstDevice + input));
    }

    /// <summary>Stops a line.</summary>
    public static void Mask(int input)
    {
        Write(RedirectionTable + (uint)input * 2, Masked | (uint)(InterruptVectors.FirstDevice + input));
        Write(RedirectionTable + (uint)input * 2 + 1, 0);
    }

    private static void Write(uint register, uint value)
    {
        // SAFETY: device memory in the linear map; OSTD alone touches the I/O APIC, under the lock of the interrupt lines.
        Volatile.Write(ref Registers[SelectRegister], register);
        Volatile.Write(ref Registers[WindowRegister], value);
    }
}
