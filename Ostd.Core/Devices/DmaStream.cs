// SPDX-License-Identifier: MPL-2.0
using System;
using System.Threading;
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
/// Lends a frame to a device for one transfer at a time. The object is used again and again, so that a transfer allocates nothing. While it is mapped the framework itself keeps the frame, so that
/// releasing handles to it too often gives the device no page of another owner's; the driver unmaps it when the device has said that it is done.
/// </summary>
/// <remarks>
/// Devices of the architectures so far see the CPU's caches: synchronising is a matter of order alone. With an IOMMU a device has the rights of the direction from <see cref="Map"/> to the end of
/// <see cref="Unmap"/>, and no longer; without one, a device that goes on after <see cref="Unmap"/> writes into whatever the page has become.
/// </remarks>
public sealed class DmaStream
{
    private const int Free = 0;
    private const int Changing = 1;
    private const int Mapped = 2;

    private Frame _frame;
    private DmaDirection _direction;
    private int _state;

    /// <summary>A frame is lent out.</summary>
    public bool IsMapped => Volatile.Read(ref _state) == Mapped;

    /// <summary>The address by which the device reaches the frame's first byte.</summary>
    /// <exception cref="InvalidOperationException">Nothing is mapped.</exception>
    public ulong DeviceAddress => IsMapped ? _frame.PhysicalAddress : throw new InvalidOperationException("No frame is mapped for the device.");

    /// <summary>Lends a frame.</summary>
    /// <exception cref="InvalidOperationException">One is lent already, the handle is stale, or the frame is lent by 65535 others.</exception>
    public void Map(Frame frame, DmaDirection direction)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)direction, (uint)DmaDirection.Both, nameof(direction));
        if (Interlocked.CompareExchange(ref _state, Changing, Free) != Free)
        {
            throw new InvalidOperationException("A frame is mapped for the device already.");
        }

        try
        {
            frame.Pin();
        }
        catch (InvalidOperationException)
        {
            Volatile.Write(ref _state, Free);
            throw;
        }

        if (!Iommu.TryLend(frame, direction))
        {
            frame.Unpin();
            Volatile.Write(ref _state, Free);
            throw new InvalidOperationException("The frame is lent too often.");
        }

        _frame = frame;
        _direction = direction;
        Interlocked.Exchange(ref _state, Mapped);
    }

    /// <summary>Makes what the device has written visible to the CPU.</summary>
    /// <exception cref="InvalidOperationException">Nothing is mapped, or for the other direction alone.</exception>
    public void SyncFromDevice() => Sync(DmaDirection.ToDevice);

    /// <summary>Makes what the CPU has written visible to the device.</summary>
    /// <exception cref="InvalidOperationException">Nothing is mapped, or for the other direction alone.</exception>
    public void SyncToDevice() => Sync(DmaDirection.FromDevice);

    /// <summary>Takes the frame back from the device and gives the reference up.</summary>
    /// <exception cref="InvalidOperationException">Nothing is mapped.</exception>
    public void Unmap()
    {
        if (Interlocked.CompareExchange(ref _state, Changing, Mapped) != Mapped)
        {
            throw new InvalidOperationException("No frame is mapped for the device.");
        }

        // The reference goes last: until the IOMMU has taken the page from the device, it must not become anything else.
        Frame frame = _frame;
        Iommu.TakeBack(frame, _direction);
        _frame = default;
        Volatile.Write(ref _state, Free);
        frame.Unpin();
    }

    private void Sync(DmaDirection wrong)
    {
        if (!IsMapped || _direction == wrong)
        {
            throw new InvalidOperationException("No frame is mapped for this direction.");
        }

        Interlocked.MemoryBarrier();
    }
}
