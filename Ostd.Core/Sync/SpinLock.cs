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
public sealed class SpinLock
{
    // 0 when free, else the holder: see ThisCpu.HolderId.
    private int _holder;

    /// <summary>Acquires with preemption off: for data that no interrupt handler touches.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public SpinGuard Acquire()
    {
        if (ThisCpu.TakeWithoutPreemption(ref _holder) != 0)
        {
            Contend();
        }

        return new SpinGuard(this, turnsInterruptsOn: false);
    }

    /// <summary>Acquires with this CPU's interrupts off: for data that an interrupt handler touches as well.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public SpinGuard AcquireIrqSafe()
    {
        bool wereEnabled = Interrupts.Disable();
        if (ThisCpu.TakeWithoutPreemption(ref _holder) != 0)
        {
            Contend();
        }

        return new SpinGuard(this, wereEnabled);
    }

    /// <summary>Releases it and takes the holder's <see cref="ThisCpu.DisablePreemption"/> back.</summary>
    /// <returns>True when preemption is on again and the task should give way.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool Exit() => ThisCpu.ReleaseAndEnablePreemption(ref _holder);

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

            World.Poll();
            Interrupts.SpinHint();
        }
        while (Interlocked.CompareExchange(ref _holder, me, 0) != 0);
    }
}

/// <summary>Proof that a <see cref="SpinLock"/> is held; disposing releases it, a second time has no effect.</summary>
public ref struct SpinGuard
{
    private readonly bool _turnsInterruptsOn;
    private SpinLock? _lock;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal SpinGuard(SpinLock spinLock, bool turnsInterruptsOn)
    {
        _lock = spinLock;
        _turnsInterruptsOn = turnsInterruptsOn;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Dispose()
    {
        SpinLock? held = _lock;
        if (held is null)
        {
            return;
        }

        _lock = null;
        bool shouldGiveWay = held.Exit();
        if (_turnsInterruptsOn)
        {
            Interrupts.Enable();
        }

        if (shouldGiveWay)
        {
            Preemption.GiveWay();
        }
    }
}
