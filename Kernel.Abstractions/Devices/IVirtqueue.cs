// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd;
using Ostd.Devices;

namespace Kernel.Abstractions.Devices;

/// <summary>A part of memory that goes into a queue.</summary>
public readonly struct VirtioBuffer
{
    [InterruptSafe]
    private VirtioBuffer(ulong deviceAddress, uint length, bool isDeviceWritten)
    {
        DeviceAddress = deviceAddress;
        Length = length;
        IsDeviceWritten = isDeviceWritten;
    }

    /// <summary>Where the device finds it.</summary>
    public ulong DeviceAddress { get; }

    /// <summary>Bytes.</summary>
    public uint Length { get; }

    /// <summary>The device writes it; else it reads it.</summary>
    public bool IsDeviceWritten { get; }

    /// <summary>Memory that the device reads.</summary>
    [InterruptSafe]
    public static VirtioBuffer ToDevice(DmaCoherent memory, int offset, int length) => Of(memory, offset, length, isDeviceWritten: false);

    /// <summary>Memory that the device writes.</summary>
    public static VirtioBuffer FromDevice(DmaCoherent memory, int offset, int length) => Of(memory, offset, length, isDeviceWritten: true);

    [InterruptSafe]
    private static VirtioBuffer Of(DmaCoherent memory, int offset, int length, bool isDeviceWritten)
    {
        ArgumentNullException.ThrowIfNull(memory);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, memory.Length - length);
        return new VirtioBuffer(memory.DeviceAddress + (uint)offset, (uint)length, isDeviceWritten);
    }
}

/// <summary>A queue of a virtio device (VIRTIO 1.2, section 2.6). Callers take turns: one lock of theirs goes with each queue. Nothing here allocates or sleeps.</summary>
public interface IVirtqueue
{
    /// <summary>Its number.</summary>
    int Index { get; }

    /// <summary>Entries: as many buffers can be with the device at a time.</summary>
    int Size { get; }

    /// <summary>Entries that are free.</summary>
    int FreeCount { get; }

    /// <summary>Gives buffers to the device, as one request: those that it reads first, then those that it writes. It may wait with them for <see cref="Kick"/>.</summary>
    /// <param name="buffers">At least one.</param>
    /// <param name="token">What <see cref="TryTake"/> tells when the device is done.</param>
    /// <returns>False when there are not enough free entries, or the device is broken.</returns>
    [InterruptSafe]
    bool TryAdd(ReadOnlySpan<VirtioBuffer> buffers, int token);

    /// <summary>Tells the device that there is something in the queue, if it wants to know.</summary>
    [InterruptSafe]
    void Kick();

    /// <summary>Takes the next request that the device has done.</summary>
    /// <param name="token">The request.</param>
    /// <param name="length">Bytes that the device says it has written: not more than the request's buffers have, but not necessarily true.</param>
    /// <returns>False when there is none, or the device is broken.</returns>
    [InterruptSafe]
    bool TryTake(out int token, out uint length);
}
