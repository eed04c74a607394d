// SPDX-License-Identifier: MPL-2.0
using System.Threading;
using Ostd.Arch;
using Ostd.Runtime;

namespace Ostd.Sync;

/// <summary>OSTD's innermost lock: a flag, taken with interrupts off, for the queues that <see cref="SpinLock"/> and the sleeping locks are themselves made of. A mutable field, never a copy.</summary>
internal struct RawSpinLock
{
    private int _isHeld;

    /// <summary>Turns interrupts off and takes the lock.</summary>
    /// <returns>What <see cref="Exit"/> wants back: whether interrupts were on.</returns>
    [InterruptSafe]
    public bool Enter()
    {
        bool wereEnabled = Interrupts.Disable();
        EnterWithInterruptsOff();
        return wereEnabled;
    }

    /// <summary>Takes the lock; the caller has turned interrupts off.</summary>
    [InterruptSafe]
    public void EnterWithInterruptsOff()
    {
        while (Interlocked.CompareExchange(ref _isHeld, 1, 0) != 0)
        {
            while (Volatile.Read(ref _isHeld) != 0)
            {
                Boot.Panic.CheckNotStopped();
                World.Poll();
                Interrupts.SpinHint();
            }
        }
    }

    /// <summary>Takes the lock if it is free; the caller has turned interrupts off.</summary>
    [InterruptSafe]
    public bool TryEnterWithInterruptsOff() => Interlocked.CompareExchange(ref _isHeld, 1, 0) == 0;

    /// <summary>Releases the lock and puts interrupts back.</summary>
    [InterruptSafe]
    public void Exit(bool wereEnabled)
    {
        Volatile.Write(ref _isHeld, 0);
        Interrupts.Restore(wereEnabled);
    }

    /// <summary>Releases the lock alone.</summary>
    [InterruptSafe]
    public void ExitWithInterruptsOff() => Volatile.Write(ref _isHeld, 0);
}
