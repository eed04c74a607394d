// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Memory;

namespace Ostd.Devices;

/// <summary>Who writes to memory that a device has been given.</summary>
public enum DmaDirection
{
    /// <summary>The device reads.</summary>
    ToDevice,

    /// <summary>The device writes.</summary>
    FromDevice,

    /// <summary>Both.</summary>
    Both,
}

/// <summary>
/// Lends a frame to a device for one transfer at a time. The object is used again and again, so that a transfer allocates nothing. The frame stays referenced while it is mapped; the driver unmaps it when the
/// device has said that it is done. Calls for one object must not overlap.
/// </summary>
/// <remarks>Devices of the architectures so far see the CPU's caches, and there is no remapping: an address is a physical one and synchronising is a matter of order alone.</remarks>
public sealed class DmaStream
{
    private Frame _frame;
    private DmaDirection _direction;

    /// <summary>A frame is lent out.</summary>
    public bool IsMapped => !_frame.IsNull;

    /// <summary>The address by which the device reaches the frame's first byte.</summary>
    /// <exception cref="InvalidOperationException">Nothing is mapped.</exception>
    public ulong DeviceAddress => IsMapped ? _frame.PhysicalAddress : throw new InvalidOperationException("No frame is mapped for the device.");

    /// <summary>Lends a frame.</summary>
    /// <exception cref="InvalidOperationException">One is lent already, or the handle is stale.</exception>
    public void Map(Frame frame, DmaDirection direction)
    {
        if (IsMapped)
        {
            throw new InvalidOperationException("A frame is mapped for the device already.");
        }

        _frame = frame.Share();
        _direction = direction;
        System.Threading.Interlocked.MemoryBarrier();
    }

    /// <summary>Makes what the device has written visible to the CPU.</summary>
    /// <exception cref="InvalidOperationException">Nothing is mapped, or for the other direction alone.</exception>
    public void SyncFromDevice() => Sync(DmaDirection.ToDevice);

    /// <summary>Makes what the CPU has written visible to the device.</summary>
    /// <exception cref="InvalidOperationException">Nothing is mapped, or for the other direction alone.</exception>
    public void SyncToDevice() => Sync(DmaDirection.FromDevice);

    /// <summary>Takes the frame back and gives the reference up.</summary>
    /// <exception cref="InvalidOperationException">Nothing is mapped.</exception>
    public void Unmap()
    {
        if (!IsMapped)
        {
            throw new InvalidOperationException("No frame is mapped for the device.");
        }

        Frame frame = _frame;
        _frame = default;
        frame.Release();
    }

    private void Sync(DmaDirection wrong)
    {
        if (!IsMapped || _direction == wrong)
        {
            throw new InvalidOperationException("No frame is mapped for this direction.");
        }

        System.Threading.Interlocked.MemoryBarrier();
    }
}
