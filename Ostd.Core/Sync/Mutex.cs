// SPDX-License-Identifier: MPL-2.0
using System.Runtime.CompilerServices;
using System.Threading;
using Ostd.Boot;
using Ostd.Tasks;

namespace Ostd.Sync;

/// <summary>
/// A sleeping lock, not recursive. Not in interrupt handlers or atomic mode.
/// </summary>
/// <remarks>
/// Uncontended, it is one compare-exchange. Waiters queue first in, first out; a newcomer may overtake a waiter that has just been woken, but after a waiter
/// has lost the race twice, the lock is handed over to it.
/// </remarks>
public sealed partial class Mutex
{
    private const int Free = 0;
    private const int Held = 1;
    private const int HeldWithWaiters = 2;
    private const int AttemptsBeforeHandOver = 2;

    private int _state;
    private RawSpinLock _lock;
    private WaiterList _waiters;
    private Task? _owner;

    /// <summary>Acquires the lock, sleeping while another task holds it.</summary>
    public MutexGuard Acquire()
    {
        OnTake(0);
        return AcquireCore();
    }

    /// <summary>Acquires the lock while another one that was made at the same place is held.</summary>
    /// <param name="level">
    /// What tells the two apart to debug kernels, which check the order of locks: 0 is the outermost, as with <see cref="Acquire"/>, and up to 3 more may follow inside. The caller knows an order between the locks
    /// that all keep, such as parent before child.
    /// </param>
    public MutexGuard AcquireNested(int level)
    {
        OnTake(level);
        return AcquireCore();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private MutexGuard AcquireCore()
    {
        AtomicMode.MightSleep();
        Task current = Task.Current;
        if (Interlocked.CompareExchange(ref _state, Held, Free) != Free)
        {
            AcquireSlow(current);
        }

        _owner = current;
        return new MutexGuard(this);
    }

    /// <summary>Acquires the lock if nobody holds it.</summary>
    /// <returns>False when it is held; the guard is then empty.</returns>
    public bool TryAcquire(out MutexGuard guard)
    {
        if (Interlocked.CompareExchange(ref _state, Held, Free) != Free)
        {
            guard = default;
            return false;
        }

        OnTakenWithoutWait();
        _owner = Task.Current;
        guard = new MutexGuard(this);
        return true;
    }

    /// <summary>True while the current task holds it; for assertions.</summary>
    public bool IsHeldByCurrent => Volatile.Read(ref _state) != Free && _owner == Task.Current;

    internal void Release()
    {
        OnRelease();
        if (_owner != Task.Current)
        {
            // A copy of a guard that was disposed already.
            Panic.Halt("a mutex is released by a task that does not hold it");
        }

        _owner = null;
        if (Interlocked.CompareExchange(ref _state, Free, Held) == Held)
        {
            return;
        }

        bool wereEnabled = _lock.Enter();
        Waiter? first = _waiters.First;
        if (first is null)
        {
            Volatile.Write(ref _state, Free);
        }
        else
        {
            if (first.FailedAttempts >= AttemptsBeforeHandOver)
            {
                _waiters.Remove(first); // handed over: the state stays held
                Volatile.Write(ref _state, _waiters.IsEmpty ? Held : HeldWithWaiters);
            }
            else
            {
                Volatile.Write(ref _state, Free);
            }

            first.IsWoken = true;
            Scheduler.Wake(first.Task);
        }

        _lock.Exit(wereEnabled);
        if (first is not null)
        {
            Scheduler.PreemptIfAllowed();
        }
    }

    // For debug kernels (LockOrder); elsewhere the calls are not compiled.
    partial void OnTake(int subclass);

    partial void OnTakenWithoutWait();

    partial void OnRelease();

    private void AcquireSlow(Task current)
    {
        if (_owner == current)
        {
            Panic.Halt("a mutex is acquired twice by the same task");
        }

        Waiter waiter = current.RentWaiter();
        waiter.FailedAttempts = 0;
        current.IsInUninterruptibleWait = true;
        bool wereEnabled = _lock.Enter();
        _waiters.Append(waiter);
        while (true)
        {
            waiter.IsWoken = false;
            if (Interlocked.Exchange(ref _state, HeldWithWaiters) == Free)
            {
                _waiters.Remove(waiter);
                if (_waiters.IsEmpty)
                {
                    Volatile.Write(ref _state, Held);
                }

                break;
            }

            waiter.FailedAttempts++;
            _lock.Exit(wereEnabled);
            Scheduler.PrepareToSleep(current);
            while (!waiter.IsWoken)
            {
                Scheduler.Sleep(current);
                Scheduler.PrepareToSleep(current);
            }

            Scheduler.CancelSleep(current);
            wereEnabled = _lock.Enter();
            if (!waiter.IsQueued)
            {
                break;
            }
        }

        _lock.Exit(wereEnabled);
        current.IsInUninterruptibleWait = false;
        current.ReturnWaiter(waiter);
    }
}

/// <summary>Proof that a <see cref="Mutex"/> is held; disposing releases it, a second time has no effect.</summary>
[MustNotCopy]
public ref struct MutexGuard
{
    private Mutex? _mutex;

    internal MutexGuard(Mutex mutex) => _mutex = mutex;

    /// <summary>Releases the mutex and wakes the first that waits; panics if another task holds it by now. A second time has no effect.</summary>
    public void Dispose()
    {
        Mutex? held = _mutex;
        _mutex = null;
        held?.Release();
    }
}
