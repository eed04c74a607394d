// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using Ostd.Arch;

namespace Ostd.Devices;

/// <summary>A device that the firmware describes (a device tree's node): its registers and its interrupt. What a driver may have of it is decided when it asks.</summary>
public sealed class PlatformDevice
{
    private readonly int _line;

    private PlatformDevice(ulong address, ulong length, int line)
    {
        Address = address;
        Length = length;
        _line = line;
    }

    /// <summary>Physical address of the registers.</summary>
    public ulong Address { get; }

    /// <summary>Their length in bytes.</summary>
    public ulong Length { get; }

    /// <summary>Finds all devices of a kind, in the order of their addresses; on a PC none.</summary>
    /// <param name="compatible">What the driver is for (Devicetree Specification 0.4, section 2.3.1): <c>"ns16550a"u8</c>.</param>
    public static IReadOnlyList<PlatformDevice> Find(ReadOnlySpan<byte> compatible)
    {
        List<PlatformDevice> found = [];
        while (PlatformDevices.TryGet(compatible, found.Count, out ulong address, out ulong length, out int line))
        {
            found.Add(new PlatformDevice(address, length, line));
        }

        return found;
    }

    /// <summary>Takes the registers.</summary>
    /// <returns>False where <see cref="IoMem.TryAcquire"/> says no.</returns>
    public bool TryAcquireRegisters([NotNullWhen(true)] out IoMem? registers)
    {
        registers = null;
        return Length <= int.MaxValue && IoMem.TryAcquire(Address, (int)Length, out registers);
    }

    /// <summary>Takes the interrupt line.</summary>
    /// <returns>False when there is none or it is taken.</returns>
    public bool TryAcquireInterrupt([NotNullWhen(true)] out IrqLine? line) => IrqLine.TryAcquire(_line, out line);
}
