// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Arch;

namespace Ostd.Hosting;

/// <summary>The hosted machine's memory as a device sees it: any address, whether or not the kernel meant it to have it.</summary>
// SAFETY: every range is checked against the machine's memory. What lies there is the test's affair: it plays the device.
public static unsafe class DeviceBus
{
    /// <summary>The device reads memory.</summary>
    public static void Read(ulong address, Span<byte> destination) => new Span<byte>(At(address, destination.Length), destination.Length).CopyTo(destination);

    /// <summary>The device writes memory.</summary>
    public static void Write(ulong address, ReadOnlySpan<byte> source) => source.CopyTo(new Span<byte>(At(address, source.Length), source.Length));

    private static byte* At(ulong address, int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(address, PhysicalMap.SizeBytes - (ulong)length);
        return PhysicalMap.ToPointer(address);
    }
}
