// SPDX-License-Identifier: MPL-2.0
using System.Threading;
using Ostd;
using Ostd.Devices;
using Ostd.Sync;

namespace Kernel.Abstractions.Block;

/// <summary>What a request asks of a disk.</summary>
public enum BlockOperation
{
    /// <summary>From the disk into the request's memory.</summary>
    Read,

    /// <summary>From the request's memory to the disk.</summary>
    Write,

    /// <summary>What was written before is on the medium when this is done.</summary>
    Flush,
}

/// <summary>One transfer between a disk and memory. It has its memory for good and is used again and again, so that a transfer allocates nothing.</summary>
public sealed class BlockRequest(DmaCoherent buffer)
{
    private readonly WaitQueue _waiters = new();
    private int _isDone;
    private Errno _error;

    /// <summary>The data; it begins at offset 0.</summary>
    public DmaCoherent Buffer { get; } = buffer;

    /// <summary>What is to be done.</summary>
    [InterruptSafe]
    public BlockOperation Operation { get; private set; }

    /// <summary>Where, in units of 512 bytes whatever the disk's blocks are.</summary>
    public long Sector { get; private set; }

    /// <summary>Bytes; a multiple of the disk's blocks. 0 for <see cref="BlockOperation.Flush"/>.</summary>
    [InterruptSafe]
    public int Length { get; private set; }

    /// <summary>The disk may still read and write the memory, at any time: neither it nor the request may be used again.</summary>
    public bool IsAbandoned { get; private set; }

    /// <summary>Fills the request in, by its owner.</summary>
    public void Prepare(BlockOperation operation, long sector, int length)
    {
        Operation = operation;
        Sector = sector;
        Length = length;
        Volatile.Write(ref _isDone, 0);
    }

    /// <summary>The transfer is over. By the driver, once; in any context.</summary>
    [InterruptSafe]
    public void Complete(Errno error)
    {
        _error = error;
        Volatile.Write(ref _isDone, 1);
        _waiters.WakeOne();
    }

    /// <summary>The transfer has failed, and nothing proves that the disk leaves the memory alone from now on. By the driver, in place of <see cref="Complete"/>.</summary>
    public void Abandon()
    {
        IsAbandoned = true;
        Complete(Errno.EIO);
    }

    /// <summary>Waits until the transfer is over, or time is up; signals do not end it, since the device still has the memory.</summary>
    /// <param name="deadlineNs">When, on <see cref="Ostd.Time.Clock.MonotonicNs"/>.</param>
    /// <returns>False when it is not over.</returns>
    public bool TryWait(long deadlineNs) => _waiters.WaitUntil(this, static request => Volatile.Read(ref request._isDone) != 0, deadlineNs);

    /// <summary>Waits until the transfer is over; signals do not end it, since the device still has the memory.</summary>
    /// <returns>How it ended.</returns>
    public Errno Wait()
    {
        _waiters.Wait(this, static request => Volatile.Read(ref request._isDone) != 0);
        return _error;
    }
}
