// SPDX-License-Identifier: MPL-2.0
using System.Threading;

namespace Ostd.Arch;

/// <summary>The I/O APIC that serves the ISA interrupts (82093AA data sheet): routes interrupt lines to vectors.</summary>
internal static unsafe class IoApic
{
    /// <summary>Inputs that have a vector of their own.</summary>
    public const int InputCount = 24;

    // Where it is on every PC whose firmware does not say otherwise.
    private const ulong UsualAddress = 0xfec0_0000;
    private const int SelectRegister = 0;
    private const int WindowRegister = 4;
    private const uint RedirectionTable = 0x10;
    private const int TargetShift = 56;
    private const uint ActiveLow = 1 << 13;
    private const uint LevelTriggered = 1 << 15;
    private const uint Masked = 1 << 16;

    private static uint* s_registers;

    /// <summary>Masks everything.</summary>
    /// <param name="address">Where the firmware says it is. 0, or an address in RAM, which device registers cannot have, stands for the usual one.</param>
    public static void Initialize(ulong address)
    {
        // SAFETY: the linear map covers the first 4 GiB, device memory included; the address is not one of RAM.
        s_registers = (uint*)PhysicalMap.ToPointer(address == 0 || IsRam(address) ? UsualAddress : address);
        for (int input = 0; input < InputCount; input++)
        {
            Mask(input);
        }
    }

    /// <summary>Lets a line through to a CPU.</summary>
    public static void Unmask(int input, uint targetApicId, bool isActiveLow, bool isLevelTriggered)
    {
        int vector = InterruptVectors.FirstDevice + input;
        ulong target = InterruptRemapping.IsActive ? InterruptRemapping.RouteInput(input, vector, targetApicId, isLevelTriggered) : (ulong)targetApicId << TargetShift;
        Write(RedirectionTable + (uint)input * 2 + 1, (uint)(target >> 32));
        Write(RedirectionTable + (uint)input * 2, (uint)vector | (isActiveLow ? ActiveLow : 0) | (isLevelTriggered ? LevelTriggered : 0));
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
        Volatile.Write(ref s_registers[SelectRegister], register);
        Volatile.Write(ref s_registers[WindowRegister], value);
    }

    private static bool IsRam(ulong address)
    {
        for (int i = 0; i < BootParameters.MemoryRegionCount; i++)
        {
            MemoryRegion region = BootParameters.GetMemoryRegion(i);
            if (region.IsUsable && address - region.Start < region.Length)
            {
                return true;
            }
        }

        return false;
    }
}
