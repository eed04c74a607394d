// SPDX-License-Identifier: MPL-2.0
using Ostd.Boot;
using Ostd.Tasks;

namespace Ostd.Sync;

/// <summary>
/// A sleeping readers-writer lock: many readers, or one writer, or readers beside one upgradeable reader. Who waits is served first in, first out: readers queue behind a waiting writer, so that writers are not
/// starved. Not recursive, not even for readers. Not in interrupt handlers or atomic mode.
/// </summary>
public sealed partial class RwMutex
{
    private RawSpinLock _lock;

    // What follows is guarded by _lock.
    private WaiterList _waiters;

    // Number of readers but for the upgradeable one, or -1 with a writer: that may be the upgradeable reader.
    private int _holders;
    private Task? _upgradeable;
    private Waiter? _upgrading;

    /// <summary>Acquires for reading, beside other readers; sleeps while a writer holds it or waits. Panics in atomic mode.</summary>
    public RwMutexReadGuard AcquireRead()
    {
        Acquire(RwMutexAccess.Read);
        return new RwMutexReadGuard(this);
    }

    /// <summary>Acquires for writing, alone; sleeps until all others are gone. Panics in atomic mode.</summary>
    public RwMutexWriteGuard AcquireWrite()
    {
        Acquire(RwMutexAccess.Write);
        return new RwMutexWriteGuard(this);
    }

    /// <summary>Acquires for reading, beside other readers but no second upgradeable one: <see cref="RwMutexUpgradeableGuard.Upgrade"/> makes it a writer without letting another one in between.</summary>
    public RwMutexUpgradeableGuard AcquireUpgradeable()
    {
        Acquire(RwMutexAccess.Upgradeable);
        return new RwMutexUpgradeableGuard(this);
    }

    internal void Release(RwMutexAccess access)
    {
        OnRelease();
        bool wereEnabled = _lock.Enter();
        if (!IsHeldLocked(access))
        {
            // A copy of a guard that was disposed already.
            Panic.Halt("a readers-writer mutex is released that is not held");
        }

        _holders = _holders < 0 ? 0 : access == RwMutexAccess.Read ? _holders - 1 : _holders;
        _upgradeable = access == RwMutexAccess.Upgradeable ? null : _upgradeable;
        GrantAndExit(wereEnabled);
    }

    internal void Upgrade()
    {
        AtomicMode.MightSleep();
        Task current = Task.Current;
        Waiter waiter = current.RentWaiter();
        waiter.IsWoken = false;
        bool wereEnabled = _lock.Enter();
        CheckUpgradeableLocked(current, isWriter: false);
        bool hasToWait = _holders != 0;
        if (hasToWait)
        {
            _upgrading = waiter;
        }
        else
        {
            _holders = -1;
        }

        _lock.Exit(wereEnabled);
        if (hasToWait)
        {
            SleepUntilGranted(current, waiter);
        }

        current.ReturnWaiter(waiter);
    }

    internal void Downgrade()
    {
        bool wereEnabled = _lock.Enter();
        CheckUpgradeableLocked(Task.Current, isWriter: true);
        _holders = 0;
        GrantAndExit(wereEnabled);
    }

    private void Acquire(RwMutexAccess access)
    {
        AtomicMode.MightSleep();
        OnTake(0);
        Task current = Task.Current;
        bool wereEnabled = _lock.Enter();
        if (_waiters.IsEmpty && IsGrantableLocked(access))
        {
            GrantLocked(access, current);
            _lock.Exit(wereEnabled);
            return;
        }

        Waiter waiter = current.RentWaiter();
        waiter.Access = access;
        waiter.IsWoken = false;
        _waiters.Append(waiter);
        _lock.Exit(wereEnabled);
        SleepUntilGranted(current, waiter);
        current.ReturnWaiter(waiter);
    }

    // Whoever wakes has granted the lock already.
    private static void SleepUntilGranted(Task current, Waiter waiter)
    {
        current.IsInUninterruptibleWait = true;
        Scheduler.PrepareToSleep(current);
        while (!waiter.IsWoken)
        {
            Scheduler.Sleep(current);
            Scheduler.PrepareToSleep(current);
        }

        Scheduler.CancelSleep(current);
        current.IsInUninterruptibleWait = false;
    }

    // For debug kernels (LockOrder); elsewhere the calls are not compiled.
    partial void OnTake(int subclass);

    partial void OnRelease();

    private bool IsHeldLocked(RwMutexAccess access) => access switch
    {
        RwMutexAccess.Read => _holders > 0,
        RwMutexAccess.Write => _holders < 0 && _upgradeable is null,
        _ => _upgradeable == Task.Current,
    };

    private void CheckUpgradeableLocked(Task current, bool isWriter)
    {
        if (_upgradeable != current || _holders < 0 != isWriter)
        {
            Panic.Halt("a readers-writer mutex is upgraded or downgraded that is not held for that");
        }
    }

    // Readers that come while the upgradeable one waits would keep it waiting.
    private bool IsGrantableLocked(RwMutexAccess access) => access switch
    {
        RwMutexAccess.Read => _holders >= 0 && _upgrading is null,
        RwMutexAccess.Write => _holders == 0 && _upgradeable is null,
        _ => _holders >= 0 && _upgradeable is null,
    };

    private void GrantLocked(RwMutexAccess access, Task task)
    {
        switch (access)
        {
            case RwMutexAccess.Read:
                _holders++;
                break;
            case RwMutexAccess.Write:
                _holders = -1;
                break;
            default:
                _upgradeable = task;
                break;
        }
    }

    private void GrantAndExit(bool wereEnabled)
    {
        bool hasWoken = false;
        if (_holders == 0 && _upgrading is Waiter upgrading)
        {
            _upgrading = null;
            _holders = -1;
            WakeLocked(upgrading);
            hasWoken = true;
        }

        while (_waiters.First is Waiter first && IsGrantableLocked(first.Access))
        {
            _waiters.Remove(first);
            GrantLocked(first.Access, first.Task);
            WakeLocked(first);
            hasWoken = true;
        }

        _lock.Exit(wereEnabled);
        if (hasWoken)
        {
            Scheduler.PreemptIfAllowed();
        }
    }

    private static void WakeLocked(Waiter waiter)
    {
        waiter.IsWoken = true;
        Scheduler.Wake(waiter.Task);
    }
}
