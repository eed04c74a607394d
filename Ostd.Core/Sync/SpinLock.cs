// SPDX-License-Identifier: MPL-2.0
using System.Threading;
using Ostd.Arch;
using Ostd.Boot;
using Ostd.Runtime;
using Ostd.Tasks;

namespace Ostd.Sync;

/// <summary>
/// A spinning lock. Holding it is atomic mode: no sleeping, no user memory. Not recursive. Always <c>using var guard = lock.Acquire();</c>
/// </summary>
public sealed class SpinLock
{
    // 0 when free, else the holder: see ThisCpu.HolderId.
    private int _holder;

    /// <summary>Acquires with preemption off: for data that no interrupt handler touches.</summary>
    public SpinGuard Acquire()
    {
        ThisCpu.DisablePreemption();
        Enter();
        return new SpinGuard(this, isIrqSafe: false, wereEnabled: false);
    }

    /// <summary>Acquires with this CPU's interrupts off: for data that an interrupt handler touches as well.</summary>
    public SpinGuard AcquireIrqSafe()
    {
        bool wereEnabled = Interrupts.Disable();
        ThisCpu.DisablePreemption();
        Enter();
        return new SpinGuard(this, isIrqSafe: true, wereEnabled);
    }

    internal void Exit() => Volatile.Write(ref _holder, 0);

    private void Enter()
    {
        int me = ThisCpu.HolderId;
        if (Interlocked.CompareExchange(ref _holder, me, 0) != 0)
        {
            Contend(me);
        }
    }

    private void Contend(int me)
    {
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
    private readonly bool _isIrqSafe;
    private readonly bool _wereEnabled;
    private SpinLock? _lock;

    internal SpinGuard(SpinLock spinLock, bool isIrqSafe, bool wereEnabled)
    {
        _lock = spinLock;
        _isIrqSafe = isIrqSafe;
        _wereEnabled = wereEnabled;
    }

    public void Dispose()
    {
        SpinLock? held = _lock;
        if (held is null)
        {
            return;
        }

        _lock = null;
        held.Exit();
        if (_isIrqSafe)
        {
            Interrupts.Restore(_wereEnabled);
        }

        Preemption.Enable();
    }
}
