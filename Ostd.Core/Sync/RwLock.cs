// SPDX-License-Identifier: MPL-2.0
using System.Threading;
using Ostd.Arch;
using Ostd.Boot;
using Ostd.Runtime;

namespace Ostd.Sync;

/// <summary>
/// A spinning readers-writer lock: many readers, or one writer, or readers beside one upgradeable reader. Holding it in any way is atomic mode: no sleeping, no user memory. Not recursive, not even for readers.
/// </summary>
/// <remarks>
/// <para>While a writer waits, or the upgradeable reader waits to write, new readers hold back, so that writers are not starved. Writers are not served in order, and among themselves nothing is promised.</para>
/// <para>What an interrupt handler touches as well is taken by the methods with <c>IrqSafe</c> in their names everywhere, for reading too: a handler that interrupts a reader of its own CPU would wait for a writer that
/// waits for that reader.</para>
/// <para>It pays where readers are many and hold it long. A <see cref="SpinLock"/> is smaller and faster; where readers must not wait at all there is <see cref="Rcu{T}"/>.</para>
/// </remarks>
public sealed partial class RwLock
{
    // The state: the number of readers, and these.
    private const int ReaderMask = Upgradeable - 1;
    private const int Upgradeable = 1 << 24;
    private const int WriterWaits = 1 << 25;
    private const int Writer = 1 << 26;

    private int _state;

    // The writer or upgradeable reader (ThisCpu.HolderId); 0 when there is none. Written by the holder alone.
    private int _holder;

    /// <summary>Acquires for reading with preemption off: for data that no interrupt handler touches. Spins while there is a writer or one waits.</summary>
    public RwLockReadGuard AcquireRead()
    {
        OnTake();
        EnterRead();
        return new RwLockReadGuard(this, turnsInterruptsOn: false);
    }

    /// <summary>Acquires for reading with this CPU's interrupts off: for data that an interrupt handler touches as well.</summary>
    public RwLockReadGuard AcquireReadIrqSafe()
    {
        bool wereEnabled = Interrupts.Disable();
        OnTake();
        EnterRead();
        return new RwLockReadGuard(this, wereEnabled);
    }

    /// <summary>Acquires for writing with preemption off. Spins until nobody else holds the lock.</summary>
    public RwLockWriteGuard AcquireWrite()
    {
        OnTake();
        EnterWrite();
        return new RwLockWriteGuard(this, turnsInterruptsOn: false);
    }

    /// <summary>Acquires for writing with this CPU's interrupts off.</summary>
    public RwLockWriteGuard AcquireWriteIrqSafe()
    {
        bool wereEnabled = Interrupts.Disable();
        OnTake();
        EnterWrite();
        return new RwLockWriteGuard(this, wereEnabled);
    }

    /// <summary>Acquires for reading, with preemption off, beside other readers but no second upgradeable one: <see cref="RwLockUpgradeableGuard.Upgrade"/> makes it a writer without letting another one in between.</summary>
    public RwLockUpgradeableGuard AcquireUpgradeable()
    {
        OnTake();
        EnterUpgradeable();
        return new RwLockUpgradeableGuard(this, turnsInterruptsOn: false);
    }

    /// <summary>The same with this CPU's interrupts off.</summary>
    public RwLockUpgradeableGuard AcquireUpgradeableIrqSafe()
    {
        bool wereEnabled = Interrupts.Disable();
        OnTake();
        EnterUpgradeable();
        return new RwLockUpgradeableGuard(this, wereEnabled);
    }

    internal void Upgrade()
    {
        CheckHolder(Upgradeable);
        while (true)
        {
            int state = Volatile.Read(ref _state);
            if ((state & ReaderMask) == 0)
            {
                // Writers that wait announce themselves again.
                if (Interlocked.CompareExchange(ref _state, Writer, state) == state)
                {
                    return;
                }
            }
            else
            {
                Announce(state);
                Pause();
            }
        }
    }

