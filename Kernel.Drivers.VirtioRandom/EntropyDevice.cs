// SPDX-License-Identifier: MPL-2.0
using System;
using System.Threading;
using Kernel.Abstractions;
using Kernel.Abstractions.Devices;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Ostd.Devices;
using Ostd.Memory;
using Ostd.Sync;
using Ostd.Time;
using Mutex = Ostd.Sync.Mutex;
using SpinLock = Ostd.Sync.SpinLock;

namespace Kernel.Drivers.VirtioRandom;

/// <summary>One entropy device. It has one buffer, which it fills when somebody reads; a reader that a signal takes away leaves the request for the next one.</summary>
internal sealed class EntropyDevice(IVirtioDevice device, DmaCoherent buffer) : IVirtqueueHandler, ICharacterDevice
{
    /// <summary>Bytes asked for at a time.</summary>
    public const int BufferLength = 256;

    private readonly Mutex _readers = new();
    private readonly WaitQueue _done = new();
    private readonly SpinLock _lock = new();
    private IVirtqueue _queue = null!;

    // The device has the buffer. Set under the readers' mutex, taken back by the interrupt handler.
    private int _isPending;

    // Bytes of the buffer that are filled, and of these the ones given out. Under the readers' mutex while nothing is pending.
    private int _filled;
    private int _taken;

    /// <summary>Completes the object, before the device starts.</summary>
    public void Attach(IVirtqueue queue) => _queue = queue;

    /// <inheritdoc/>
    public Result<OpenFile> Open(Inode node, DeviceNumber number, OpenFlags flags, IThread? thread) => new EntropyFile(node, flags, this);

    /// <summary>Reads random bytes until the destination is full.</summary>
    /// <param name="destination">Where they go.</param>
    /// <param name="timeoutNs">How long to wait for the device at most, for each buffer; <see cref="WaitQueue.Forever"/>.</param>
    /// <returns>Bytes read; <see cref="Errno.RestartIfHandlerAllows"/>, EIO, ETIMEDOUT or EFAULT when there are none.</returns>
    public Result<int> Read(ref VmWriter destination, long timeoutNs)
    {
        using var guard = _readers.Acquire();
        var total = 0;
        while (destination.Remaining > 0)
        {
            var error = EnsureFilled(timeoutNs);
            if (error != Errno.Success)
            {
                return total > 0 ? total : error;
            }

            var count = Math.Min(_filled - _taken, destination.Remaining);
            var reader = buffer.Reader(_taken, count);
            var copied = reader.CopyTo(ref destination);

            // No byte is given out twice, not even one that could not be copied.
            _taken += count;
            total += copied;
            if (copied < count)
            {
                return total > 0 ? total : Errno.EFAULT;
            }
        }

        return total;
    }

    /// <inheritdoc/>
    public void OnUsed(IVirtqueue queue)
    {
        using (_lock.AcquireIrqSafe())
        {
            if (_queue.TryTake(out _, out var length))
            {
                // Section 5.4.6: at least one byte.
                if (length == 0)
                {
                    device.Fail("gave no random bytes");
                    return;
                }

                _filled = (int)length;
                _taken = 0;
                Volatile.Write(ref _isPending, 0);
            }
        }

        _done.WakeAll();
    }

    /// <inheritdoc/>
    public void OnBroken(bool isQuiet) => _done.WakeAll();

    private Errno EnsureFilled(long timeoutNs)
    {
        if (Volatile.Read(ref _isPending) == 0 && _taken < _filled)
        {
            return Errno.Success;
        }

        if (Volatile.Read(ref _isPending) == 0)
        {
            using var guard = _lock.AcquireIrqSafe();
            _isPending = 1;
            if (!_queue.TryAdd([VirtioBuffer.FromDevice(buffer, 0, BufferLength)], 0))
            {
                _isPending = 0;
                return Errno.EIO;
            }

            _queue.Kick();
        }

        var deadline = timeoutNs == WaitQueue.Forever ? timeoutNs : Clock.MonotonicNs + timeoutNs;
        var result = _done.WaitInterruptible(this, static self => Volatile.Read(ref self._isPending) == 0 || self.IsBroken, deadline);
        return result switch
        {
            WaitResult.Interrupted => Errno.RestartIfHandlerAllows,
            WaitResult.TimedOut => Errno.ETIMEDOUT,
            _ => IsBroken ? Errno.EIO : Errno.Success,
        };
    }

    private bool IsBroken => device.IsBroken;
}
