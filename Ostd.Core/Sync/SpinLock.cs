// SPDX-License-Identifier: MPL-2.0
using System.Runtime.CompilerServices;
using System.Threading;
using Ostd.Arch;
using Ostd.Boot;
using Ostd.Runtime;
using Ostd.Tasks;

namespace Ostd.Sync;

/// <summary>
/// A spinning lock. Holding it is atomic mode: no sleeping, no user memory. Not recursive. Always <c>using var guard = lock.Acquire();</c>
/// </summary>
/// <remarks>Taking a free one and releasing it is compiled into the caller, and costs one call each (docs/runtime-costs.md keeps count); the rest stays out of line.</remarks>
public sealed partial class SpinLock
{
    // A level of OnTake.
    private const int InOrder = -1;

    // 0 when free, else the holder: see ThisCpu.HolderId.
    private int _holder;

    /// <summary>Acquires with preemption off: for data that no interrupt handler touches.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public SpinGuard Acquire()
    {
        OnTake(0);
        return AcquireCore();
    }

    /// <summary>The same, while another lock that was made at the same place is held (see <see cref="Mutex.AcquireNested"/>).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public SpinGuard AcquireNested(int level)
    {
        OnTake(level);
        return AcquireCore();
    }

    /// <summary>Acquires with this CPU's interrupts off: for data that an interrupt handler touches as well.</summary>
    [InterruptSafe]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public SpinGuard AcquireIrqSafe()
    {
        bool wereEnabled = Interrupts.Disable();
        OnTake(0);
        return AcquireCore(wereEnabled);
    }

    /// <summary>The same, while any number of locks that were made at the same place may be held: the caller knows an order between them that all keep.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public SpinGuard AcquireIrqSafeInOrder()
    {
        bool wereEnabled = Interrupts.Disable();
        OnTake(InOrder);
        return AcquireCore(wereEnabled);
    }

    /// <summary>Releases it and takes the holder's <see cref="ThisCpu.DisablePreemption"/> back.</summary>
    /// <returns>0, or what <see cref="FinishExit"/> wants.</returns>
    [InterruptSafe]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int Exit()
    {
        OnRelease();
        return ThisCpu.ReleaseAndEnablePreemption(ref _holder);
    }

    /// <summary>The rare ends of <see cref="Exit"/>.</summary>
    [InterruptSafe]
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static void FinishExit(int outcome)
    {
        // A copy of a guard that was disposed already: by now the lock may be somebody else's.
        if (outcome != ThisCpu.GiveWay)
        {
            Panic.Halt("a spinning lock is released by a CPU that does not hold it");
        }

        Preemption.GiveWay();
    }

    // For debug kernels (LockOrder); elsewhere the calls are not compiled.
    [InterruptSafe]
    partial void OnTake(int level);

    [InterruptSafe]
    partial void OnRelease();

    [InterruptSafe]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private SpinGuard AcquireCore(bool turnsInterruptsOn = false)
    {
        if (ThisCpu.TakeWithoutPreemption(ref _holder) != 0)
        {
            Contend();
        }

        return new SpinGuard(this, turnsInterruptsOn);
    }

    [InterruptSafe]
    private void Contend()
    {
        int me = ThisCpu.HolderId;
        do
        {
            // The holder cannot be preempted, so the same CPU can only mean recursion, or an interrupt handler that takes a lock which is not IRQ-safe.
            if (Volatile.Read(ref _holder) == me)
            {
                Panic.Halt("a spinning lock is taken twice on the same CPU");
            }

            Panic.CheckNotStopped();
            World.Poll();
            Interrupts.SpinHint();
        }
        while (Interlocked.CompareExchange(ref _holder, me, 0) != 0);
    }
}

/// <summary>Proof that a <see cref="SpinLock"/> is held; disposing releases it, a second time has no effect.</summary>
[MustNotCopy]
public ref struct SpinGuard
{
    private readonly bool _turnsInterruptsOn;
    private SpinLock? _lock;

    [InterruptSafe]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal SpinGuard(SpinLock spinLock, bool turnsInterruptsOn)
    {
        _lock = spinLock;
        _turnsInterruptsOn = turnsInterruptsOn;
    }

    /// <summary>Releases the lock, then turns interrupts on again if the acquiring turned them off; gives way to a better task if one came meanwhile. A second time has no effect; a copy that is disposed later is a panic.</summary>
    [InterruptSafe]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Dispose()
    {
        SpinLock? held = _lock;
        if (held is null)
        {
            return;
        }

        _lock = null;
        int outcome = held.Exit();
        if (_turnsInterruptsOn)
        {
            Interrupts.Enable();
        }

        if (outcome != 0)
        {
            SpinLock.FinishExit(outcome);
        }
    }
}
