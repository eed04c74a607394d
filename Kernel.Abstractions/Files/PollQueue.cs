// SPDX-License-Identifier: MPL-2.0
using System;
using System.Threading;
using Ostd.Sync;
using SpinLock = Ostd.Sync.SpinLock;

namespace Kernel.Abstractions.Files;

/// <summary>Readiness bits (man 2 poll, epoll_ctl).</summary>
[Flags]
public enum PollEvents : uint
{
    None = 0,
    POLLIN = 0x1,
    POLLPRI = 0x2,
    POLLOUT = 0x4,
    POLLERR = 0x8,
    POLLHUP = 0x10,
    POLLNVAL = 0x20,
    POLLRDNORM = 0x40,
    POLLRDBAND = 0x80,
    POLLWRNORM = 0x100,
    POLLWRBAND = 0x200,
    POLLRDHUP = 0x2000,

    /// <summary>Readable, both names.</summary>
    Readable = POLLIN | POLLRDNORM,

    /// <summary>Writable, both names.</summary>
    Writable = POLLOUT | POLLWRNORM,
}

/// <summary>Told when a file may have become ready. Called in any context that may notify: must not sleep or allocate.</summary>
public interface IPollObserver
{
    void OnReady(PollEvents events);
}

/// <summary>
/// The wait queue of a file: tasks blocked in read or write, and the observers of poll, select and epoll. Whoever changes readiness calls <see cref="Notify"/> after the change.
/// </summary>
public sealed class PollQueue
{
    private readonly SpinLock _lock = new();
    private readonly WaitQueue _waiters = new();
    private IPollObserver[] _observers = [];
    private int _count;

    /// <summary>Adds an observer; the same one may be added more than once.</summary>
    public void Register(IPollObserver observer)
    {
        while (true)
        {
            IPollObserver[]? larger = null;
            if (_count == _observers.Length)
            {
                // Allocated before the lock is taken: allocation may collect.
                larger = new IPollObserver[Math.Max(4, _observers.Length * 2)];
            }

            using var guard = _lock.AcquireIrqSafe();
            if (_count == _observers.Length)
            {
                if (larger is null || larger.Length <= _count)
                {
                    continue;
                }

                Array.Copy(_observers, larger, _count);
                _observers = larger;
            }

            _observers[_count++] = observer;

            // Seen by others before the caller looks whether the file is ready. Pairs with the fence in Notify.
            Interlocked.MemoryBarrier();
            return;
        }
    }

    /// <summary>Removes one registration of the observer. No call to it is under way once this returns.</summary>
    public void Unregister(IPollObserver observer)
    {
        using var guard = _lock.AcquireIrqSafe();
        for (var i = 0; i < _count; i++)
        {
            if (ReferenceEquals(_observers[i], observer))
            {
                _observers[i] = _observers[--_count];
                _observers[_count] = null!;
                return;
            }
        }
    }

    /// <summary>Wakes the waiting tasks and tells the observers.</summary>
    public void Notify(PollEvents events)
    {
        // The change of readiness may have been a plain write: it is seen by others before the observers are looked for.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _count) != 0)
        {
            // An observer may pass it on to a queue of its own. Queues are watched without circles: a socket watches channels, an epoll instance files and, as EventPollTopology sees to, instances below it.
            using var guard = _lock.AcquireIrqSafeInOrder();
            for (var i = 0; i < _count; i++)
            {
                _observers[i].OnReady(events);
            }
        }

        _waiters.WakeAll();
    }

    /// <summary>Wakes the waiting tasks alone.</summary>
    public void WakeWaiters() => _waiters.WakeAll();

    /// <summary>Sleeps until the condition holds; see <see cref="WaitQueue.WaitInterruptible{TState}"/>.</summary>
    public WaitResult Wait<TState>(TState state, Func<TState, bool> condition, long deadlineNs = WaitQueue.Forever)
        => _waiters.WaitInterruptible(state, condition, deadlineNs);
}