    internal void Downgrade()
    {
        CheckHolder(Writer);
        Interlocked.Add(ref _state, Upgradeable - Writer);
    }

    internal void ExitRead(bool turnsInterruptsOn)
    {
        OnRelease();
        int state = Volatile.Read(ref _state);
        while (true)
        {
            if ((state & ReaderMask) == 0)
            {
                Panic.Halt("a readers-writer lock is released that is not held");
            }

            int seen = Interlocked.CompareExchange(ref _state, state - 1, state);
            if (seen == state)
            {
                break;
            }

            state = seen;
        }

        LeaveAtomicMode(turnsInterruptsOn);
    }

    // Of a writer, and of an upgradeable reader whichever of the two it is now.
    internal void ExitExclusive(bool turnsInterruptsOn)
    {
        OnRelease();
        CheckHolder(Writer | Upgradeable);
        Volatile.Write(ref _holder, 0);
        Interlocked.And(ref _state, ~(Writer | Upgradeable));
        LeaveAtomicMode(turnsInterruptsOn);
    }

    // For debug kernels (LockOrder); elsewhere the calls are not compiled.
    partial void OnTake();

    partial void OnRelease();

    private static void LeaveAtomicMode(bool turnsInterruptsOn)
    {
        int outcome = ThisCpu.EnablePreemption();
        if (turnsInterruptsOn)
        {
            Interrupts.Enable();
        }

        if (outcome != 0)
        {
            SpinLock.FinishExit(outcome);
        }
    }

    private void EnterRead()
    {
        ThisCpu.DisablePreemption();
        while (!TryEnter(blockedBy: Writer | WriterWaits, change: 1))
        {
            CheckNotRecursive();
            Pause();
        }
    }

    private void EnterUpgradeable()
    {
        ThisCpu.DisablePreemption();
        while (!TryEnter(blockedBy: Writer | WriterWaits | Upgradeable, change: Upgradeable))
        {
            CheckNotRecursive();
            Pause();
        }

        Volatile.Write(ref _holder, ThisCpu.HolderId);
    }

    private void EnterWrite()
    {
        ThisCpu.DisablePreemption();
        while (true)
        {
            int state = Volatile.Read(ref _state);
            if ((state & ~WriterWaits) != 0)
            {
                CheckNotRecursive();
                Announce(state);
                Pause();
            }
            else if (Interlocked.CompareExchange(ref _state, Writer, state) == state)
            {
                // The mark of other writers that wait is gone too: they set it again.
                Volatile.Write(ref _holder, ThisCpu.HolderId);
                return;
            }
        }
    }

    private bool TryEnter(int blockedBy, int change)
    {
        int state = Volatile.Read(ref _state);
        return (state & blockedBy) == 0 && Interlocked.CompareExchange(ref _state, state + change, state) == state;
    }

    // Makes new readers hold back. Whoever does this goes on until it is the writer, which takes the mark away.
    private void Announce(int state)
    {
        if ((state & WriterWaits) == 0)
        {
            Interlocked.CompareExchange(ref _state, state | WriterWaits, state);
        }
    }

    private void CheckNotRecursive()
    {
        // The holder cannot be preempted, so the same CPU can only mean recursion, or an interrupt handler that takes a lock which is not taken IRQ-safe.
        if (Volatile.Read(ref _holder) == ThisCpu.HolderId)
        {
            Panic.Halt("a readers-writer lock is taken twice on the same CPU");
        }
    }

    private void CheckHolder(int how)
    {
        if ((Volatile.Read(ref _state) & how) == 0 || _holder != ThisCpu.HolderId)
        {
            // A copy of a guard that was disposed already.
            Panic.Halt("a readers-writer lock is released or changed by a CPU that does not hold it");
        }
    }

    private static void Pause()
    {
        Panic.CheckNotStopped();
        World.Poll();
        Interrupts.SpinHint();
    }
}
