// SPDX-License-Identifier: MPL-2.0
using Ostd.Arch;
using Ostd.Boot;

namespace Ostd.Tasks;

/// <summary>Preemption of this CPU is off until disposed.</summary>
[MustNotCopy]
public ref struct PreemptGuard
{
    private bool _isActive;

    /// <summary>Turns preemption off on this CPU. It nests: each guard counts.</summary>
    public static PreemptGuard Disable()
    {
        ThisCpu.DisablePreemption();
        return new PreemptGuard { _isActive = true };
    }

    /// <summary>Takes this guard's count back; the last one turns preemption on and gives way if that is due. A second time has no effect.</summary>
    public void Dispose()
    {
        if (_isActive)
        {
            _isActive = false;
            Preemption.Enable();
        }
    }
}

/// <summary>This CPU's interrupts are off until disposed.</summary>
[MustNotCopy]
public ref struct InterruptGuard
{
    private bool _wereEnabled;

    /// <summary>Turns this CPU's interrupts off.</summary>
    public static InterruptGuard Disable() => new() { _wereEnabled = Interrupts.Disable() };

    /// <summary>Turns interrupts on again if they were on before, and gives way if that is due. A second time has no effect.</summary>
    public void Dispose()
    {
        bool wereEnabled = _wereEnabled;
        _wereEnabled = false;
        if (wereEnabled)
        {
            Interrupts.Enable();
            if (ThisCpu.NeedReschedule && ThisCpu.PreemptCount == 0)
            {
                Scheduler.PreemptCurrent();
            }
        }
    }
}

/// <summary>Atomic mode: preemption or interrupts are off, or an interrupt handler runs; sleeping is a panic.</summary>
public static class AtomicMode
{
    /// <summary>True in atomic mode.</summary>
    [InterruptSafe]
    public static bool IsActive => ThisCpu.PreemptCount != 0 || !Interrupts.AreEnabled;

    /// <summary>Panics in atomic mode: what may sleep calls it first, so that a misuse is found even when it would not have slept.</summary>
    [InterruptSafe]
    public static void MightSleep()
    {
        if (IsActive)
        {
            Panic.Halt(ThisCpu.PreemptCount != 0 ? "sleeping with preemption off (a spinning lock is held?)" : "sleeping with interrupts off");
        }
    }
}
