// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Ostd.Memory;
using Ostd.Sync;

namespace Kernel.Events;

/// <summary>A counter with a descriptor (man 2 eventfd).</summary>
internal sealed class EventFd(Inode inode, OpenFlags flags, ulong count, bool isSemaphore) : OpenFile(inode, flags)
{
    /// <summary>The counter holds at most one less than all bits.</summary>
    private const ulong MaxCount = ulong.MaxValue - 1;

    private readonly SpinLock _lock = new();
    private readonly PollQueue _queue = new();
    private ulong _count = count;

    public override Result<int> Read(ref VmWriter destination)
    {
        if (destination.Remaining < sizeof(ulong))
        {
            return Errno.EINVAL;
        }

        ulong value;
        while (!TryTake(out value))
        {
            if (IsNonBlocking)
            {
                return Errno.EAGAIN;
            }

            if (_queue.Wait(this, static file => file._count != 0) == WaitResult.Interrupted)
            {
                return Errno.RestartIfHandlerAllows;
            }
        }

        _queue.Notify(PollEvents.Writable);
        return destination.TryWrite(in value) ? sizeof(ulong) : Errno.EFAULT;
    }

    public override Result<int> Write(ref VmReader source)
    {
        if (source.Remaining < sizeof(ulong))
        {
            return Errno.EINVAL;
        }

        if (!source.TryRead<ulong>(out var value))
        {
            return Errno.EFAULT;
        }

        if (value == ulong.MaxValue)
        {
            return Errno.EINVAL;
        }

        while (!TryAdd(value))
        {
            if (IsNonBlocking)
            {
                return Errno.EAGAIN;
            }

            if (_queue.Wait((File: this, Value: value), static s => s.File._count <= MaxCount - s.Value) == WaitResult.Interrupted)
            {
                return Errno.RestartIfHandlerAllows;
            }
        }

        _queue.Notify(PollEvents.Readable);
        return sizeof(ulong);
    }

    public override PollEvents Poll(IPollObserver? observer)
    {
        if (observer is not null)
        {
            _queue.Register(observer);
        }

        using var guard = _lock.Acquire();
        return (_count > 0 ? PollEvents.POLLIN : PollEvents.None) | (_count < MaxCount ? PollEvents.POLLOUT : PollEvents.None);
    }

    public override void StopPolling(IPollObserver observer) => _queue.Unregister(observer);

    private bool TryTake(out ulong value)
    {
        using var guard = _lock.Acquire();
        value = isSemaphore && _count > 0 ? 1 : _count;
        _count -= value;
        return value != 0;
    }

    private bool TryAdd(ulong value)
    {
        using var guard = _lock.Acquire();
        if (value > MaxCount - _count)
        {
            return false;
        }

        _count += value;
        return true;
    }
}
