// SPDX-License-Identifier: MPL-2.0
using Ostd.Boot;
using Ostd.Tasks;

namespace Ostd.Sync;

/// <summary>
/// A sleeping readers-writer lock. Who waits is served first in, first out: readers queue behind a waiting writer, so that writers are not starved. Not recursive, not even for readers.
/// </summary>
public sealed partial class RwMutex
{
    private RawSpinLock _lock;
    private WaiterList _waiters;

    // Number of readers, or -1 with a writer. Guarded by _lock, as the list.
    private int _holders;

    public RwMutexReadGuard AcquireRead()
    {
        Acquire(isWriter: false);
        return new RwMutexReadGuard(this);
    }

    public RwMutexWriteGuard AcquireWrite()
    {
        Acquire(isWriter: true);
        return new RwMutexWriteGuard(this);
    }

    internal void Release(bool isWriter)
    {
        OnRelease();
        bool wereEnabled = _lock.Enter();
        if (isWriter ? _holders >= 0 : _holders <= 0)
        {
            // A copy of a guard that was disposed already.
            Panic.Halt("a readers-writer mutex is released that is not held");
        }

        _holders = isWriter ? 0 : _holders - 1;
        bool hasWoken = GrantLocked();
        _lock.Exit(wereEnabled);
        if (hasWoken)
        {
            Scheduler.PreemptIfAllowed();
        }
    }

    private void Acquire(bool isWriter)
    {
        AtomicMode.MightSleep();
        OnTake(0);
        bool wereEnabled = _lock.Enter();
        if (_waiters.IsEmpty && (isWriter ? _holders == 0 : _holders >= 0))
        {
            _holders = isWriter ? -1 : _holders + 1;
            _lock.Exit(wereEnabled);
            return;
        }

        Task current = Task.Current;
        Waiter waiter = current.RentWaiter();
        waiter.IsWriter = isWriter;
        waiter.IsWoken = false;
        _waiters.Append(waiter);
        _lock.Exit(wereEnabled);

        current.IsInUninterruptibleWait = true;

        // Whoever wakes has granted the lock already.
        Scheduler.PrepareToSleep(current);
        while (!waiter.IsWoken)
        {
            Scheduler.Sleep(current);
            Scheduler.PrepareToSleep(current);
        }

        Scheduler.CancelSleep(current);
        current.IsInUninterruptibleWait = false;
        current.ReturnWaiter(waiter);
    }

    // For debug kernels (LockOrder); elsewhere the calls are not compiled.
    partial void OnTake(int subclass);

    partial void OnRelease();

    private bool GrantLocked()
    {
        bool hasWoken = false;
        while (_waiters.First is Waiter first && (first.IsWriter ? _holders == 0 : _holders >= 0))
        {
            _waiters.Remove(first);
            _holders = first.IsWriter ? -1 : _holders + 1;
            first.IsWoken = true;
            Scheduler.Wake(first.Task);
            hasWoken = true;
        }

        return hasWoken;
    }
}

/// <summary>Proof that an <see cref="RwMutex"/> is held for reading.</summary>
public ref struct RwMutexReadGuard
{
    private RwMutex? _mutex;

    internal RwMutexReadGuard(RwMutex mutex) => _mutex = mutex;

    public void Dispose()
    {
        RwMutex? held = _mutex;
        _mutex = null;
        held?.Release(isWriter: false);
    }
}

/// <summary>Proof that an <see cref="RwMutex"/> is held for writing.</summary>
public ref struct RwMutexWriteGuard
{
    private RwMutex? _mutex;

    internal RwMutexWriteGuard(RwMutex mutex) => _mutex = mutex;

    public void Dispose()
    {
        RwMutex? held = _mutex;
        _mutex = null;
        held?.Release(isWriter: true);
    }
}
