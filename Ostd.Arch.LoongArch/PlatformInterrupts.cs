// SPDX-License-Identifier: MPL-2.0
using System.Numerics;
using System.Runtime;
using System.Runtime.CompilerServices;
using Ostd.Arch.Layout;

namespace Ostd.Arch;

/// <summary>
/// The extended I/O interrupt controller of the CPU's chip (Loongson 3A5000 manual, section 11.2) with 256 vectors, and what leads to it: the LS7A bridge's controller, whose pins are the first vectors here, and
/// messages to the bridge, which name a vector. All lead to the CPU that booted, by its first hardware interrupt.
/// </summary>
internal static unsafe class PlatformInterrupts
{
    /// <summary>The bridge's interrupt controller.</summary>
    public const ulong BridgeStart = 0x1000_0000;
    public const ulong BridgeLength = 0x1000;

    /// <summary>Where messages are written to.</summary>
    public const ulong MessageStart = 0x2ff0_0000;
    public const ulong MessageLength = 0x1000;

    /// <summary>Number of vectors.</summary>
    public const int VectorCount = 256;

    /// <summary>First vector of messages: those of the bridge's 64 pins are below.</summary>
    public const int FirstMessageVector = 64;

    // The pins that QEMU 7.2 has.
    private const int PinCount = 32;

    private const ulong PinMask = BridgeStart + 0x20;
    private const ulong PinMessageEnable = BridgeStart + 0x40;
    private const ulong PinEdge = BridgeStart + 0x60;
    private const ulong PinVector = BridgeStart + 0x200;

    private const int GroupMapRegister = 0x14c0;
    private const int EnableRegister = 0x1600;
    private const int BounceRegister = 0x1680;
    private const int PendingRegister = 0x1800;
    private const int RouteRegister = 0x1c00;
    private const int WordBits = 32;

    // Every group of 32 vectors raises the first hardware interrupt, and every vector goes to a CPU of node 0 by its bit; there are four of both in each register.
    private const uint FirstInterruptForFourGroups = 0x0101_0101;
    private const uint FourTimes = 0x0101_0101;

    private static readonly uint[] s_enabled = new uint[VectorCount / WordBits];

    /// <summary>Masks all lines and leads them to the CPU that calls.</summary>
    public static void Initialize()
    {
        DeviceRegisters.WriteUInt32(PinMask, uint.MaxValue);
        DeviceRegisters.WriteUInt32(PinMask + 4, uint.MaxValue);
        DeviceRegisters.WriteUInt32(PinEdge, 0);
        DeviceRegisters.WriteUInt32(PinMessageEnable, uint.MaxValue);
        for (int pin = 0; pin < PinCount; pin++)
        {
            DeviceRegisters.WriteByte(PinVector + (ulong)pin, (byte)pin);
        }

        for (int i = 0; i < VectorCount / WordBits; i++)
        {
            WriteConfiguration(EnableRegister + i * 4, 0);
            WriteConfiguration(BounceRegister + i * 4, 0);
        }

        for (int i = 0; i < VectorCount / WordBits / 4; i++)
        {
            WriteConfiguration(GroupMapRegister + i * 4, FirstInterruptForFourGroups);
        }

        uint route = 1u << (int)(CpuTopology.HardwareIdOf(0) & 3);
        for (int i = 0; i < VectorCount / 4; i++)
        {
            WriteConfiguration(RouteRegister + i * 4, route * FourTimes);
        }
    }

    /// <summary>The vector is a pin's.</summary>
    [InterruptSafe]
    public static bool IsPin(int vector) => vector < PinCount;

    /// <summary>Lets a line through.</summary>
    public static void Unmask(int vector)
    {
        s_enabled[vector / WordBits] |= 1u << vector % WordBits;
        WriteConfiguration(EnableRegister + vector / WordBits * 4, s_enabled[vector / WordBits]);
        if (IsPin(vector))
        {
            ChangePinMask(vector, isMasked: false);
        }
    }

    /// <summary>Stops a line.</summary>
    public static void Mask(int vector)
    {
        if (IsPin(vector))
        {
            ChangePinMask(vector, isMasked: true);
        }

        s_enabled[vector / WordBits] &= ~(1u << vector % WordBits);
        WriteConfiguration(EnableRegister + vector / WordBits * 4, s_enabled[vector / WordBits]);
    }

    /// <summary>Takes a line that interrupts. It is acknowledged at once, so that a message that comes from now on counts; a pin, which stays up, is held back until <see cref="Complete"/>.</summary>
    /// <returns>-1 when there is none.</returns>
    // SAFETY: the block is this CPU's; interrupts are off.
    [InterruptSafe]
    public static int Claim()
    {
        for (int i = 0; i < VectorCount / WordBits; i++)
        {
            uint pending = ReadConfiguration(PendingRegister + i * 4);
            if (pending != 0)
            {
                int bit = BitOperations.TrailingZeroCount(pending);
                int vector = i * WordBits + bit;
                if (IsPin(vector))
                {
                    ChangePinMask(vector, isMasked: true);
                }

                WriteConfiguration(PendingRegister + i * 4, 1u << bit);
                *(int*)(ThisCpu.Block + PerCpuLayout.ClaimedLine) = vector + 1;
                return vector;
            }
        }

        return -1;
    }

    /// <summary>Ends what <see cref="Claim"/> began on this CPU, if it did. A line that its handler masked stays so.</summary>
    [InterruptSafe]
    public static void Complete()
    {
        // SAFETY: as above.
        int* claimed = (int*)(ThisCpu.Block + PerCpuLayout.ClaimedLine);
        int vector = *claimed - 1;
        *claimed = 0;
        if (vector >= 0 && IsPin(vector) && (s_enabled[vector / WordBits] >> vector % WordBits & 1) != 0)
        {
            ChangePinMask(vector, isMasked: false);
        }
    }

    // Pins change on the CPU that booted in its handlers, and elsewhere under the lock of OSTD's lines.
    [InterruptSafe]
    private static void ChangePinMask(int pin, bool isMasked)
    {
        uint mask = DeviceRegisters.ReadUInt32(PinMask);
        DeviceRegisters.WriteUInt32(PinMask, isMasked ? mask | 1u << pin : mask & ~(1u << pin));
    }

    [InterruptSafe]
    private static void WriteConfiguration(int register, uint value) => WriteIoConfiguration(register, value);

    [InterruptSafe]
    private static uint ReadConfiguration(int register) => (uint)ReadIoConfiguration(register);

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchWriteIoConfiguration")]
    [InterruptSafe]
    private static extern void WriteIoConfiguration(nint register, nuint value);

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchReadIoConfiguration")]
    [InterruptSafe]
    private static extern nuint ReadIoConfiguration(nint register);
}
